/** Arrow's stream of messages: columns first, then dictionaries and batches of rows, each with its body. */
import type { FileHandle } from 'node:fs/promises'
import { bytesBetween } from '../parquet/footer'
import { numberIn, rootOf, tableIn, type Table } from './flatbuffer'

export interface Message {
  readonly kind: number
  readonly header: Table
  readonly body: Buffer
  /** Where the next one begins. */
  readonly end: number
}

export const kinds = { schema: 1, dictionary: 2, batch: 3 }

const GOES_ON = 0xffffffff
const LARGEST_HEADER_BYTES = 16 << 20
const LARGEST_BODY_BYTES = 512 << 20

/** @throws Error for sizes that the file does not have */
export async function* messagesIn(
  file: FileHandle,
  fileBytes: number,
  start: number,
): AsyncGenerator<Message> {
  for (let at = start; at + 4 <= fileBytes;) {
    const message = await messageAt(file, fileBytes, at)
    if (!message) return
    yield message
    at = message.end
  }
}

async function messageAt(file: FileHandle, fileBytes: number, start: number): Promise<Message | undefined> {
  const head = await bytesBetween(file, start, Math.min(fileBytes, start + 8))
  const hasMark = head.readUInt32LE(0) === GOES_ON
  if (hasMark && head.length < 8) throw new Error('it ends too early')
  const length = head.readUInt32LE(hasMark ? 4 : 0)
  if (length === 0) return undefined
  const at = start + (hasMark ? 8 : 4)
  if (length > Math.min(LARGEST_HEADER_BYTES, fileBytes - at))
    throw new Error('a message of it is longer than it')
  const table = rootOf(await bytesBetween(file, at, at + length))
  const header = tableIn(table, 2)
  const bodyLength = numberIn(table, 3, 8)
  const bodyAt = at + length
  if (!header || !(bodyLength >= 0 && bodyLength <= fileBytes - bodyAt))
    throw new Error('a message of it is longer than it')
  if (bodyLength > LARGEST_BODY_BYTES)
    throw new Error(`a batch of it has ${Math.round(bodyLength / 1e6)} MB; write it with smaller batches`)
  const body = await bytesBetween(file, bodyAt, bodyAt + bodyLength)
  return { kind: numberIn(table, 1, 1), header, body, end: bodyAt + bodyLength }
}
