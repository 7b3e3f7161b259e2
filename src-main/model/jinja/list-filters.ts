/** Filters of lists, and of what else can be gone through. */
import { roomFor } from './frame'
import { added } from './arithmetic'
import { argument, textArgument, truthArgument, wholeArgument, type ByName } from './given'
import { itemOf, methodOf } from './parts'
import {
  fail,
  isEqual,
  isTrue,
  itemsOf,
  order,
  textOf,
  Tuple,
  Undefined,
  type Given,
  type Value,
} from './values'

type Filter = (value: Value, given: Given, byName: ByName) => Value

const rest = ({ args, named }: Given, count: number): Given => ({ args: args.slice(count), named })

/** `"a.b.0"`, or the item of a number. */
function partOf(value: Value, path: Value): Value {
  if (typeof path !== 'string') return itemOf(value, path)
  return path
    .split('.')
    .reduce<Value>((of, name) => itemOf(of, /^\d+$/.test(name) ? Number(name) : name), value)
}

const keyOf =
  (given: Given, place: number, isCased: boolean) =>
  (value: Value): Value => {
    const path = argument(given, place, 'attribute') ?? null
    const key = path === null ? value : partOf(value, path)
    return typeof key === 'string' && !isCased ? key.toLowerCase() : key
  }

/** Some filters go through nothing where there is nothing, `none` among it. */
const itemsOrNone = (value: Value): readonly Value[] => (isTrue(value) ? itemsOf(value) : [])

/** @param keeps whether those that pass are kept, or the others */
const selected =
  (keeps: boolean, hasAttribute: boolean): Filter =>
  (value, given, byName) => {
    const path = hasAttribute ? (given.args[0] ?? fail('Missing parameter for attribute name')) : null
    const [test, ...args] = given.args.slice(hasAttribute ? 1 : 0)
    return itemsOrNone(value).filter((each) => {
      const tried = path === null ? each : partOf(each, path)
      const passes =
        test === undefined ? isTrue(tried) : byName.test(textOf(test), tried, { args, named: given.named })
      return passes === keeps
    })
  }

const mapped: Filter = (value, given, byName) => {
  const path = given.named.get('attribute')
  if (given.args.length === 0 && path !== undefined) {
    const usual = given.named.get('default')
    return itemsOrNone(value).map((each) => {
      const found = partOf(each, path)
      return found instanceof Undefined && usual !== undefined ? usual : found
    })
  }
  const name = given.args[0] ?? fail('map requires a filter argument')
  return itemsOrNone(value).map((each) => byName.filter(textOf(name), each, rest(given, 1)))
}

const extreme =
  (sign: 1 | -1): Filter =>
  (value, given) => {
    const key = keyOf(given, 1, truthArgument(given, 0, 'case_sensitive'))
    const [first, ...others] = itemsOf(value)
    if (first === undefined) return new Undefined('an empty sequence has no such item')
    return others.reduce((best, each) => (sign * order(key(each), key(best)) < 0 ? each : best), first)
  }

const sorted: Filter = (value, given) => {
  const paths = textArgument(given, 2, 'attribute', '').split(',')
  const isCased = truthArgument(given, 1, 'case_sensitive')
  const keys = paths.map((path) =>
    keyOf({ args: [], named: new Map(path === '' ? [] : [['attribute', path]]) }, 0, isCased),
  )
  const by = (a: Value, b: Value): number =>
    keys.reduce((found, key) => (found === 0 ? order(key(a), key(b)) : found), 0)
  const isReversed = truthArgument(given, 0, 'reverse')
  return [...itemsOf(value)].sort(isReversed ? (a, b) => by(b, a) : by)
}

const grouped: Filter = (value, given) => {
  const key = keyOf(given, 0, false)
  const usual = argument(given, 1, 'default')
  const groups: { readonly by: Value; readonly items: Value[] }[] = []
  const all = itemsOf(value).map((each) => {
    const found = partOf(each, argument(given, 0, 'attribute') ?? null)
    return { by: found instanceof Undefined && usual !== undefined ? usual : found, each }
  })
  for (const { by, each } of all.sort((a, b) => order(key(a.each), key(b.each)))) {
    const last = groups.at(-1)
    if (last && isEqual(last.by, by)) last.items.push(each)
    else groups.push({ by, items: [each] })
  }
  return groups.map(({ by, items }) => new Tuple([by, items]))
}

const batched: Filter = (value, given) => {
  const size = wholeArgument(given, 0, 'linecount', 1)
  if (size < 1) return fail('a batch has at least one item')
  const fill = argument(given, 1, 'fill_with')
  const items = itemsOf(value)
  return Array.from({ length: Math.ceil(items.length / size) }, (_, place) => {
    const part = items.slice(place * size, (place + 1) * size)
    return fill === undefined ? part : [...part, ...Array.from({ length: size - part.length }, () => fill)]
  })
}

const sliced: Filter = (value, given) => {
  const count = wholeArgument(given, 0, 'slices', 1)
  const fill = argument(given, 1, 'fill_with')
  const items = itemsOf(value)
  const size = Math.floor(items.length / count)
  const longer = items.length % count
  let at = 0
  return Array.from({ length: count }, (_, place) => {
    const part = items.slice(at, (at += size + (place < longer ? 1 : 0)))
    return fill !== undefined && place >= longer ? [...part, fill] : part
  })
}

export const listFilters: Readonly<Record<string, Filter>> = {
  attr: (value, given) => {
    const name = textArgument(given, 0, 'name', '')
    return methodOf(value, name) ?? new Undefined(`there is no attribute '${name}'`)
  },
  batch: batched,
  first: (value) => itemsOf(value)[0] ?? new Undefined('No first item, sequence was empty.'),
  groupby: grouped,
  join: (value, given) => {
    const path = argument(given, 1, 'attribute')
    const items = itemsOf(value).map((each) => (path === undefined ? each : partOf(each, path)))
    const between = textArgument(given, 0, 'd', '')
    const texts = items.map(textOf)
    roomFor(texts.reduce((sum, { length }) => sum + length + between.length, 0))
    return texts.join(between)
  },
  last: (value) => itemsOf(value).at(-1) ?? new Undefined('No last item, sequence was empty.'),
  list: (value) => [...itemsOf(value)],
  map: mapped,
  max: extreme(-1),
  min: extreme(1),
  reject: selected(false, false),
  rejectattr: selected(false, true),
  reverse: (value) =>
    typeof value === 'string' ? [...value].reverse().join('') : [...itemsOf(value)].reverse(),
  select: selected(true, false),
  selectattr: selected(true, true),
  slice: sliced,
  sort: sorted,
  sum: (value, given) => {
    const path = argument(given, 0, 'attribute') ?? null
    return itemsOf(value)
      .map((each) => (path === null ? each : partOf(each, path)))
      .reduce((sum, each) => added(sum, each), argument(given, 1, 'start') ?? 0)
  },
  unique: (value, given) => {
    const key = keyOf(given, 1, truthArgument(given, 0, 'case_sensitive'))
    const seen: Value[] = []
    return itemsOf(value).filter((each) => {
      const found = key(each)
      if (seen.some((other) => isEqual(other, found))) return false
      seen.push(found)
      return true
    })
  },
}
