/** A template at work: one row for each kind of statement. */
import { called, givenTo, valueOf } from './evaluate'
import { Output, type Frame } from './frame'
import { loopParts } from './loop'
import type { Block, Expression, MacroParts, Statement, Target } from './nodes'
import {
  Callable,
  fail,
  isTrue,
  itemsOf,
  Namespace,
  ownName,
  textOf,
  Tuple,
  Undefined,
  type Given,
  type Value,
} from './values'

/** How a block ended: `break` and `continue` leave those around it, too. */
type Ending = 'done' | 'break' | 'continue'
type Node<T extends Statement['type']> = Statement extends infer S
  ? S extends { readonly type: infer Types }
    ? T extends Types
      ? S
      : never
    : never
  : never
type Runners = { readonly [T in Statement['type']]: (node: Node<T>, frame: Frame) => Ending | undefined }

export function run(block: Block, frame: Frame): Ending {
  for (const statement of block) {
    frame.work.step()
    const ending = (runners[statement.type] as (node: Statement, frame: Frame) => Ending | undefined)(
      statement,
      frame,
    )
    if (ending && ending !== 'done') return ending
  }
  return 'done'
}

const runners: Runners = {
  text: ({ text }, { output }) => void output.write(text),
  output: ({ of }, frame) => void frame.output.write(textOf(valueOf(of, frame))),
  if: ({ test, yes, no }, frame) => run(isTrue(valueOf(test, frame)) ? yes : no, frame),
  for: loop,
  set: ({ target, value }, frame) => void assign(target, valueOf(value, frame), frame),
  'set-block': ({ target, filter, body }, frame) =>
    void assign(target, filteredText(filter, written(body, frame), frame), frame),
  macro: (parts, frame) => void frame.set(parts.name, macro(parts, frame)),
  'call-block': ({ call, ...parts }, frame) => {
    if (call.type !== 'call') return fail('a call block calls something')
    const { args, named } = givenTo(call.given, frame)
    const caller = macro(parts, frame)
    const made = called(valueOf(call.of, frame), { args, named: new Map([...named, ['caller', caller]]) })
    return void frame.output.write(textOf(made))
  },
  'filter-block': ({ filter, body }, frame) =>
    void frame.output.write(textOf(filteredText(filter, written(body, frame), frame))),
  with: ({ values, body }, frame) => {
    const inner = frame.inner()
    for (const [target, value] of values) assign(target, valueOf(value, frame), inner)
    return run(body, inner)
  },
  generation: ({ body }, frame) => {
    const from = frame.output.length
    const text = written(body, frame)
    frame.output.write(text)
    frame.work.generated.push({ from, to: from + text.length })
    return undefined
  },
  break: () => 'break',
  continue: () => 'continue',
}

/** What a block writes, as a value: its names are its own. */
function written(body: Block, frame: Frame): string {
  const output = new Output()
  run(body, frame.inner(output))
  return output.text()
}

/** A filter that stands before what it filters. */
function filteredText(filter: Expression | undefined, text: string, frame: Frame): Value {
  return filter ? valueOf(innermost(filter, text), frame) : text
}

function innermost(filter: Expression, text: string): Expression {
  if (filter.type !== 'filter') return { type: 'constant', value: text }
  return { ...filter, of: filter.of ? innermost(filter.of, text) : { type: 'constant', value: text } }
}

function assign(target: Target, value: Value, frame: Frame): void {
  if (target.type === 'name') frame.set(target.name, value)
  else if (target.type === 'part') {
    const of = frame.value(target.of)
    if (!(of instanceof Namespace)) return fail('cannot assign attribute on non-namespace object')
    of.values.set(ownName(target.name), value)
  } else {
    const items = itemsOf(value)
    if (items.length !== target.items.length)
      return fail(
        items.length > target.items.length
          ? `too many values to unpack (expected ${target.items.length})`
          : `not enough values to unpack (expected ${target.items.length}, got ${items.length})`,
      )
    for (const [place, each] of target.items.entries()) assign(each, items[place]!, frame)
  }
}

function loop({ target, of, test, body, none }: Node<'for'>, frame: Frame): Ending | undefined {
  const all = itemsOf(valueOf(of, frame))
  const items = test
    ? all.filter((item) => {
        const inner = frame.inner()
        assign(target, item, inner)
        return isTrue(valueOf(test, inner))
      })
    : all
  if (items.length === 0) return run(none, frame)
  const shared: { seen?: Value } = {}
  for (const [place, item] of items.entries()) {
    frame.work.step()
    const inner = frame.inner()
    assign(target, item, inner)
    inner.set('loop', loopParts(items, place, frame, shared))
    if (run(body, inner) === 'break') break
  }
  return undefined
}

function macro({ name, parameters, body }: MacroParts, frame: Frame): Callable {
  return new Callable(name, ({ args, named }: Given) => {
    const output = new Output()
    const inner = frame.inner(output)
    const left = new Map(named)
    for (const [place, parameter] of parameters.entries()) {
      const given = args[place] ?? left.get(parameter.name)
      left.delete(parameter.name)
      inner.set(
        parameter.name,
        given ??
          (parameter.usual
            ? valueOf(parameter.usual, inner)
            : new Undefined(`parameter '${parameter.name}' was not provided`)),
      )
    }
    const caller = left.get('caller')
    if (caller !== undefined) inner.set('caller', caller)
    left.delete('caller')
    inner.set('varargs', new Tuple(args.slice(parameters.length)))
    inner.set('kwargs', new Map(left))
    run(body, inner)
    return output.text()
  })
}
