/** Arrow's stream of messages: columns first, then dictionaries and batches of rows, each with its body. */
import { bytesBetween } from '../parquet/footer'
import type { ReadAt } from '../source-file'
import { numberIn, rootOf, tableIn, vectorIn, wide, type Table } from './flatbuffer'

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

const FILE_SIGNATURE = 'ARROW1'
/** The signature is filled up to so many bytes. */
const FILE_START = 8

/**
 * The messages of a stream, in order, or of a file, as its footer lists them.
 * @throws Error for sizes that the file does not have
 */
export async function* messagesIn(file: ReadAt, fileBytes: number): AsyncGenerator<Message> {
  const head = await bytesBetween(file, 0, Math.min(fileBytes, FILE_START))
  if (head.toString('latin1').startsWith(FILE_SIGNATURE)) yield* listedMessages(file, fileBytes)
  else yield* streamedMessages(file, fileBytes)
}

async function* listedMessages(file: ReadAt, fileBytes: number): AsyncGenerator<Message> {
  const end = fileBytes - FILE_SIGNATURE.length
  const tail = await bytesBetween(file, Math.max(0, end - 4), fileBytes)
  if (tail.toString('latin1', 4) !== FILE_SIGNATURE) throw new Error(`it does not end with ${FILE_SIGNATURE}`)
  const length = tail.readUInt32LE(0)
  if (length > Math.min(LARGEST_HEADER_BYTES, end - 4 - FILE_START))
    throw new Error('its list of batches is longer than it')
  const footer = rootOf(await bytesBetween(file, end - 4 - length, end - 4))
  const header = tableIn(footer, 1)
  if (!header) throw new Error('it has no list of columns')
  yield { kind: kinds.schema, header, body: Buffer.alloc(0), end: FILE_START }
  for (const field of [2, 3])
    for (const start of blocksIn(footer, field)) {
      const message = await messageAt(file, fileBytes, start)
      if (message) yield message
    }
}

/** Where the dictionaries, or the batches, begin: structures of 24 bytes. */
function blocksIn(footer: Table, field: number): readonly number[] {
  const { bytes, at, length } = vectorIn(footer, field, 24)
  return Array.from({ length }, (_, index) => wide(bytes, at + 24 * index))
}

async function* streamedMessages(file: ReadAt, fileBytes: number): AsyncGenerator<Message> {
  for (let at = 0; at + 4 <= fileBytes;) {
    const message = await messageAt(file, fileBytes, at)
    if (!message) return
    yield message
    at = message.end
  }
}

async function messageAt(file: ReadAt, fileBytes: number, start: number): Promise<Message | undefined> {
  if (!(start >= 0 && start + 4 <= fileBytes)) throw new Error('a message of it lies outside of it')
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
