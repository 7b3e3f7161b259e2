/** Bytes as text: UTF-8 only, checked to the byte; line ends become \n, a byte order mark goes. */
import { isUtf8 } from 'node:buffer'
import { bytesOf, type SourceFile } from '../source-file'
import { refuse, type Place } from '../refuse'
import { firstInvalidByte, wholeCharacters } from './utf8'

export interface TextChunk {
  readonly text: string
  /** Of the file on disk, so far. */
  readonly bytesRead: number
}

/** @throws StudioFailure refused-file, with line and column of the first byte that is not UTF-8 text */
export async function* textChunks(source: SourceFile): AsyncGenerator<TextChunk> {
  let waiting: Buffer = Buffer.alloc(0)
  let start: Required<Place> = { line: 1, column: 1 }
  let isFirst = true
  let endsInReturn = false
  for await (const { bytes, bytesRead } of bytesOf(source)) {
    const all = waiting.length === 0 ? bytes : Buffer.concat([waiting, bytes])
    const cut = wholeCharacters(all)
    waiting = all.subarray(cut)
    const decoded = decode(source.path, all.subarray(0, cut), start)
    start = advance(start, decoded)
    const text = unixLines(isFirst ? decoded.replace(/^\ufeff/, '') : decoded, endsInReturn)
    endsInReturn = decoded.endsWith('\r')
    isFirst = false
    yield { text, bytesRead }
  }
  if (waiting.length > 0) decode(source.path, waiting, start)
}

function decode(file: string, bytes: Buffer, start: Required<Place>): string {
  const invalid = isUtf8(bytes) ? -1 : firstInvalidByte(bytes)
  if (invalid >= 0) {
    refuse(
      file,
      `this is not UTF-8 text (byte 0x${(bytes[invalid] ?? 0).toString(16)}). Save the file as UTF-8`,
      advance(start, bytes.toString('utf8', 0, invalid)),
    )
  }
  const text = bytes.toString('utf8')
  const nul = text.indexOf('\0')
  if (nul >= 0) refuse(file, 'this is not text: it holds a NUL byte', advance(start, text.slice(0, nul)))
  return text
}

/** A \r\n cut in two by a chunk's end is one line end: the \n after a \r that was given as \n is dropped. */
function unixLines(text: string, isAfterReturn: boolean): string {
  const rest = isAfterReturn && text.startsWith('\n') ? text.slice(1) : text
  return rest.includes('\r') ? rest.replace(/\r\n?/g, '\n') : rest
}

/** The place after `text`, for the place before it. */
export function advance({ line, column }: Required<Place>, text: string): Required<Place> {
  const last = text.lastIndexOf('\n')
  return last < 0
    ? { line, column: column + text.length }
    : { line: line + count(text, '\n'), column: text.length - last }
}

export function count(text: string, character: string): number {
  let found = 0
  for (let at = text.indexOf(character); at >= 0; at = text.indexOf(character, at + 1)) found++
  return found
}
