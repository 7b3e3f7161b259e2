/**
 * The quantised kinds of numbers in GGUF files, each as its decoder. A block of 32 or 256 numbers shares its
 * scales: in the simple kinds one half-precision scale d (and minimum m), in the "K" kinds a scale for each
 * 16 or 32 numbers, which is itself quantised. Source: llama.cpp, ggml-quants.c, `dequantize_row_*`, and
 * ggml-common.h for the layouts.
 */
import type { ElementType } from './element-type'
import { halfAt } from './half-precision'
import { large, quantised, signed, simple, type DecodeBlock } from './quantised-block'

/** d, then 32 signed bytes: x = d·q. */
const q8_0: DecodeBlock = (bytes, at, into, to) => {
  const d = halfAt(bytes, at)
  for (let i = 0; i < simple; i++) into[to + i] = d * signed(bytes[at + 2 + i]!)
}

/** d, then 32 half bytes, the first 16 numbers in the low halves: x = d·(q − 8). */
const q4_0: DecodeBlock = (bytes, at, into, to) => {
  const d = halfAt(bytes, at)
  for (let i = 0; i < simple / 2; i++) {
    const pair = bytes[at + 2 + i]!
    into[to + i] = d * ((pair & 15) - 8)
    into[to + 16 + i] = d * ((pair >> 4) - 8)
  }
}

/** d and m, then 32 half bytes: x = d·q + m. */
const q4_1: DecodeBlock = (bytes, at, into, to) => {
  const d = halfAt(bytes, at)
  const m = halfAt(bytes, at + 2)
  for (let i = 0; i < simple / 2; i++) {
    const pair = bytes[at + 4 + i]!
    into[to + i] = d * (pair & 15) + m
    into[to + 16 + i] = d * (pair >> 4) + m
  }
}

/** d, a fifth bit of each number, then 32 half bytes: x = d·(q − 16). */
const q5_0: DecodeBlock = (bytes, at, into, to) => {
  const d = halfAt(bytes, at)
  for (let i = 0; i < simple / 2; i++) {
    const pair = bytes[at + 6 + i]!
    into[to + i] = d * (((pair & 15) | (bitAt(bytes, at + 2, i) << 4)) - 16)
    into[to + 16 + i] = d * (((pair >> 4) | (bitAt(bytes, at + 2, i + 16) << 4)) - 16)
  }
}

/** d and m, a fifth bit of each number, then 32 half bytes: x = d·q + m. */
const q5_1: DecodeBlock = (bytes, at, into, to) => {
  const d = halfAt(bytes, at)
  const m = halfAt(bytes, at + 2)
  for (let i = 0; i < simple / 2; i++) {
    const pair = bytes[at + 8 + i]!
    into[to + i] = d * ((pair & 15) | (bitAt(bytes, at + 4, i) << 4)) + m
    into[to + 16 + i] = d * ((pair >> 4) | (bitAt(bytes, at + 4, i + 16) << 4)) + m
  }
}

const bitAt = (bytes: Uint8Array, at: number, bit: number): number =>
  (bytes[at + (bit >> 3)]! >> (bit & 7)) & 1

/** The six-bit scale of the j-th 32 numbers of a K block, of twelve bytes that begin at `at`. */
const scaleAt = (bytes: Uint8Array, at: number, j: number): number =>
  j < 4 ? bytes[at + j]! & 63 : (bytes[at + j + 4]! & 15) | ((bytes[at + j - 4]! >> 6) << 4)

/** The six-bit minimum beside it. */
const minimumAt = (bytes: Uint8Array, at: number, j: number): number =>
  j < 4 ? bytes[at + j + 4]! & 63 : (bytes[at + j + 4]! >> 4) | ((bytes[at + j]! >> 6) << 4)

/**
 * d and dmin, twelve bytes of scales and minima, then from byte `halfBytes` on 128 of half bytes: x =
 * d·scale·q − dmin·minimum.
 * @param fifthBit of number i of the j-th 32: 0 or 16
 */
const withMinima =
  (
    halfBytes: number,
    fifthBit: (bytes: Uint8Array, at: number, j: number, i: number) => number,
  ): DecodeBlock =>
  (bytes, at, into, to) => {
    const d = halfAt(bytes, at)
    const dMinimum = halfAt(bytes, at + 2)
    for (let j = 0; j < 8; j++) {
      const scale = d * scaleAt(bytes, at + 4, j)
      const minimum = dMinimum * minimumAt(bytes, at + 4, j)
      const first = at + halfBytes + 32 * (j >> 1)
      const shift = 4 * (j & 1)
      for (let i = 0; i < 32; i++)
        into[to + 32 * j + i] =
          scale * (((bytes[first + i]! >> shift) & 15) | fifthBit(bytes, at, j, i)) - minimum
    }
  }

const q4_k = withMinima(16, () => 0)

/** 32 bytes of fifth bits stand before the half bytes: bit j of byte i. */
const q5_k = withMinima(48, (bytes, at, j, i) => ((bytes[at + 16 + i]! >> j) & 1) << 4)

/**
 * 128 bytes of low half bytes, 64 of two upper bits, a signed scale for each 16 numbers, d: x = d·scale·(q −
 * 32).
 */
const q6_k: DecodeBlock = (bytes, at, into, to) => {
  const d = halfAt(bytes, at + 208)
  for (let half = 0; half < 2; half++) {
    for (let quarter = 0; quarter < 4; quarter++) {
      const low = at + 64 * half + 32 * (quarter & 1)
      const high = at + 128 + 32 * half
      const scales = at + 192 + 8 * half + 2 * quarter
      for (let i = 0; i < 32; i++) {
        const q =
          ((bytes[low + i]! >> (4 * (quarter >> 1))) & 15) | (((bytes[high + i]! >> (2 * quarter)) & 3) << 4)
        into[to + 128 * half + 32 * quarter + i] = d * signed(bytes[scales + (i >> 4)]!) * (q - 32)
      }
    }
  }
}

export const quantisedTypes: Readonly<Record<string, ElementType>> = {
  Q8_0: quantised(simple, 34, q8_0),
  Q4_0: quantised(simple, 18, q4_0),
  Q4_1: quantised(simple, 20, q4_1),
  Q5_0: quantised(simple, 22, q5_0),
  Q5_1: quantised(simple, 24, q5_1),
  Q4_K: quantised(large, 144, q4_k),
  Q5_K: quantised(large, 176, q5_k),
  Q6_K: quantised(large, 210, q6_k),
}
