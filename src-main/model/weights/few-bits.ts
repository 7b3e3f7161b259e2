/**
 * The kinds of GGUF files with fewest bits a number, each as its decoder. Source: llama.cpp, ggml-quants.c,
 * `dequantize_row_*`, and ggml-common.h for the layouts.
 */
import type { ElementType } from './element-type'
import { halfAt } from './half-precision'
import { large, quantised, simple, type DecodeBlock } from './quantised-block'

/** A half byte of scale and one of minimum for each 16 numbers, 64 bytes of two bits, d and dmin. */
const q2_k: DecodeBlock = (bytes, at, into, to) => {
  const d = halfAt(bytes, at + 80)
  const dMinimum = halfAt(bytes, at + 82)
  for (let i = 0; i < large; i++) {
    const packed = bytes[at + (i >> 4)]!
    const q = twoBits(bytes, at + 16, i)
    into[to + i] = d * (packed & 15) * q - dMinimum * (packed >> 4)
  }
}

/** Number i of 256 in 64 bytes: of each 128, the first 32 stand in the lowest bits of 32 bytes, and so on. */
const twoBits = (bytes: Uint8Array, at: number, i: number): number =>
  (bytes[at + 32 * (i >> 7) + (i & 31)]! >> (2 * ((i >> 5) & 3))) & 3

/** 32 bytes of third bits, 64 of two bits, twelve of six-bit scales, d: x = d·(scale − 32)·(q − 4 if the bit is 0). */
const q3_k: DecodeBlock = (bytes, at, into, to) => {
  const d = halfAt(bytes, at + 108)
  for (let i = 0; i < large; i++) {
    const j = i >> 4
    const low = (bytes[at + 96 + (j & 7)]! >> (4 * (j >> 3))) & 15
    const high = (bytes[at + 104 + (j & 3)]! >> (2 * (j >> 2))) & 3
    const third = (bytes[at + (i & 31)]! >> (i >> 5)) & 1
    into[to + i] = d * ((low | (high << 4)) - 32) * (twoBits(bytes, at + 32, i) - (third ? 0 : 4))
  }
}

/** Sixteen values, closer together around zero. */
const curved = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113] as const

/** d, then 32 half bytes that choose among sixteen values, the first 16 numbers in the low halves. */
const iq4_nl: DecodeBlock = (bytes, at, into, to) => {
  const d = halfAt(bytes, at)
  for (let i = 0; i < simple; i++)
    into[to + i] = d * curved[(bytes[at + 2 + (i & 15)]! >> (4 * (i >> 4))) & 15]!
}

/** The same with a six-bit scale for each 32 numbers. */
const iq4_xs: DecodeBlock = (bytes, at, into, to) => {
  const d = halfAt(bytes, at)
  const upper = bytes[at + 2]! | (bytes[at + 3]! << 8)
  for (let i = 0; i < large; i++) {
    const j = i >> 5
    const low = (bytes[at + 4 + (j >> 1)]! >> (4 * (j & 1))) & 15
    const scale = (low | (((upper >> (2 * j)) & 3) << 4)) - 32
    const byte = bytes[at + 8 + 16 * j + (i & 15)]!
    into[to + i] = d * scale * curved[(byte >> (4 * ((i >> 4) & 1))) & 15]!
  }
}

/** Two bits each: x = d·(q − 1). */
const tq2_0: DecodeBlock = (bytes, at, into, to) => {
  const d = halfAt(bytes, at + 64)
  for (let i = 0; i < large; i++) into[to + i] = d * (twoBits(bytes, at, i) - 1)
}

const powersOfThree = [1, 3, 9, 27, 81] as const

/** Where each 160, 80 and 16 numbers stand: as many bytes, five or four digits to the base of three in each. */
const digits = [
  { from: 0, byte: 0, bytes: 32 },
  { from: 160, byte: 32, bytes: 16 },
  { from: 240, byte: 48, bytes: 4 },
] as const

/** Digits to the base of three, of 256ths: x = d·(digit − 1). */
const tq1_0: DecodeBlock = (bytes, at, into, to) => {
  const d = halfAt(bytes, at + 52)
  for (let i = 0; i < large; i++) {
    const part = digits[i < 160 ? 0 : i < 240 ? 1 : 2]
    const within = i - part.from
    const power = powersOfThree[Math.floor(within / part.bytes)]!
    const left = (bytes[at + part.byte + (within % part.bytes)]! * power) & 255
    into[to + i] = d * (((left * 3) >> 8) - 1)
  }
}

/** What four bits of a floating-point number stand for, doubled. */
const tiny = [0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12] as const

/** A power of two, then 32 half bytes (Open Compute Project 2023, "Microscaling Formats"). */
const mxfp4: DecodeBlock = (bytes, at, into, to) => {
  const scale = 2 ** (bytes[at]! - 128)
  for (let i = 0; i < simple; i++)
    into[to + i] = scale * tiny[(bytes[at + 1 + (i & 15)]! >> (4 * (i >> 4))) & 15]!
}

export const fewBits: Readonly<Record<string, ElementType>> = {
  Q2_K: quantised(large, 84, q2_k),
  Q3_K: quantised(large, 110, q3_k),
  IQ4_NL: quantised(simple, 18, iq4_nl),
  IQ4_XS: quantised(large, 136, iq4_xs),
  TQ1_0: quantised(large, 54, tq1_0),
  TQ2_0: quantised(large, 66, tq2_0),
  MXFP4: quantised(simple, 17, mxfp4),
}
