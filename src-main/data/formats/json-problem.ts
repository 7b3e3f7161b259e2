/**
 * Where a text stops being JSON, and why. JSON.parse is fast but often does not say; this is asked only after
 * it has failed.
 */

export interface JsonProblem {
  /** UTF-16 units before the place. */
  readonly offset: number
  readonly problem: string
}

type Expected =
  | 'a value'
  | 'a value or ]'
  | 'a key in double quotes'
  | 'a key in double quotes or }'
  | ':'
  | ', or }'
  | ', or ]'
  | 'nothing more'

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const LITERAL = /true|false|null/y
const SPACE = /[ \t\n\r]*/y

export function jsonProblem(text: string): JsonProblem {
  const open: ('{' | '[')[] = []
  let expected: Expected = 'a value'
  for (let at = 0; ;) {
    at = ends(SPACE, text, at)
    const next = text[at]
    if (next === undefined)
      return {
        offset: at,
        problem:
          open.length === 0 && expected === 'a value'
            ? 'there is nothing'
            : `it ends where ${expected} should stand`,
      }
    if (next === '"' && expected !== 'nothing more' && !expected.startsWith(',') && expected !== ':') {
      const string = stringFrom(text, at)
      if ('problem' in string) return string
      at = string.end
      expected = expected.startsWith('a key') ? ':' : afterValue(open)
    } else if (expected === ':' && next === ':') {
      at++
      expected = 'a value'
    } else if (expected.startsWith(', or') && next === ',') {
      at++
      expected = open.at(-1) === '{' ? 'a key in double quotes' : 'a value'
    } else if ((expected.endsWith('}') && next === '}') || (expected.endsWith(']') && next === ']')) {
      at++
      open.pop()
      expected = afterValue(open)
    } else if (expected.startsWith('a value') && (next === '{' || next === '[')) {
      at++
      open.push(next)
      expected = next === '{' ? 'a key in double quotes or }' : 'a value or ]'
    } else {
      const end = expected.startsWith('a value')
        ? Math.max(ends(NUMBER, text, at), ends(LITERAL, text, at))
        : at
      if (end === at) return { offset: at, problem: `${shown(text, at)} stands where ${expected} should` }
      at = end
      expected = afterValue(open)
    }
  }
}

const afterValue = (open: readonly string[]): Expected =>
  open.length === 0 ? 'nothing more' : open.at(-1) === '{' ? ', or }' : ', or ]'

function stringFrom(text: string, start: number): JsonProblem | { readonly end: number } {
  for (let at = start + 1; at < text.length; at++) {
    const unit = text[at] as string
    if (unit === '"') return { end: at + 1 }
    if (unit < ' ')
      return {
        offset: at,
        problem:
          `a line end or control character (${codeOf(unit)}) stands inside a string; write it as \\n or ` +
          `\\u…`,
      }
    if (unit !== '\\') continue
    const escape = /^\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/.exec(text.slice(at, at + 6))
    if (!escape) return { offset: at, problem: `${text.slice(at, at + 2)} is no escape in a string` }
    at += escape[0].length - 1
  }
  return { offset: start, problem: 'the string that begins here is never closed' }
}

function ends(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : at
}

function shown(text: string, at: number): string {
  const character = String.fromCodePoint(text.codePointAt(at) ?? 0)
  return character < ' ' || character === '\ufeff' ? codeOf(character) : `“${character}”`
}

const codeOf = (character: string): string =>
  `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
