/**
 * How the bytes of a page are unpacked, one row a codec. How much a codec can pack at most bounds what is set
 * aside for a page, whatever the page says of itself.
 */
import { promisify } from 'node:util'
import { brotliDecompress, gunzip } from 'node:zlib'
import { decompress as unzstd } from 'fzstd'
import { compressors } from 'hyparquet-compressors'

interface Codec {
  /** Bytes that one packed byte can stand for, at most. */
  readonly ratio: number
  readonly unpack: (packed: Uint8Array, length: number) => Uint8Array | Promise<Uint8Array>
}

const codecs: Readonly<Record<string, Codec>> = {
  UNCOMPRESSED: { ratio: 1, unpack: (packed) => packed },
  // a copy of 64 bytes takes 3
  SNAPPY: { ratio: 22, unpack: byName('SNAPPY') },
  LZ4: { ratio: 256, unpack: byName('LZ4') },
  LZ4_RAW: { ratio: 256, unpack: byName('LZ4_RAW') },
  // these two set aside what comes out, not what is said to
  GZIP: {
    ratio: 1033,
    unpack: (packed, length) => promisify(gunzip)(packed, { maxOutputLength: length + 1 }),
  },
  BROTLI: {
    ratio: Infinity,
    unpack: (packed, length) => promisify(brotliDecompress)(packed, { maxOutputLength: length + 1 }),
  },
  // a block of 4 bytes repeats one byte 131,072 times
  ZSTD: { ratio: 32_768, unpack: (packed, length) => unzstd(packed, new Uint8Array(length)) },
}

/** More in one page than any common writer puts there. */
const LARGEST_PAGE_BYTES = 128 << 20

/** @throws Error when the bytes are not what they say */
export async function unpackPage(codec: string, packed: Uint8Array, length: number): Promise<Uint8Array> {
  const known = Object.hasOwn(codecs, codec) ? codecs[codec] : undefined
  if (!known) throw new Error(`its pages are packed by ${codec}, which is not read`)
  if (length > LARGEST_PAGE_BYTES) throw new Error(`a page of it says it has ${Math.round(length / 1e6)} MB`)
  if (length > known.ratio * packed.length + 64)
    throw new Error(`a page of it says it has ${length} bytes and has at most ${known.ratio * packed.length}`)
  if (length === 0) return new Uint8Array(0)
  const unpacked = await known.unpack(packed, length)
  if (unpacked.length !== length)
    throw new Error(`a page of it says it has ${length} bytes and has ${unpacked.length}`)
  return unpacked
}

function byName(name: 'SNAPPY' | 'LZ4' | 'LZ4_RAW'): Codec['unpack'] {
  return (packed, length) => {
    const unpack = compressors[name]
    if (!unpack) throw new Error(`its pages are packed by ${name}, which is not read`)
    return unpack(packed, length)
  }
}
