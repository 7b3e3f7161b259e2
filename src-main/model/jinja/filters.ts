/** What may stand behind `|`: the table of all filters. Source: the documentation of Jinja 3.1, "Builtin Filters". */
import { roomFor, times } from './frame'
import { argument, neededText, textArgument, truthArgument, wholeArgument, type ByName } from './given'
import { json } from './json'
import { listFilters } from './list-filters'
import { formatted } from './arithmetic'
import { linesOf, stripped } from './python-text'
import { centred, replaced, textMethods } from './texts'
import {
  fail,
  Float,
  isDict,
  isList,
  isNumber,
  isTrue,
  itemsOf,
  numberOf,
  order,
  textOf,
  Tuple,
  typeName,
  Undefined,
  type Given,
  type Value,
} from './values'

export type Filter = (value: Value, given: Given, byName: ByName) => Value

const nothing: Given = { args: [], named: new Map() }
const method =
  (name: string): Filter =>
  (value) =>
    textMethods[name]!(textOf(value), nothing)

const size = (value: Value): number => {
  if (isDict(value)) return value.size
  return isList(value) || typeof value === 'string' || value instanceof Tuple || value instanceof Undefined
    ? itemsOf(value).length
    : fail(`object of type '${typeName(value)}' has no len()`)
}

/** The number that a text says; undefined where it says none. */
function read(value: Value): number | undefined {
  if (isNumber(value)) return numberOf(value)
  const text = stripped(textOf(value)).replaceAll('_', '')
  return typeof value === 'string' && /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/.test(text)
    ? Number(text)
    : undefined
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  "'": '&#39;',
  '"': '&#34;',
}
const escape: Filter = (value) => textOf(value).replace(/[&<>'"]/g, (sign) => entities[sign]!)

const usual: Filter = (value, given) =>
  value instanceof Undefined || (truthArgument(given, 1, 'boolean') && !isTrue(value))
    ? (argument(given, 0, 'default_value') ?? '')
    : value

function indent(value: Value, given: Given): Value {
  const width = argument(given, 0, 'width') ?? 4
  const before = isNumber(width) ? times(' ', numberOf(width)) : textOf(width)
  const isBlankIndented = truthArgument(given, 2, 'blank')
  const lines = linesOf(`${textOf(value)}\n`)
  roomFor(before.length * lines.length)
  const [first = '', ...rest] = lines
  const indented = rest.map((line) => (line === '' && !isBlankIndented ? line : before + line))
  return [(truthArgument(given, 1, 'first') ? before : '') + first, ...indented].join('\n')
}

function truncated(value: Value, given: Given): Value {
  const text = [...textOf(value)]
  const length = wholeArgument(given, 0, 'length', 255)
  const end = textArgument(given, 2, 'end', '...')
  if (text.length <= length + wholeArgument(given, 3, 'leeway', 5)) return text.join('')
  const kept = text.slice(0, length - [...end].length).join('')
  return (
    (truthArgument(given, 1, 'killwords')
      ? kept
      : kept.slice(0, Math.max(0, kept.lastIndexOf(' ')) || kept.length)) + end
  )
}

function rounded(value: Value, given: Given): Value {
  const kind = textArgument(given, 1, 'method', 'common')
  if (typeof value === 'number' && Number.isInteger(value) && kind === 'common') return value
  const number = isNumber(value)
    ? numberOf(value)
    : fail(`type ${typeName(value)} doesn't define __round__ method`)
  const factor = 10 ** wholeArgument(given, 0, 'precision', 0)
  const rounding = { ceil: Math.ceil, floor: Math.floor }[kind] ?? halfToEven
  return new Float(rounding(number * factor) / factor)
}

const halfToEven = (value: number): number => {
  const below = Math.floor(value)
  if (value - below !== 0.5) return Math.round(value)
  return below % 2 === 0 ? below : below + 1
}

const dictSorted: Filter = (value, given) => {
  if (!isDict(value)) return fail(`'${typeName(value)}' object has no attribute 'items'`)
  const place = textArgument(given, 1, 'by', 'key') === 'value' ? 1 : 0
  const isCased = truthArgument(given, 0, 'case_sensitive')
  const keyOf = (entry: readonly [Value, Value]): Value => {
    const key = entry[place]
    return typeof key === 'string' && !isCased ? key.toLowerCase() : key
  }
  const sorted = [...value].sort((a, b) => order(keyOf(a), keyOf(b)))
  return (truthArgument(given, 2, 'reverse') ? sorted.reverse() : sorted).map((entry) => new Tuple(entry))
}

const items: Filter = (value) => {
  if (value instanceof Undefined) return []
  if (!isDict(value)) return fail('Can only get item pairs from a mapping.')
  return [...value].map((entry) => new Tuple(entry))
}

export const filters: Readonly<Record<string, Filter>> = {
  ...listFilters,
  abs: (value) =>
    isNumber(value)
      ? value instanceof Float
        ? new Float(Math.abs(value.value))
        : Math.abs(numberOf(value))
      : fail(`bad operand type for abs(): '${typeName(value)}'`),
  capitalize: method('capitalize'),
  center: (value, given) => {
    const text = textOf(value)
    return centred(text, Math.max(0, wholeArgument(given, 0, 'width', 80) - [...text].length), ' ')
  },
  count: size,
  d: usual,
  default: usual,
  dictsort: dictSorted,
  e: escape,
  escape,
  float: (value, given) => {
    if (value instanceof Undefined) return fail(value.said)
    const found = read(value)
    return found === undefined ? (argument(given, 0, 'default') ?? new Float(0)) : new Float(found)
  },
  format: (value, { args, named }) =>
    formatted(textOf(value), named.size > 0 ? new Map(named) : new Tuple(args)),
  indent,
  int: (value, given) => {
    if (value instanceof Undefined) return fail(value.said)
    const found = read(value)
    return found === undefined ? (argument(given, 0, 'default') ?? 0) : Math.trunc(found)
  },
  items,
  length: size,
  lower: method('lower'),
  replace: (value, given) =>
    replaced(
      textOf(value),
      neededText(argument(given, 0, 'old'), 'old'),
      neededText(argument(given, 1, 'new'), 'new'),
      wholeArgument(given, 2, 'count', -1),
    ),
  round: rounded,
  safe: textOf,
  string: textOf,
  title: (value) =>
    textOf(value)
      .split(/([-\s({[<]+)/u)
      .map((part) => textMethods['capitalize']!(part, nothing))
      .join(''),
  tojson: json,
  trim: (value, given) => {
    const chars = argument(given, 0, 'chars')
    return stripped(textOf(value), 'both', typeof chars === 'string' ? chars : undefined)
  },
  truncate: truncated,
  upper: method('upper'),
  urlencode: (value) =>
    encodeURIComponent(textOf(value)).replace(/%2F|[!'()*]/g, (sign) =>
      sign === '%2F' ? '/' : `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
    ),
  wordcount: (value) => textOf(value).match(/[\p{L}\p{N}_]+/gu)?.length ?? 0,
}
