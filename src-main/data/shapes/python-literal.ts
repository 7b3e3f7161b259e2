/**
 * Lists and dictionaries as Python prints them: what pandas' to_csv writes of a cell that holds one, NumPy's
 * `array([…], dtype=object)` and its lists without commas among them. Source: the Python language reference,
 * "Literals".
 */

/** Deeper ones are no rows. */
const deepest = 50

const words: Readonly<Record<string, unknown>> = {
  None: null,
  nan: null,
  NaN: null,
  True: true,
  False: false,
  null: null,
  true: true,
  false: false,
}

const escapes: Readonly<Record<string, string>> = {
  ...{ n: '\n', r: '\r', t: '\t', b: '\b', f: '\f', v: '\v', a: '\x07', '0': '\0' },
  ...{ '\\': '\\', "'": "'", '"': '"', '\n': '' },
}

const STRING = /[uU]?(?:'((?:[^'\\]|\\[\s\S])*)'|"((?:[^"\\]|\\[\s\S])*)")/y
const NUMBER = /[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y
const WORD = /[A-Za-z]+/y
const TO_BRACKET = /[^)]*/y
const SPACE = /\s*/y
const ESCAPE = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([\s\S]))/g

class NoLiteral extends Error {}

/** The value of a whole text; undefined when it is no list or dictionary. */
export function pythonLiteral(text: string): unknown {
  if (!/^\s*(?:\[|\{|\(|array\()/.test(text)) return undefined
  try {
    const cursor = cursorOf(text)
    const value = valueAt(cursor, 0)
    return cursor.isAtEnd() ? value : undefined
  } catch (error) {
    if (error instanceof NoLiteral) return undefined
    throw error
  }
}

interface Cursor {
  /** What the pattern finds here; then it is passed. */
  readonly taken: (pattern: RegExp) => RegExpExecArray | undefined
  /** Whether the sign comes next, after spaces; then it is passed. */
  readonly isNext: (sign: string) => boolean
  readonly isAtEnd: () => boolean
}

function cursorOf(text: string): Cursor {
  let at = 0
  function taken(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = at
    const found = pattern.exec(text)
    if (!found) return undefined
    at += found[0].length
    return found
  }
  return {
    taken,
    isNext: (sign) => {
      taken(SPACE)
      if (text[at] !== sign) return false
      at++
      return true
    },
    isAtEnd: () => {
      taken(SPACE)
      return at === text.length
    },
  }
}

function valueAt(cursor: Cursor, depth: number): unknown {
  if (depth > deepest) fail()
  if (cursor.isNext('[')) return itemsAt(cursor, ']', depth)
  if (cursor.isNext('(')) return itemsAt(cursor, ')', depth)
  if (cursor.isNext('{')) return membersAt(cursor, depth)
  const string = cursor.taken(STRING)
  if (string) return (string[1] ?? string[2] ?? '').replace(ESCAPE, unescaped)
  const number = cursor.taken(NUMBER)
  if (number) return Number(number[0])
  const word = cursor.taken(WORD)?.[0]
  if (word === 'array' && cursor.isNext('(')) return arrayAt(cursor, depth)
  return word !== undefined && Object.hasOwn(words, word) ? words[word] : fail()
}

/** What follows the list itself says how NumPy holds it. */
function arrayAt(cursor: Cursor, depth: number): unknown {
  const value = valueAt(cursor, depth + 1)
  cursor.taken(TO_BRACKET)
  return cursor.isNext(')') ? value : fail()
}

/** NumPy leaves the commas out. */
function itemsAt(cursor: Cursor, end: string, depth: number): readonly unknown[] {
  const list: unknown[] = []
  while (!cursor.isNext(end)) {
    list.push(valueAt(cursor, depth + 1))
    cursor.isNext(',')
  }
  return list
}

function membersAt(cursor: Cursor, depth: number): Readonly<Record<string, unknown>> {
  const fields: [string, unknown][] = []
  while (!cursor.isNext('}')) {
    const name = valueAt(cursor, depth + 1)
    if (typeof name !== 'string' || !cursor.isNext(':')) return fail()
    fields.push([name, valueAt(cursor, depth + 1)])
    cursor.isNext(',')
  }
  return Object.fromEntries(fields)
}

function fail(): never {
  throw new NoLiteral()
}

function unescaped(whole: string, x?: string, u?: string, long?: string, sign = ''): string {
  const code = Number.parseInt(x ?? u ?? long ?? '', 16)
  if (code <= 0x10ffff) return String.fromCodePoint(code)
  return Object.hasOwn(escapes, sign) ? escapes[sign]! : whole
}
