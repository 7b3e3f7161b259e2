/** Methods of `str`. */
import { formattedBraces } from './braces'
import { roomFor, times } from './frame'
import { argument, neededText, truthArgument, wholeArgument } from './given'
import { isWhite, linesOf, splitOnWhite, stripped } from './python-text'
import { fail, itemsOf, Tuple, typeName, type Given, type Value } from './values'

type Method = (text: string, given: Given) => Value

const strip =
  (side: 'start' | 'end' | 'both'): Method =>
  (text, given) => {
    const chars = argument(given, 0, 'chars')
    return stripped(text, side, typeof chars === 'string' ? chars : undefined)
  }

const oneOf =
  (fits: (text: string, part: string) => boolean): Method =>
  (text, { args: [parts = null] }) =>
    (parts instanceof Tuple ? parts.items : [parts]).some((part) => fits(text, neededText(part, 'a part')))

const every =
  (pattern: RegExp): Method =>
  (text) =>
    pattern.test(text)

export function replaced(text: string, from: string, to: string, most: number): string {
  if (from === '') {
    const all = [...text]
    roomFor(all.length * (to.length + 1))
    const count = most < 0 ? all.length + 1 : Math.min(most, all.length + 1)
    return (
      all.map((each, place) => (place < count ? to : '') + each).join('') + (count > all.length ? to : '')
    )
  }
  const parts = text.split(from)
  roomFor(text.length + parts.length * to.length)
  if (most < 0 || parts.length - 1 <= most) return parts.join(to)
  return [...parts.slice(0, most), parts.slice(most).join(from)].join(to)
}

function split(text: string, given: Given): Value {
  const by = argument(given, 0, 'sep') ?? null
  const most = wholeArgument(given, 1, 'maxsplit', -1)
  if (by === null) return splitOnWhite(text, most)
  const parts = text.split(separator(by))
  if (most < 0 || parts.length - 1 <= most) return parts
  return [...parts.slice(0, most), parts.slice(most).join(by as string)]
}

function splitFromEnd(text: string, given: Given): Value {
  const by = argument(given, 0, 'sep') ?? null
  const most = wholeArgument(given, 1, 'maxsplit', -1)
  if (by === null) {
    const parts = splitOnWhite(text, -1)
    if (most < 0 || parts.length - 1 <= most) return parts
    const kept = most === 0 ? [] : parts.slice(-most)
    const head = kept.reduceRight(
      (rest, part) => stripped(rest.slice(0, rest.lastIndexOf(part)), 'end'),
      text,
    )
    return [stripped(head, 'end'), ...kept]
  }
  const parts = text.split(separator(by))
  if (most < 0 || parts.length - 1 <= most) return parts
  return [parts.slice(0, parts.length - most).join(by as string), ...parts.slice(parts.length - most)]
}

function separator(by: Value): string {
  const text = neededText(by, 'separator')
  return text === '' ? fail('empty separator') : text
}

/** Places are characters: those before a place in halves. */
const place = (text: string, halves: number): number => (halves < 0 ? -1 : [...text.slice(0, halves)].length)

const found =
  (find: (text: string, part: string) => number): Method =>
  (text, given) => {
    const all = [...text]
    const start = wholeArgument(given, 1, 'start', 0)
    const stop = wholeArgument(given, 2, 'end', all.length)
    const from = start < 0 ? Math.max(0, start + all.length) : start
    const within = all.slice(from, stop < 0 ? stop + all.length : stop).join('')
    const at = place(within, find(within, neededText(given.args[0], 'what to find')))
    return at < 0 ? -1 : at + from
  }

const orFail =
  (find: Method): Method =>
  (text, given) => {
    const at = find(text, given)
    return at === -1 ? fail('substring not found') : at
  }

const capitalised = (word: string): string => {
  const [first = '', ...rest] = word
  return first.toUpperCase() + rest.join('').toLowerCase()
}

