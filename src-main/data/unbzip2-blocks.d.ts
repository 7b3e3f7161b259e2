/** What of the library is used, which has no types of its own: its blocks, not its stream of numbers in lists. */
declare module '@openpgp/unbzip2-stream/lib/bzip2.js' {
  import type { ReadBits } from '@openpgp/unbzip2-stream/lib/bit_iterator.js'

  const blocks: {
    /** @returns the size of blocks in units of 100,000 bytes */
    header(bits: ReadBits): number
    /** @returns the checksum of the stream so far; null when it ended, at its end */
    decompress(
      bits: ReadBits,
      put: (byte: number) => void,
      buffer: Int32Array,
      size: number,
      checksum: number,
    ): number | null
  }
  export default blocks
}

declare module '@openpgp/unbzip2-stream/lib/bit_iterator.js' {
  export interface ReadBits {
    (count: number | null): number
    readonly bytesRead: number
  }
  /** Fails where there is no next one. */
  export default function bitIterator(next: () => Uint8Array | undefined): ReadBits
}
