/** How a file may be packed, one row a packing: told by its first bytes, unpacked as it is read. */
import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { Decompress } from 'fzstd'
import xz from 'xz-decompress'
import { unbzip2 } from './unbzip2'

export interface Packing {
  readonly name: string
  /** The bytes that it begins with, as Latin 1. */
  readonly signature: RegExp
  readonly extensions: readonly string[]
  /** Gives the bytes in pieces of about so many. What it throws is about the packed bytes. */
  readonly unpack: (packed: Readable, pieceBytes: number) => AsyncIterable<Uint8Array>
}

export const packings: readonly Packing[] = [
  {
    name: 'gzip',
    signature: /^\x1f\x8b/,
    extensions: ['.gz', '.gzip'],
    // whoever reads the end hears of an error; nobody else is to be told
    unpack: (packed, pieceBytes) => pipeline(packed, createGunzip({ chunkSize: pieceBytes }), () => {}),
  },
  { name: 'zstd', signature: /^\x28\xb5\x2f\xfd/, extensions: ['.zst', '.zstd'], unpack: unzstd },
  {
    name: 'xz',
    signature: /^\xfd7zXZ\0/,
    extensions: ['.xz'],
    unpack: unxz,
  },
  {
    name: 'bzip2',
    // a text may begin with the letters: a block follows, or the end of a stream without any
    signature: /^BZh[1-9](?:1AY&|\x17rE8)/,
    extensions: ['.bz2', '.bzip2'],
    unpack: unbzip2,
  },
]

/** The library reads ahead, and fails when it is told to stop after its end: nobody is to hear of that. */
async function* unxz(packed: Readable): AsyncGenerator<Uint8Array> {
  const reader = new xz.XzReadableStream(Readable.toWeb(packed) as ReadableStream<Uint8Array>).getReader()
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}

/** A block of four bytes stands for as many as 128 KB: so many are unpacked before anyone else may go on. */
const PACKED_AT_ONCE = 512
/** What zstd itself unpacks without being asked to: what is set aside for one frame. */
const LARGEST_WINDOW_BYTES = 128 << 20

async function* unzstd(packed: Readable): AsyncGenerator<Uint8Array> {
  const pieces: Uint8Array[] = []
  const unpacker = new Decompress((piece) => void pieces.push(piece))
  let isFirst = true
  let isEnded = true
  for await (const chunk of packed as AsyncIterable<Buffer>) {
    if (isFirst && windowBytes(chunk) > LARGEST_WINDOW_BYTES)
      throw new Error('it is packed with a window of more than 128 MB')
    isFirst = false
    for (let at = 0; at < chunk.length; at += PACKED_AT_ONCE) {
      unpacker.push(chunk.subarray(at, at + PACKED_AT_ONCE))
      yield* pieces.splice(0)
    }
    isEnded = false
  }
  if (!isEnded) unpacker.push(new Uint8Array(0), true)
  yield* pieces
}

/** RFC 8878, section 3.1.1.1: the memory that the first frame asks for. */
function windowBytes(head: Buffer): number {
  const [descriptor = 0, window = 0] = head.subarray(4, 6)
  const isWhole = (descriptor & 0x20) !== 0
  if (!isWhole) return 2 ** (10 + (window >> 3)) * (1 + (window & 7) / 8)
  const sizeAt = 5 + [0, 1, 2, 4][descriptor & 3]!
  const sizeBytes = [1, 2, 4, 8][descriptor >> 6]!
  return Number(
    `0x0${Buffer.from(head.subarray(sizeAt, sizeAt + sizeBytes))
      .reverse()
      .toString('hex')}`,
  )
}

export function packingOf(head: Uint8Array): Packing | undefined {
  const text = Buffer.from(head.subarray(0, 8)).toString('latin1')
  return packings.find(({ signature }) => signature.test(text))
}

/** The name without what only says how the file is packed. */
export function unpackedName(file: string): string {
  const extension = packings
    .flatMap(({ extensions }) => extensions)
    .find((each) => file.toLowerCase().endsWith(each))
  return extension === undefined ? file : file.slice(0, -extension.length)
}
