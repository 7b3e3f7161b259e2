/** JSON by the value: where each begins and ends, found without reading what is in it. */
import { refuse, type Place } from '../refuse'
import type { SourceFile } from '../source-file'
import { LONGEST_ROW_CHARACTERS, tooLong } from './lines'
import { advance, textChunks } from './text-chunks'

export interface JsonText {
  readonly text: string
  readonly place: Required<Place>
  /** Whether the file ends before the value does. */
  readonly isCut: boolean
}

export interface JsonFeed {
  /** The first unit of what comes next, after white space; undefined at the end of the file. */
  next(): Promise<string | undefined>
  /** Passes by the unit that comes next. */
  pass(): void
  /** The value that begins with what comes next. @throws StudioFailure when it is longer than `longest` */
  value(longest?: number): Promise<JsonText>
  place(): Required<Place>
  bytesRead(): number
  close(): Promise<void>
}

const SPACE_ENDS = /\S/g
const STRING_MARKS = /["\\]/g
const MARKS = /["[\]{}]/g
const WORD_ENDS = /[,\]}\s]/g

export function jsonFeed(source: SourceFile): JsonFeed {
  const window = textWindow(source)
  return {
    async next() {
      for (;;) {
        const found = window.find(SPACE_ENDS, window.at)
        window.at = found < 0 ? window.text.length : found
        if (found >= 0) return window.text[found]
        if (!(await window.more())) return undefined
      }
    },
    pass: () => void window.at++,
    async value(longest = LONGEST_ROW_CHARACTERS) {
      const place = window.place()
      const scan = beginScan(window.text[window.at] ?? '')
      for (;;) {
        const length = scanOn(scan, window)
        if (length !== undefined) return { text: window.take(length), place, isCut: false }
        const rest = window.text.length - window.at
        if (rest > longest) refuse(source.path, tooLong, { line: place.line })
        scan.length = Math.max(scan.length, rest)
        if (!(await window.more())) return { text: window.take(rest), place, isCut: !scan.isWord }
      }
    },
    place: window.place,
    bytesRead: window.bytesRead,
    close: window.close,
  }
}

/** The part of a file's text that is being looked at. */
interface TextWindow {
  readonly text: string
  /** How far one came in it. */
  at: number
  /** Lets go of what is behind and reads on. @returns whether there was more */
  more(): Promise<boolean>
  find(pattern: RegExp, from: number): number
  take(length: number): string
  place(): Required<Place>
  bytesRead(): number
  close(): Promise<void>
}

function textWindow(source: SourceFile): TextWindow {
  const chunks = textChunks(source)
  let text = ''
  let start: Required<Place> = { line: 1, column: 1 }
  let bytesRead = 0
  const window: TextWindow = {
    get text() {
      return text
    },
    at: 0,
    async more() {
      const { value: chunk, done } = await chunks.next()
      if (done) return false
      start = window.place()
      text = text.slice(window.at) + chunk.text
      window.at = 0
      bytesRead = chunk.bytesRead
      return true
    },
    find(pattern, from) {
      pattern.lastIndex = from
      return pattern.exec(text)?.index ?? -1
    },
    take: (length) => text.slice(window.at, (window.at += length)),
    place: () => advance(start, text.slice(0, window.at)),
    bytesRead: () => bytesRead,
    close: async () => void (await chunks.return(undefined)),
  }
  return window
}

/** How far a value has been followed. */
interface Scan {
  /** Units of it that need not be looked at again. */
  length: number
  depth: number
  isInString: boolean
  /** A number, true, false or null: it ends before what cannot be in one. */
  readonly isWord: boolean
}

const beginScan = (first: string): Scan => ({
  length: 1,
  depth: first === '{' || first === '[' ? 1 : 0,
  isInString: first === '"',
  isWord: !'{["'.includes(first) || first === '',
})

/** @returns how long the value is, or undefined while its end is not there */
function scanOn(scan: Scan, { text, at, find }: TextWindow): number | undefined {
  for (;;) {
    const pattern = scan.isWord ? WORD_ENDS : scan.isInString ? STRING_MARKS : MARKS
    const found = find(pattern, at + scan.length)
    if (found < 0) return undefined
    if (scan.isWord) return found - at
    const unit = text[found]
    scan.length = found - at + (unit === '\\' ? 2 : 1)
    if (unit === '"') scan.isInString = !scan.isInString
    else if (!scan.isInString) scan.depth += unit === '{' || unit === '[' ? 1 : -1
    if (scan.depth === 0 && !scan.isInString) return scan.length
  }
}
