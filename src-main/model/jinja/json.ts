/** `json.dumps`. */
import { roomFor, times } from './frame'
import { argument, truthArgument } from './given'
import { floatText } from './python-text'
import {
  fail,
  isDict,
  isFloat,
  isList,
  isNumber,
  numberOf,
  order,
  textOf,
  Tuple,
  typeName,
  type Given,
  type Value,
} from './values'

interface Layout {
  /** Before each item, once a level; undefined: on one line. */
  readonly indent?: string
  readonly betweenItems: string
  readonly betweenParts: string
  readonly isAscii: boolean
  readonly isSorted: boolean
}

export function json(value: Value, given: Given): string {
  const indent = argument(given, 1, 'indent') ?? null
  const separators = argument(given, 2, 'separators') ?? null
  const [items, parts] =
    separators instanceof Tuple
      ? separators.items
      : isList(separators)
        ? separators
        : [indent === null ? ', ' : ',', ': ']
  return dumped(value, '\n', {
    ...(indent !== null && { indent: isNumber(indent) ? times(' ', numberOf(indent)) : textOf(indent) }),
    betweenItems: textOf(items ?? ', '),
    betweenParts: textOf(parts ?? ': '),
    isAscii: truthArgument(given, 0, 'ensure_ascii'),
    isSorted: truthArgument(given, 3, 'sort_keys'),
  })
}

/** @param line a line break and what stands before each item of the level above */
function dumped(value: Value, line: string, layout: Layout): string {
  if (value === null) return 'null'
  if (typeof value === 'boolean') return String(value)
  if (isNumber(value)) return isFloat(value) ? numberText(numberOf(value)) : String(value)
  if (typeof value === 'string') return quoted(value, layout)
  const inner = layout.indent === undefined ? line : line + layout.indent
  if (isDict(value)) {
    const entries = layout.isSorted ? [...value].sort(([a], [b]) => order(a, b)) : [...value]
    return enclosed(
      '{}',
      entries.map(
        ([key, each]) => quoted(keyText(key), layout) + layout.betweenParts + dumped(each, inner, layout),
      ),
      line,
      layout,
    )
  }
  const items = isList(value) ? value : value instanceof Tuple ? value.items : undefined
  if (!items) return fail(`Object of type ${typeName(value)} is not JSON serializable`)
  return enclosed(
    '[]',
    items.map((each) => dumped(each, inner, layout)),
    line,
    layout,
  )
}

function enclosed(brackets: string, parts: readonly string[], line: string, layout: Layout): string {
  if (parts.length === 0) return brackets
  const { indent, betweenItems } = layout
  if (indent === undefined) return brackets[0] + parts.join(betweenItems) + brackets[1]
  const inner = line + indent
  roomFor((parts.length + 1) * inner.length)
  return brackets[0] + inner + parts.join(betweenItems + inner) + line + brackets[1]
}

const numberText = (value: number): string =>
  Number.isFinite(value)
    ? floatText(value)
    : Number.isNaN(value)
      ? 'NaN'
      : value > 0
        ? 'Infinity'
        : '-Infinity'

function keyText(key: Value): string {
  if (typeof key === 'string') return key
  if (key === null) return 'null'
  if (typeof key === 'boolean') return String(key)
  return isNumber(key)
    ? textOf(key)
    : fail(`keys must be str, int, float, bool or None, not ${typeName(key)}`)
}

const named: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\f': '\\f',
  '\b': '\\b',
}

const quoted = (text: string, { isAscii }: Layout): string =>
  `"${text.replace(isAscii ? /["\\]|[^ -~]/g : /["\\\x00-\x1f]/g, (sign) => named[sign] ?? `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`)}"`
