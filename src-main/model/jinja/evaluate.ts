/** Values of expressions. */
import { added, arithmetic } from './arithmetic'
import { filters } from './filters'
import { sound, type Frame } from './frame'
import type { ByName } from './given'
import type { Arguments, Expression } from './nodes'
import { attributeOf, itemOf, sliceOf } from './parts'
import { tests } from './tests'
import {
  Callable,
  contains,
  fail,
  isDict,
  isEqual,
  isTrue,
  itemsOf,
  order,
  textOf,
  Tuple,
  typeName,
  Undefined,
  type Given,
  type Value,
} from './values'

type Node<T extends Expression['type']> = Expression extends infer E
  ? E extends { readonly type: infer Types }
    ? T extends Types
      ? E
      : never
    : never
  : never

type Evaluators = { readonly [T in Expression['type']]: (node: Node<T>, frame: Frame) => Value }

export function valueOf(node: Expression, frame: Frame): Value {
  frame.work.step()
  return (evaluators[node.type] as (node: Expression, frame: Frame) => Value)(node, frame)
}

const all = (items: readonly Expression[], frame: Frame): readonly Value[] =>
  items.map((item) => valueOf(item, frame))

const evaluators: Evaluators = {
  constant: ({ value }) => value,
  name: ({ name }, frame) => frame.value(name),
  list: ({ items }, frame) => all(items, frame),
  tuple: ({ items }, frame) => new Tuple(all(items, frame)),
  dict: ({ entries }, frame) =>
    new Map(entries.map(([key, value]) => [valueOf(key, frame), valueOf(value, frame)])),
  attribute: ({ of, name }, frame) => attributeOf(valueOf(of, frame), name),
  item: ({ of, key }, frame) => itemOf(valueOf(of, frame), valueOf(key, frame)),
  slice: ({ of, bounds }, frame) =>
    sliceOf(
      valueOf(of, frame),
      bounds.map((bound) => (bound ? valueOf(bound, frame) : null)),
    ),
  call: ({ of, given }, frame) => called(valueOf(of, frame), givenTo(given, frame)),
  filter: ({ of, name, given }, frame) =>
    filtered(name, of ? valueOf(of, frame) : fail('a filter has nothing to filter'), givenTo(given, frame)),
  test: ({ of, name, given }, frame) => tested(name, valueOf(of, frame), givenTo(given, frame)),
  not: ({ of }, frame) => !isTrue(valueOf(of, frame)),
  negative: ({ of }, frame) => arithmetic('-', 0, valueOf(of, frame)),
  positive: ({ of }, frame) => arithmetic('+', 0, valueOf(of, frame)),
  and: ({ left, right }, frame) => {
    const first = valueOf(left, frame)
    return isTrue(first) ? valueOf(right, frame) : first
  },
  or: ({ left, right }, frame) => {
    const first = valueOf(left, frame)
    return isTrue(first) ? first : valueOf(right, frame)
  },
  arithmetic: ({ sign, left, right }, frame) => {
    const [a, b] = [valueOf(left, frame), valueOf(right, frame)]
    return sign === '+' ? added(a, b) : arithmetic(sign, a, b)
  },
  joined: ({ items }, frame) => sound(all(items, frame).map(textOf).join('')),
  compared: ({ first, others }, frame) => {
    let left = valueOf(first, frame)
    for (const [sign, other] of others) {
      const right = valueOf(other, frame)
      if (!comparisons[sign]!(left, right)) return false
      left = right
    }
    return true
  },
  choice: ({ test, yes, no }, frame) => {
    if (isTrue(valueOf(test, frame))) return valueOf(yes, frame)
    return no ? valueOf(no, frame) : new Undefined('an if without else has no value')
  },
}

const comparisons: Readonly<Record<string, (a: Value, b: Value) => boolean>> = {
  '==': isEqual,
  '!=': (a, b) => !isEqual(a, b),
  '<': (a, b) => order(a, b) < 0,
  '<=': (a, b) => order(a, b) <= 0,
  '>': (a, b) => order(b, a) < 0,
  '>=': (a, b) => order(b, a) <= 0,
  in: (a, b) => contains(b, a),
  'not in': (a, b) => !contains(b, a),
}

export function givenTo({ args, named, rest, namedRest }: Arguments, frame: Frame): Given {
  const more = namedRest ? valueOf(namedRest, frame) : new Map<Value, Value>()
  if (!isDict(more)) return fail(`argument after ** must be a mapping, not ${typeName(more)}`)
  return {
    args: [...all(args, frame), ...(rest ? itemsOf(valueOf(rest, frame)) : [])],
    named: new Map([
      ...named.map(([name, value]) => [name, valueOf(value, frame)] as const),
      ...[...more].map(([name, value]) => [textOf(name), value] as const),
    ]),
  }
}

export function called(callee: Value, given: Given): Value {
  if (callee instanceof Callable) return callee.call(given)
  if (callee instanceof Undefined) return fail(callee.said)
  return fail(`'${typeName(callee)}' object is not callable`)
}

/** A filter, or another one that applies filters by name: they are told how. */
function filtered(name: string, value: Value, given: Given): Value {
  const filter = Object.hasOwn(filters, name) ? filters[name] : undefined
  return filter ? filter(value, given, byName) : fail(`No filter named '${name}'.`)
}

function tested(name: string, value: Value, given: Given): boolean {
  const test = Object.hasOwn(tests, name) ? tests[name] : undefined
  return test ? test(value, given.args) : fail(`No test named '${name}'.`)
}

const byName: ByName = { filter: filtered, test: tested }
