/** What Python does with texts where JavaScript does otherwise: places are characters, not halves of them. */

/** White space as `str.isspace` has it. */
const white = '\\t-\\r\\x1c-\\x1f \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000'
export const isWhite = (text: string): boolean => text !== '' && new RegExp(`^[${white}]+$`, 'u').test(text)
const ends = { start: new RegExp(`^[${white}]+`, 'u'), end: new RegExp(`[${white}]+$`, 'u') }

type Side = 'start' | 'end' | 'both'

/** @param chars taken away instead of white space */
export function stripped(text: string, side: Side = 'both', chars?: string): string {
  if (chars === undefined) {
    const left = side === 'end' ? text : text.replace(ends.start, '')
    return side === 'start' ? left : trimmedEnd(left)
  }
  const all = [...text]
  const taken = new Set(chars)
  let from = 0
  let to = all.length
  while (side !== 'end' && from < to && taken.has(all[from]!)) from++
  while (side !== 'start' && to > from && taken.has(all[to - 1]!)) to--
  return all.slice(from, to).join('')
}

/** Without a pattern that would try every stretch of white space in a long text. */
function trimmedEnd(text: string): string {
  let end = text.length
  while (end > 0 && isWhite(text[end - 1]!)) end--
  return text.slice(0, end)
}

export const splitOnWhite = (text: string, most: number): string[] => {
  const parts: string[] = []
  let rest = stripped(text, 'start')
  while (rest !== '' && (most < 0 || parts.length < most)) {
    const end = rest.search(new RegExp(`[${white}]`, 'u'))
    parts.push(end < 0 ? rest : rest.slice(0, end))
    rest = end < 0 ? '' : stripped(rest.slice(end), 'start')
  }
  return rest === '' ? parts : [...parts, stripped(rest, 'end')]
}

/** `str.splitlines`. */
export function linesOf(text: string, keepEnds = false): string[] {
  const lines =
    text.match(
      /[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]*(?:\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029])|[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+$/gu,
    ) ?? []
  return keepEnds
    ? lines
    : lines.map((line) => line.replace(/(?:\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029])$/u, ''))
}

/** `repr` of a text. */
export function quotedText(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  const inside = [...text].map((character) => escapedIn(character, quote)).join('')
  return quote + inside + quote
}

const named: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }

function escapedIn(character: string, quote: string): string {
  if (character === quote) return `\\${quote}`
  if (character in named) return named[character]!
  const isPrinted = character === ' ' || !/[\p{C}\p{Z}]/u.test(character)
  if (isPrinted) return character
  const code = character.codePointAt(0)!
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`
  return code < 0x10000
    ? `\\u${code.toString(16).padStart(4, '0')}`
    : `\\U${code.toString(16).padStart(8, '0')}`
}

/** `repr` of a number with a fraction. */
export function floatText(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf'
  const exponent = value === 0 ? 0 : Math.floor(Math.log10(Math.abs(value)))
  if (exponent >= 16 || exponent < -4) {
    const [digits, power] = value.toExponential().split('e') as [string, string]
    return `${digits}e${power[0]}${power.slice(1).padStart(2, '0')}`
  }
  const text = Object.is(value, -0) ? '-0' : exponent >= 21 ? value.toFixed(0) : String(value)
  const plain = text.includes('e') ? value.toFixed(20).replace(/0+$/, '') : text
  return plain.includes('.') ? plain : `${plain}.0`
}
