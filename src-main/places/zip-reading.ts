/**
 * What a ZIP file from anywhere holds, and its files on disk. Nothing it says is believed: a name leads nowhere but
 * into the folder it is unpacked into, no file becomes longer than was said, and its checksum must be right.
 */
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, open, type FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { crc32, createInflateRaw } from 'node:zlib'

export interface ZippedFile {
  readonly name: string
  readonly bytes: number
  readonly packed: number
  readonly crc: number
  readonly method: number
  /** Of its local header. */
  readonly at: number
}

const endBytes = 22
const mostComment = 0xffff
const mostDirectoryBytes = 1 << 24
const FULL = 0xffffffff

/** @throws Error in words, when it is no ZIP file or a damaged one */
export async function filesInZip(path: string): Promise<readonly ZippedFile[]> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const { count, bytes, at } = await endIn(file, size)
    if (bytes > mostDirectoryBytes || at + bytes > size) throw damaged()
    return entriesIn(await readAt(file, at, bytes), count)
  } finally {
    await file.close()
  }
}

/** @throws Error in words */
export async function unzipInto(folder: string, zip: string, files: readonly ZippedFile[]): Promise<void> {
  for (const each of files) {
    const target = join(folder, ...each.name.split('/'))
    await mkdir(dirname(target), { recursive: true })
    await unzipOne(zip, each, target)
  }
}

async function unzipOne(zip: string, { at, packed, bytes, crc, method, name }: ZippedFile, target: string) {
  const start = await dataAt(zip, at)
  const source = createReadStream(zip, { start, end: start + packed - 1 })
  let sum = 0
  let length = 0
  async function* measured(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const piece of pieces) {
      length += piece.length
      if (length > bytes) throw new Error(`its part ${name} is longer than it says`)
      sum = crc32(piece, sum)
      yield piece
    }
  }
  const sink = createWriteStream(target, { flags: 'wx', mode: 0o600 })
  if (packed === 0) await pipeline([], sink)
  else if (method === 8) await pipeline(source, createInflateRaw(), measured, sink)
  else await pipeline(source, measured, sink)
  if (length !== bytes || sum !== crc) throw new Error(`its part ${name} is damaged`)
}

async function dataAt(zip: string, at: number): Promise<number> {
  const file = await open(zip)
  try {
    const header = await readAt(file, at, 30)
    if (header.readUInt32LE(0) !== 0x04034b50) throw damaged()
    return at + 30 + header.readUInt16LE(26) + header.readUInt16LE(28)
  } finally {
    await file.close()
  }
}

interface Directory {
  readonly count: number
  readonly bytes: number
  readonly at: number
}

async function endIn(file: FileHandle, size: number): Promise<Directory> {
  const tail = await readAt(
    file,
    Math.max(0, size - endBytes - mostComment),
    Math.min(size, endBytes + mostComment),
  )
  const end = tail.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'))
  if (end < 0 || end + endBytes > tail.length) throw new Error('it is no ZIP file, or its end is missing')
  const said = {
    count: tail.readUInt16LE(end + 10),
    bytes: tail.readUInt32LE(end + 12),
    at: tail.readUInt32LE(end + 16),
  }
  const locator = end - 20
  if (said.at !== FULL || locator < 0 || tail.readUInt32LE(locator) !== 0x07064b50) return said
  const record = await readAt(file, numberAt(tail, locator + 8), 56)
  if (record.readUInt32LE(0) !== 0x06064b50) throw damaged()
  return { count: numberAt(record, 32), bytes: numberAt(record, 40), at: numberAt(record, 48) }
}

function entriesIn(directory: Buffer, count: number): readonly ZippedFile[] {
  const entries: ZippedFile[] = []
  for (let at = 0; entries.length < count;) {
    if (at + 46 > directory.length || directory.readUInt32LE(at) !== 0x02014b50) throw damaged()
    const nameBytes = directory.readUInt16LE(at + 28)
    const extraBytes = directory.readUInt16LE(at + 30)
    const next = at + 46 + nameBytes + extraBytes + directory.readUInt16LE(at + 32)
    if (next > directory.length) throw damaged()
    entries.push(entryAt(directory, at, { nameBytes, extraBytes }))
    at = next
  }
  return entries
}

function entryAt(
  directory: Buffer,
  at: number,
  { nameBytes, extraBytes }: { readonly nameBytes: number; readonly extraBytes: number },
): ZippedFile {
  const method = directory.readUInt16LE(at + 10)
  if (directory.readUInt16LE(at + 8) & 1) throw new Error('it is encrypted')
  if (method !== 0 && method !== 8) throw new Error(`it is packed in a way (${method}) that is not read`)
  const large = largeNumbers(directory.subarray(at + 46 + nameBytes, at + 46 + nameBytes + extraBytes))
  const number = (place: number): number => {
    const said = directory.readUInt32LE(at + place)
    return said === FULL ? (large.shift() ?? said) : said
  }
  const bytes = number(24)
  const packed = number(20)
  return {
    name: directory.toString('utf8', at + 46, at + 46 + nameBytes),
    bytes,
    packed,
    crc: directory.readUInt32LE(at + 16),
    method,
    at: number(42),
  }
}

function largeNumbers(extra: Buffer): number[] {
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== 1) continue
    const count = Math.floor(Math.min(extra.readUInt16LE(at + 2), extra.length - at - 4) / 8)
    return Array.from({ length: count }, (_, index) => numberAt(extra, at + 4 + 8 * index))
  }
  return []
}

function numberAt(bytes: Buffer, at: number): number {
  const number = bytes.readBigUInt64LE(at)
  if (number > BigInt(Number.MAX_SAFE_INTEGER)) throw damaged()
  return Number(number)
}

async function readAt(file: FileHandle, at: number, bytes: number): Promise<Buffer> {
  const buffer = Buffer.alloc(bytes)
  const { bytesRead } = await file.read(buffer, 0, bytes, at)
  if (bytesRead < bytes) throw damaged()
  return buffer
}

const damaged = (): Error => new Error('its list of parts is damaged')
