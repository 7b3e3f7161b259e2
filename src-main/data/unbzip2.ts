/**
 * bzip2 by the block: a block is unpacked as a whole and held against its checksum before anyone sees a byte of it.
 * It holds at most 900 KB, and, where these are runs, 46 MB: so much memory is taken, whatever a file says.
 */
import bitIterator, { type ReadBits } from '@openpgp/unbzip2-stream/lib/bit_iterator.js'
import blocks from '@openpgp/unbzip2-stream/lib/bzip2.js'

/** A block's tables besides its bytes. */
const TABLE_BYTES = 25_000
const UNIT_BYTES = 100_000

/** Streams that follow one another are one, as parallel packers write them. */
export async function* unbzip2(
  packed: AsyncIterable<Uint8Array>,
  pieceBytes: number,
): AsyncGenerator<Uint8Array> {
  const ahead: Uint8Array[] = []
  let unpacker: BlockReader | undefined
  let bytes = 0
  for await (const chunk of packed) {
    ahead.push(chunk)
    bytes += chunk.length
    // it takes its first bytes at once
    unpacker ??= blockReader(
      bitIterator(() => ahead.shift()),
      pieceBytes,
    )
    while (bytes - unpacker.bytesRead() >= unpacker.needs()) yield* unpacker.next()
  }
  while (unpacker && bytes > unpacker.bytesRead()) yield* unpacker.next()
  if (unpacker?.isWithin()) throw new Error('the stream is cut off')
}

interface BlockReader {
  /** A header, a block or the end of a stream. */
  next(): readonly Uint8Array[]
  bytesRead(): number
  /** The most bytes that the next one can take. */
  needs(): number
  /** Whether the end of a stream has still to come. */
  isWithin(): boolean
}

function blockReader(bits: ReadBits, pieceBytes: number): BlockReader {
  let size = 0
  let checksum: number | null = null
  return {
    bytesRead: () => bits.bytesRead,
    needs: () => TABLE_BYTES + UNIT_BYTES * (size || 9),
    isWithin: () => checksum !== null,
    next() {
      if (checksum === null) {
        size = blocks.header(bits)
        checksum = 0
        return []
      }
      const pieces = piecesOf(pieceBytes)
      const units = size * UNIT_BYTES
      checksum = blocks.decompress(bits, pieces.put, new Int32Array(units), units, checksum)
      return pieces.all()
    },
  }
}

function piecesOf(pieceBytes: number): { put(byte: number): void; all(): readonly Uint8Array[] } {
  const full: Uint8Array[] = []
  let piece = new Uint8Array(pieceBytes)
  let length = 0
  return {
    put(byte) {
      if (length === pieceBytes) {
        full.push(piece)
        piece = new Uint8Array(pieceBytes)
        length = 0
      }
      piece[length++] = byte
    },
    all: () => [...full, piece.subarray(0, length)],
  }
}
