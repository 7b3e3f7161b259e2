/** What the quantised kinds of numbers in GGUF files have in common: blocks of 32 or 256 numbers. */
import type { ElementType } from './element-type'

/** Decodes one block: its bytes begin at `at`, its numbers at `to`. */
export type DecodeBlock = (bytes: Uint8Array, at: number, into: Float32Array, to: number) => void

export function quantised(blockNumbers: number, blockBytes: number, decodeBlock: DecodeBlock): ElementType {
  return {
    blockNumbers,
    blockBytes,
    decode(bytes, into) {
      for (let block = 0; block * blockNumbers < into.length; block++)
        decodeBlock(bytes, block * blockBytes, into, block * blockNumbers)
    },
  }
}

export const simple = 32
export const large = 256

export const signed = (byte: number): number => (byte << 24) >> 24
