/** The values of a template, as Python has them: truth, equality, order, and how they are written. */
import { floatText, quotedText } from './python-text'

export type Value =
  | Undefined
  | null
  | boolean
  | number
  | Float
  | string
  | readonly Value[]
  | Tuple
  | Dict
  | Namespace
  | Callable
  | Attributes

export type Dict = ReadonlyMap<Value, Value>

/** A name that stands for nothing, or a part that is not there. */
export class Undefined {
  /** @param said that it is not there, as a sentence */
  constructor(readonly said: string) {}
}

/** A number with a fraction that may be whole: JavaScript does not tell 2.0 from 2. */
export class Float {
  constructor(readonly value: number) {}
}

export class Tuple {
  constructor(readonly items: readonly Value[]) {}
}

/** What `namespace()` makes: the one value that a template may change. */
export class Namespace {
  readonly values = new Map<string, Value>()
}

/** A value of which only its parts are seen, such as `loop`. */
export class Attributes {
  constructor(readonly of: (name: string) => Value | undefined) {}
}

export interface Given {
  readonly args: readonly Value[]
  readonly named: ReadonlyMap<string, Value>
}

export class Callable {
  constructor(
    readonly name: string,
    readonly call: (given: Given) => Value,
  ) {}
}

/** A value of a template that went wrong, as Python says it. */
export class TemplateError extends Error {}
export const fail = (problem: string): never => {
  throw new TemplateError(problem)
}

/** Names that begin with an underscore are Python's own. */
export const ownName = (name: string): string =>
  name.startsWith('_')
    ? fail(
        'Chat templates cannot store underscore-prefixed attributes on a namespace, but got ' +
          `'${name}'. Please rename the attribute.`,
      )
    : name

/** From JSON. */
export function valueOf(json: unknown): Value {
  if (json === undefined) return new Undefined('it is undefined')
  if (typeof json === 'function') return new Callable('function', json as Callable['call'])
  if (Array.isArray(json)) return json.map(valueOf)
  if (typeof json !== 'object' || json === null) return json as Value
  if (json instanceof Callable) return json
  return new Map(Object.entries(json).map(([name, each]) => [name, valueOf(each)]))
}

export const isList = (value: Value): value is readonly Value[] => Array.isArray(value)
export const isDict = (value: Value): value is Dict => value instanceof Map
export const isNumber = (value: Value): value is number | Float | boolean =>
  typeof value === 'number' || typeof value === 'boolean' || value instanceof Float
export const numberOf = (value: number | Float | boolean): number =>
  value instanceof Float ? value.value : Number(value)
export const isFloat = (value: Value): boolean =>
  value instanceof Float || (typeof value === 'number' && !Number.isInteger(value))

export function isTrue(value: Value): boolean {
  if (value === null || value instanceof Undefined) return false
  if (isNumber(value)) return numberOf(value) !== 0
  if (typeof value === 'string' || isList(value)) return value.length > 0
  if (value instanceof Tuple) return value.items.length > 0
  return isDict(value) ? value.size > 0 : true
}

/** What a `for` goes through. */
export function itemsOf(value: Value): readonly Value[] {
  if (isList(value)) return value
  if (value instanceof Tuple) return value.items
  if (typeof value === 'string') return [...value]
  if (isDict(value)) return [...value.keys()]
  if (value instanceof Undefined) return []
  return fail(`'${typeName(value)}' object is not iterable`)
}

export const isIterable = (value: Value): boolean =>
  isList(value) ||
  value instanceof Tuple ||
  typeof value === 'string' ||
  isDict(value) ||
  value instanceof Undefined

const names: readonly (readonly [(value: Value) => boolean, string])[] = [
  [(value) => value === null, 'NoneType'],
  [(value) => value instanceof Undefined, 'Undefined'],
  [(value) => typeof value === 'boolean', 'bool'],
  [isFloat, 'float'],
  [(value) => typeof value === 'number', 'int'],
  [(value) => typeof value === 'string', 'str'],
  [isList, 'list'],
  [(value) => value instanceof Tuple, 'tuple'],
  [isDict, 'dict'],
  [(value) => value instanceof Namespace, 'Namespace'],
]

export const typeName = (value: Value): string => names.find(([isOne]) => isOne(value))?.[1] ?? 'function'

/** `str`. */
export const textOf = (value: Value): string =>
  typeof value === 'string' ? value : value instanceof Undefined ? '' : written(value)

/** `repr`. */
export function written(value: Value): string {
  if (value === null) return 'None'
  if (value instanceof Undefined) return 'Undefined'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (isNumber(value)) return isFloat(value) ? floatText(numberOf(value)) : String(value)
  if (typeof value === 'string') return quotedText(value)
  if (isList(value)) return `[${value.map(written).join(', ')}]`
  if (value instanceof Tuple)
    return `(${value.items.map(written).join(', ')}${value.items.length === 1 ? ',' : ''})`
  if (isDict(value))
    return `{${[...value].map(([key, each]) => `${written(key)}: ${written(each)}`).join(', ')}}`
  return value instanceof Namespace ? `<Namespace ${written(new Map(value.values))}>` : '<function>'
}

export function isEqual(a: Value, b: Value): boolean {
  if (isNumber(a) && isNumber(b)) return numberOf(a) === numberOf(b)
  if (a instanceof Undefined && b instanceof Undefined) return true
  if (isList(a) && isList(b)) return areEqual(a, b)
  if (a instanceof Tuple && b instanceof Tuple) return areEqual(a.items, b.items)
  if (isDict(a) && isDict(b))
    return a.size === b.size && [...a].every(([key, each]) => b.has(key) && isEqual(each, b.get(key)!))
  return a === b
}

const areEqual = (a: readonly Value[], b: readonly Value[]): boolean =>
  a.length === b.length && a.every((each, place) => isEqual(each, b[place]!))

/** Below 0 where a comes first. @throws TemplateError where Python has no order */
export function order(a: Value, b: Value): number {
  if (isNumber(a) && isNumber(b)) return numberOf(a) - numberOf(b)
  if (typeof a === 'string' && typeof b === 'string') return orderOfTexts(a, b)
  const [first, second] = [a, b].map((each) => (each instanceof Tuple ? each.items : each)) as [Value, Value]
  if (!isList(first) || !isList(second))
    return fail(`'<' not supported between instances of '${typeName(a)}' and '${typeName(b)}'`)
  const place = first.findIndex((each, index) => index >= second.length || !isEqual(each, second[index]!))
  if (place < 0) return first.length - second.length
  return place >= second.length ? 1 : order(first[place]!, second[place]!)
}

/** By characters, not by halves of them. */
function orderOfTexts(a: string, b: string): number {
  if (a === b) return 0
  const [first, second] = [[...a], [...b]]
  const place = first.findIndex((each, index) => each !== second[index])
  if (place < 0) return -1
  return place >= second.length ? 1 : first[place]!.codePointAt(0)! - second[place]!.codePointAt(0)!
}

/** `in`. */
export function contains(all: Value, one: Value): boolean {
  if (typeof all === 'string')
    return typeof one === 'string'
      ? all.includes(one)
      : fail(`'in <string>' requires string as left operand, not ${typeName(one)}`)
  if (isDict(all)) return all.has(one)
  if (!isIterable(all)) return fail(`argument of type '${typeName(all)}' is not iterable`)
  return itemsOf(all).some((each) => isEqual(each, one))
}
