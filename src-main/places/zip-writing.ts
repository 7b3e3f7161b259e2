/**
 * Files as one ZIP file, in the form of APPNOTE 6.3.10: written as they are read, so that models of many gigabytes fit.
 * What others write into such a file (owners, extra fields, comments) is left out.
 */
import { createReadStream } from 'node:fs'
import { open, stat, type FileHandle } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { crc32, createDeflateRaw } from 'node:zlib'

export interface ZipEntry {
  /** In the ZIP, with /. */
  readonly name: string
  /** Where its bytes lie. */
  readonly path: string
  /** Whether to deflate it; numbers of models hardly become smaller by it. */
  readonly isPacked: boolean
}

const localSignature = 0x04034b50
const centralSignature = 0x02014b50
const endSignature = 0x06054b50
const end64Signature = 0x06064b50
const locator64Signature = 0x07064b50
/** What needs more than 32 bits stands in a field of its own, and this in its place. */
const FULL = 0xffffffff
/** Names are UTF-8. */
const utf8Flag = 0x0800
/** 1 January 1980: the same files make the same bytes. */
const noDate = 0x0021
const regularFile = 0o100600 * 0x10000

interface Written {
  readonly name: Buffer
  readonly crc: number
  readonly packed: number
  readonly bytes: number
  readonly at: number
  readonly method: number
}

/** @returns bytes of the file */
export async function writeZip(file: string, entries: readonly ZipEntry[]): Promise<number> {
  const out = await open(file, 'w', 0o600)
  try {
    const written: Written[] = []
    let at = 0
    for (const entry of entries) {
      const one = await writeEntry(out, entry, at)
      written.push(one)
      at += localHeader(one).length + one.packed
    }
    const directory = Buffer.concat(written.map(centralHeader))
    const end = endOf(written.length, directory.length, at)
    await out.write(directory, 0, directory.length, at)
    await out.write(end, 0, end.length, at + directory.length)
    await out.sync()
    return at + directory.length + end.length
  } finally {
    await out.close()
  }
}

/** The header comes last, when it is known what followed it. */
async function writeEntry(out: FileHandle, { name, path, isPacked }: ZipEntry, at: number): Promise<Written> {
  const bytes = (await stat(path)).size
  const begun = { name: Buffer.from(name), crc: 0, packed: bytes, bytes, at, method: isPacked ? 8 : 0 }
  let sum = 0
  let read = 0
  let packed = 0
  async function* seen(): AsyncGenerator<Buffer> {
    for await (const piece of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
      sum = crc32(piece, sum)
      read += piece.length
      yield piece
    }
  }
  const source = isPacked ? Readable.from(seen()).pipe(createDeflateRaw()) : seen()
  const start = at + localHeader(begun).length
  for await (const piece of source as AsyncIterable<Buffer>) {
    await out.write(piece, 0, piece.length, start + packed)
    packed += piece.length
  }
  if (read !== bytes) throw new Error(`${path} changed while it was read`)
  const whole = { ...begun, crc: sum, packed }
  const header = localHeader(whole)
  await out.write(header, 0, header.length, at)
  return whole
}

/** By its size as it lies on disk, so that it is known before it is packed. */
const isLarge = ({ bytes }: Written): boolean => bytes > 0xf0000000

function localHeader(entry: Written): Buffer {
  const { name, crc, packed, bytes, method } = entry
  const large = isLarge(entry)
  const extra = large ? extraField([bytes, packed]) : Buffer.alloc(0)
  const header = Buffer.alloc(30)
  header.writeUInt32LE(localSignature, 0)
  header.writeUInt16LE(large ? 45 : 20, 4)
  header.writeUInt16LE(utf8Flag, 6)
  header.writeUInt16LE(method, 8)
  header.writeUInt16LE(noDate, 12)
  header.writeUInt32LE(crc, 14)
  header.writeUInt32LE(large ? FULL : packed, 18)
  header.writeUInt32LE(large ? FULL : bytes, 22)
  header.writeUInt16LE(name.length, 26)
  header.writeUInt16LE(extra.length, 28)
  return Buffer.concat([header, name, extra])
}

function centralHeader(entry: Written): Buffer {
  const { name, crc, packed, bytes, at, method } = entry
  const large = isLarge(entry)
  const far = at >= FULL
  const extra =
    large || far ? extraField([...(large ? [bytes, packed] : []), ...(far ? [at] : [])]) : Buffer.alloc(0)
  const header = Buffer.alloc(46)
  header.writeUInt32LE(centralSignature, 0)
  header.writeUInt16LE(0x0300 + 45, 4)
  header.writeUInt16LE(extra.length > 0 ? 45 : 20, 6)
  header.writeUInt16LE(utf8Flag, 8)
  header.writeUInt16LE(method, 10)
  header.writeUInt16LE(noDate, 14)
  header.writeUInt32LE(crc, 16)
  header.writeUInt32LE(large ? FULL : packed, 20)
  header.writeUInt32LE(large ? FULL : bytes, 24)
  header.writeUInt16LE(name.length, 28)
  header.writeUInt16LE(extra.length, 30)
  header.writeUInt32LE(regularFile, 38)
  header.writeUInt32LE(far ? FULL : at, 42)
  return Buffer.concat([header, name, extra])
}

/** Numbers of 64 bits, in the order in which the header left them out. */
function extraField(numbers: readonly number[]): Buffer {
  const field = Buffer.alloc(4 + 8 * numbers.length)
  field.writeUInt16LE(1, 0)
  field.writeUInt16LE(8 * numbers.length, 2)
  numbers.forEach((number, index) => field.writeBigUInt64LE(BigInt(number), 4 + 8 * index))
  return field
}

function endOf(count: number, directoryBytes: number, directoryAt: number): Buffer {
  const needs64 = count >= 0xffff || directoryAt >= FULL
  const end = Buffer.alloc(22)
  end.writeUInt32LE(endSignature, 0)
  end.writeUInt16LE(needs64 ? 0xffff : count, 8)
  end.writeUInt16LE(needs64 ? 0xffff : count, 10)
  end.writeUInt32LE(needs64 ? FULL : directoryBytes, 12)
  end.writeUInt32LE(needs64 ? FULL : directoryAt, 16)
  return needs64 ? Buffer.concat([end64(count, directoryBytes, directoryAt), end]) : end
}

function end64(count: number, directoryBytes: number, directoryAt: number): Buffer {
  const record = Buffer.alloc(56)
  record.writeUInt32LE(end64Signature, 0)
  record.writeBigUInt64LE(44n, 4)
  record.writeUInt16LE(45, 12)
  record.writeUInt16LE(45, 14)
  record.writeBigUInt64LE(BigInt(count), 24)
  record.writeBigUInt64LE(BigInt(count), 32)
  record.writeBigUInt64LE(BigInt(directoryBytes), 40)
  record.writeBigUInt64LE(BigInt(directoryAt), 48)
  const locator = Buffer.alloc(20)
  locator.writeUInt32LE(locator64Signature, 0)
  locator.writeBigUInt64LE(BigInt(directoryAt + directoryBytes), 8)
  locator.writeUInt32LE(1, 16)
  return Buffer.concat([record, locator])
}
