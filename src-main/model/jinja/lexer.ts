/**
 * A template's source as tokens: text, and what stands between {{ }} and {% %}. White space goes where Jinja takes
 * it away with `trim_blocks` and `lstrip_blocks`, as Hugging Face transformers sets it up. Source: the
 * documentation of Jinja 3.1, "Whitespace Control".
 */
import { escapesResolved } from './string-literal'
import { stripped } from './python-text'

export type TokenKind = 'text' | 'open' | 'close' | 'name' | 'string' | 'integer' | 'float' | 'sign'

/** `open` is "{{" or "{%", `close` ends either. */
export interface Token {
  readonly kind: TokenKind
  readonly value: string
}

/** @throws SyntaxError */
export function tokensOf(source: string): readonly Token[] {
  const tokens: Token[] = []
  const text = source.replace(/\r\n?/g, '\n').replace(/\n$/, '')
  let at = 0
  let isLineStart = true
  while (at < text.length) {
    const opening = openingAfter(text, at)
    const before = text.slice(at, opening?.start ?? text.length)
    const kept = opening ? beforeOpening(before, opening, isLineStart) : before
    if (kept !== '') tokens.push({ kind: 'text', value: kept })
    if (!opening) break
    at = readers[opening.sign](text, opening, tokens)
    isLineStart = text[at - 1] === '\n'
  }
  return tokens
}

interface Opening {
  readonly sign: '{{' | '{%' | '{#' | 'raw'
  readonly start: number
  /** "-" takes away all white space before it, "+" keeps it. */
  readonly control: string
  /** Behind the sign. */
  readonly end: number
}

const rawOpening = /\{%([-+]?)\s*raw\s*(?:-%\}\s*|%\})/uy

function openingAfter(text: string, from: number): Opening | undefined {
  const found = /\{[{%#]/u.exec(text.slice(from))
  if (!found) return undefined
  const start = from + found.index
  rawOpening.lastIndex = start
  const raw = rawOpening.exec(text)
  if (raw) return { sign: 'raw', start, control: raw[1]!, end: start + raw[0].length }
  const control = /[-+]/.test(text[start + 2] ?? '') ? text[start + 2]! : ''
  return { sign: found[0] as '{{', start, control, end: start + 2 + control.length }
}

function beforeOpening(
  before: string,
  { sign, control }: Pick<Opening, 'sign' | 'control'>,
  isLineStart: boolean,
): string {
  if (control === '-') return stripped(before, 'end')
  if (control === '+' || sign === '{{') return before
  const line = before.lastIndexOf('\n') + 1
  return (line > 0 || isLineStart) && stripped(before.slice(line)) === '' ? before.slice(0, line) : before
}

type Read = (text: string, opening: Opening, into: Token[]) => number

const readers: Readonly<Record<Opening['sign'], Read>> = {
  '{{': (text, { end }, into) => readCode(text, end, into, '{{', /(?:-\}\}\s*|\}\})/uy),
  '{%': (text, { end }, into) => readCode(text, end, into, '{%', /(?:\+%\}|-%\}\s*|%\}\n?)/uy),
  '{#': (text, { end }) => {
    const close = /\+#\}|-#\}\s*|#\}\n?/u.exec(text.slice(end))
    if (!close) throw new SyntaxError('a comment has no end: #} is missing')
    return end + close.index + close[0].length
  },
  raw: (text, { end }, into) => {
    const close = /\{%([-+]?)\s*endraw\s*(?:\+%\}|-%\}\s*|%\}\n?)/u.exec(text.slice(end))
    if (!close) throw new SyntaxError('a raw block has no end: {% endraw %} is missing')
    const inside = text.slice(end, end + close.index)
    const kept = beforeOpening(inside, { sign: 'raw', control: close[1]! }, false)
    if (kept !== '') into.push({ kind: 'text', value: kept })
    return end + close.index + close[0].length
  },
}

const white = /\s+/uy
const pieces: readonly (readonly [TokenKind, RegExp])[] = [
  ['float', /(?:\d+_)*\d+(?:\.(?:\d+_)*\d+(?:[eE][+-]?\d+)?|[eE][+-]?\d+)/uy],
  ['integer', /0[bB][01_]+|0[oO][0-7_]+|0[xX][\da-fA-F_]+|\d[\d_]*/uy],
  ['name', /[\p{L}\p{Nl}_][\p{L}\p{Nl}\p{Mn}\p{Mc}\p{Nd}\p{Pc}]*/uy],
  ['string', /'(?:[^'\\]|\\[^])*'|"(?:[^"\\]|\\[^])*"/uy],
  ['sign', /\/\/|\*\*|==|!=|>=|<=|[-+/*%~[\](){}><=.:|,;]/uy],
]
const closes: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' }

function readCode(text: string, from: number, into: Token[], opening: string, closing: RegExp): number {
  into.push({ kind: 'open', value: opening })
  const open: string[] = []
  let at = from
  for (;;) {
    at += matched(white, text, at)?.length ?? 0
    const close = open.length === 0 ? matched(closing, text, at) : undefined
    if (close !== undefined) {
      into.push({ kind: 'close', value: '' })
      return at + close.length
    }
    const { kind, value } = pieceAt(text, at)
    if (kind === 'sign') balance(value, open)
    into.push({ kind, value: kind === 'string' ? escapesResolved(value.slice(1, -1)) : value })
    at += value.length
  }
}

function pieceAt(text: string, at: number): Token {
  for (const [kind, pattern] of pieces) {
    if (kind === 'float' && text[at - 1] === '.') continue // a.0.1 are two items
    const value = matched(pattern, text, at)
    if (value !== undefined) return { kind, value }
  }
  const met = at < text.length ? `“${String.fromCodePoint(text.codePointAt(at)!)}” is unexpected` : 'it ends'
  throw new SyntaxError(`${met} inside {{ }} or {% %}`)
}

function balance(sign: string, open: string[]): void {
  if ('([{'.includes(sign)) open.push(sign)
  else if (sign in closes && open.pop() !== closes[sign]) throw new SyntaxError(`“${sign}” is unexpected`)
}

function matched(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0]
}