const parted =
  (find: (text: string, part: string) => number, isFromEnd: boolean): Method =>
  (text, { args }) => {
    const by = separator(args[0] ?? null)
    const at = find(text, by)
    if (at < 0) return new Tuple(isFromEnd ? ['', '', text] : [text, '', ''])
    return new Tuple([text.slice(0, at), by, text.slice(at + by.length)])
  }

const padded =
  (pad: (text: string, missing: number, fill: string) => string): Method =>
  (text, given) => {
    const missing = wholeArgument(given, 0, 'width', 0) - [...text].length
    return missing <= 0 ? text : pad(text, missing, neededText(given.args[1] ?? ' ', 'fill'))
  }

const finds = {
  first: (text: string, part: string): number => text.indexOf(part),
  last: (text: string, part: string): number => text.lastIndexOf(part),
}

export const centred = (text: string, missing: number, fill: string): string => {
  const size = missing + [...text].length
  const left = Math.floor(missing / 2) + (missing & size & 1)
  return times(fill, left) + text + times(fill, missing - left)
}

export const textMethods: Readonly<Record<string, Method>> = {
  strip: strip('both'),
  lstrip: strip('start'),
  rstrip: strip('end'),
  startswith: oneOf((text, part) => text.startsWith(part)),
  endswith: oneOf((text, part) => text.endsWith(part)),
  split,
  rsplit: splitFromEnd,
  splitlines: (text, given) => linesOf(text, truthArgument(given, 0, 'keepends')),
  partition: parted(finds.first, false),
  rpartition: parted(finds.last, true),
  replace: (text, given) =>
    replaced(
      text,
      neededText(argument(given, 0, 'old'), 'old'),
      neededText(argument(given, 1, 'new'), 'new'),
      wholeArgument(given, 2, 'count', -1),
    ),
  removeprefix: (text, { args }) => {
    const part = neededText(args[0], 'prefix')
    return text.startsWith(part) ? text.slice(part.length) : text
  },
  removesuffix: (text, { args }) => {
    const part = neededText(args[0], 'suffix')
    return part !== '' && text.endsWith(part) ? text.slice(0, -part.length) : text
  },
  find: found(finds.first),
  rfind: found(finds.last),
  index: orFail(found(finds.first)),
  rindex: orFail(found(finds.last)),
  count: (text, { args }) => {
    const part = neededText(args[0], 'what to count')
    return part === '' ? [...text].length + 1 : text.split(part).length - 1
  },
  join: (text, { args }) =>
    itemsOf(args[0] ?? null)
      .map((each, index) =>
        typeof each === 'string'
          ? each
          : fail(`sequence item ${index}: expected str instance, ${typeName(each)} found`),
      )
      .join(text),
  upper: (text) => text.toUpperCase(),
  lower: (text) => text.toLowerCase(),
  casefold: (text) => text.toLowerCase(),
  capitalize: capitalised,
  title: (text) => text.replace(/\p{L}+/gu, capitalised),
  swapcase: (text) =>
    [...text].map((each) => (each === each.toUpperCase() ? each.toLowerCase() : each.toUpperCase())).join(''),
  isspace: isWhite,
  isdigit: every(/^[\p{Nd}²³¹]+$/u),
  isdecimal: every(/^\p{Nd}+$/u),
  isnumeric: every(/^\p{N}+$/u),
  isalpha: every(/^\p{L}+$/u),
  isalnum: every(/^[\p{L}\p{N}]+$/u),
  isupper: (text) => text === text.toUpperCase() && text !== text.toLowerCase(),
  islower: (text) => text === text.toLowerCase() && text !== text.toUpperCase(),
  zfill: (text, given) => {
    const [, sign = '', rest = ''] = /^([-+]?)([^]*)$/.exec(text) ?? []
    return sign + rest.padStart(roomFor(wholeArgument(given, 0, 'width', 0)) - sign.length, '0')
  },
  ljust: padded((text, missing, fill) => text + times(fill, missing)),
  rjust: padded((text, missing, fill) => times(fill, missing) + text),
  center: padded(centred),
  format: (text, given) => formattedBraces(text, given),
}
