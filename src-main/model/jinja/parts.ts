/** Attributes, items and slices. */
import { dictMethods, listMethods } from './containers'
import { textMethods } from './texts'
import {
  Attributes,
  Callable,
  fail,
  isDict,
  isList,
  Namespace,
  Tuple,
  typeName,
  Undefined,
  written,
  type Given,
  type Value,
} from './values'

/** `a.name`: a method before an item. */
export function attributeOf(of: Value, name: string): Value {
  if (of instanceof Undefined) return fail(of.said)
  return methodOf(of, name) ?? own(of, name) ?? missing(of, name)
}

/** `a[key]`: an item before a method. */
export function itemOf(of: Value, key: Value): Value {
  if (of instanceof Undefined) return fail(of.said)
  if (typeof key === 'number' || typeof key === 'boolean') return placeIn(of, Number(key)) ?? missing(of, key)
  if (isDict(of) && of.has(key)) return of.get(key)!
  if (typeof key !== 'string') return missing(of, key)
  return own(of, key) ?? methodOf(of, key) ?? missing(of, key)
}

function own(of: Value, name: string): Value | undefined {
  if (isDict(of)) return of.get(name)
  if (of instanceof Namespace) return of.values.get(name)
  return of instanceof Attributes ? of.of(name) : undefined
}

function placeIn(of: Value, place: number): Value | undefined {
  if (isDict(of)) return of.get(place)
  const items = sequence(of)
  return items?.at(place)
}

const sequence = (of: Value): readonly Value[] | undefined =>
  typeof of === 'string' ? [...of] : isList(of) ? of : of instanceof Tuple ? of.items : undefined

type Method<T> = (of: T, given: Given) => Value
const bound = <T>(
  methods: Readonly<Record<string, Method<T>>>,
  of: T,
  name: string,
): Callable | undefined => {
  const method = Object.hasOwn(methods, name) ? methods[name] : undefined
  return method && new Callable(name, (given) => method(of, given))
}

/** Its own methods alone: items of a dictionary are none. */
export function methodOf(of: Value, name: string): Value | undefined {
  if (typeof of === 'string') return bound(textMethods, of, name)
  if (isDict(of)) return bound(dictMethods, of, name)
  if (isList(of)) return bound(listMethods, of, name)
  return of instanceof Tuple ? bound(listMethods, of.items, name) : undefined
}

const missing = (of: Value, key: Value): Undefined =>
  new Undefined(
    `'${typeName(of)} object' has no ${typeof key === 'string' ? `attribute '${key}'` : `element ${written(key)}`}`,
  )

/** `a[start:stop:step]`. */
export function sliceOf(of: Value, [from = null, to = null, by = null]: readonly Value[]): Value {
  if (of instanceof Undefined) return fail(of.said)
  const items = sequence(of)
  if (!items) return fail(`'${typeName(of)}' object is not subscriptable`)
  const step = wholeNumber(by) ?? 1
  if (step === 0) return fail('slice step cannot be zero')
  const { length } = items
  const [least, most] = step > 0 ? [0, length] : [-1, length - 1]
  const within = (place: number | undefined, usual: number): number =>
    place === undefined ? usual : Math.min(most, Math.max(least, place < 0 ? place + length : place))
  const start = within(wholeNumber(from), step > 0 ? 0 : length - 1)
  const stop = within(wholeNumber(to), step > 0 ? length : -1)
  const taken: Value[] = []
  for (let place = start; step > 0 ? place < stop : place > stop; place += step) taken.push(items[place]!)
  if (typeof of === 'string') return taken.join('')
  return of instanceof Tuple ? new Tuple(taken) : taken
}

const wholeNumber = (value: Value): number | undefined => {
  if (value === null) return undefined
  if (typeof value === 'number' || typeof value === 'boolean') return Number(value)
  return fail('slice indices must be integers or None or have an __index__ method')
}
