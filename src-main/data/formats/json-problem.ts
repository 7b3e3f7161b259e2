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

/** How far the reader came, what it waits for, and the brackets that are open. */
interface Scan {
  at: number
  expected: Expected
  readonly open: ('{' | '[')[]
}

export function jsonProblem(text: string): JsonProblem {
  const scan: Scan = { at: 0, expected: 'a value', open: [] }
  for (;;) {
    scan.at = ends(SPACE, text, scan.at)
    const next = text[scan.at]
    const problem = next === undefined ? endProblem(scan) : readNext(text, next, scan)
    if (problem) return problem
  }
}

function endProblem({ at, expected, open }: Scan): JsonProblem {
  const hasNothing = open.length === 0 && expected === 'a value'
  return { offset: at, problem: hasNothing ? 'there is nothing' : `it ends where ${expected} should stand` }
}

/** Reads what begins with `next` and moves the scan behind it, or says why it may not stand there. */
function readNext(text: string, next: string, scan: Scan): JsonProblem | undefined {
  const { expected } = scan
  const isValueDue = expected.startsWith('a value')
  if (next === '"' && (isValueDue || expected.startsWith('a key'))) return readString(text, scan)
  if (next === ':' && expected === ':') return moveOn(scan, 'a value')
  if (next === ',' && expected.startsWith(', or'))
    return moveOn(scan, scan.open.at(-1) === '{' ? 'a key in double quotes' : 'a value')
  if ((next === '}' || next === ']') && expected.endsWith(next)) {
    scan.open.pop()
    return moveOn(scan, afterValue(scan.open))
  }
  if ((next === '{' || next === '[') && isValueDue) {
    scan.open.push(next)
    return moveOn(scan, next === '{' ? 'a key in double quotes or }' : 'a value or ]')
  }
  return isValueDue ? readWord(text, scan) : misplaced(text, scan)
}

function moveOn(scan: Scan, expected: Expected): undefined {
  scan.at++
  scan.expected = expected
}

function readString(text: string, scan: Scan): JsonProblem | undefined {
  const string = stringFrom(text, scan.at)
  if ('problem' in string) return string
  scan.at = string.end
  scan.expected = scan.expected.startsWith('a key') ? ':' : afterValue(scan.open)
  return undefined
}

/** Reads a number, true, false or null. */
function readWord(text: string, scan: Scan): JsonProblem | undefined {
  const end = Math.max(ends(NUMBER, text, scan.at), ends(LITERAL, text, scan.at))
  if (end === scan.at) return misplaced(text, scan)
  scan.at = end
  scan.expected = afterValue(scan.open)
  return undefined
}

const misplaced = (text: string, { at, expected }: Scan): JsonProblem => ({
  offset: at,
  problem: `${shown(text, at)} stands where ${expected} should`,
})

function afterValue(open: readonly string[]): Expected {
  if (open.length === 0) return 'nothing more'
  return open.at(-1) === '{' ? ', or }' : ', or ]'
}

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
