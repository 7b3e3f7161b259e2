/**
 * Numbers as weight files hold them, from float32. Sources: IEEE 754 for the 16-bit kinds, rounded to the nearest,
 * of two equally near to the even one; llama.cpp, ggml-quants.c, `quantize_row_q8_0_ref` and `_q4_0_ref`.
 */
import type { ExportNumbers } from '../../../src-shared/records/checkpoint'
import { StudioFailure } from '../../../src-shared/result'
import { halfAt } from './half-precision'

export type WrittenType = ExportNumbers

interface WrittenBlocks {
  /** Numbers that are stored together, and bytes they take. */
  readonly blockNumbers: number
  readonly blockBytes: number
  readonly encode: (numbers: Float32Array) => Uint8Array
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength)

const bits = new Uint32Array(1)
const asFloat = new Float32Array(bits.buffer)

/** binary16 of a number; beyond 65,504 infinite. */
export function halfBits(value: number): number {
  asFloat[0] = value
  const word = bits[0]!
  const sign = (word >>> 16) & 0x8000
  const magnitude = Math.abs(asFloat[0])
  if (Number.isNaN(magnitude)) return sign | 0x7e00
  if (magnitude >= 65_520) return sign | 0x7c00
  // below 2⁻¹⁴ numbers are multiples of 2⁻²⁴
  if (magnitude < 2 ** -14) return sign | roundToEven(magnitude * 2 ** 24)
  const exponent = ((word >>> 23) & 255) - 127
  const fraction = roundToEven((magnitude / 2 ** exponent - 1) * 1024)
  return sign | (((exponent + 15) << 10) + fraction)
}

function roundToEven(value: number): number {
  const below = Math.floor(value)
  const rest = value - below
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below
}

function encodeHalves(numbers: Float32Array): Uint8Array {
  const halves = Uint16Array.from(numbers, halfBits)
  return new Uint8Array(halves.buffer)
}

function encodeBfloat16(numbers: Float32Array): Uint8Array {
  const words = new Uint32Array(numbers.buffer, numbers.byteOffset, numbers.length)
  const upper = Uint16Array.from(words, (word) => (word + 0x7fff + ((word >>> 16) & 1)) >>> 16)
  return new Uint8Array(upper.buffer)
}

const block = 32

/** Half away from zero, as C's roundf. */
const rounded = (value: number): number => Math.sign(value) * Math.floor(Math.abs(value) + 0.5)

/** d = max |x| / 127, then a signed byte each: x / d. */
function encodeQ8(numbers: Float32Array): Uint8Array {
  const bytes = new Uint8Array((numbers.length / block) * 34)
  for (let at = 0, to = 0; at < numbers.length; at += block, to += 34) {
    let most = 0
    for (let i = 0; i < block; i++) most = Math.max(most, Math.abs(numbers[at + i]!))
    const d = Math.fround(most / 127)
    const inverse = d === 0 ? 0 : Math.fround(1 / d)
    putHalf(bytes, to, d)
    for (let i = 0; i < block; i++) bytes[to + 2 + i] = rounded(Math.fround(numbers[at + i]! * inverse)) & 255
  }
  return bytes
}

/** d = the number furthest from zero / −8, then half a byte each: x / d + 8, the first 16 in the low halves. */
function encodeQ4(numbers: Float32Array): Uint8Array {
  const bytes = new Uint8Array((numbers.length / block) * 18)
  for (let at = 0, to = 0; at < numbers.length; at += block, to += 18) {
    let furthest = 0
    for (let i = 0; i < block; i++)
      if (Math.abs(numbers[at + i]!) > Math.abs(furthest)) furthest = numbers[at + i]!
    const d = Math.fround(furthest / -8)
    const inverse = d === 0 ? 0 : Math.fround(1 / d)
    putHalf(bytes, to, d)
    // in float32 at each step, as there: what lies halfway between two goes where llama.cpp's goes
    const halfByte = (i: number): number =>
      Math.min(15, Math.trunc(Math.fround(Math.fround(numbers[at + i]! * inverse) + 8.5)))
    for (let i = 0; i < block / 2; i++) bytes[to + 2 + i] = halfByte(i) | (halfByte(i + 16) << 4)
  }
  return bytes
}

function putHalf(bytes: Uint8Array, at: number, value: number): void {
  const half = halfBits(value)
  bytes[at] = half & 255
  bytes[at + 1] = half >> 8
}

export const writtenNumbers: Readonly<Record<WrittenType, WrittenBlocks>> = {
  F32: { blockNumbers: 1, blockBytes: 4, encode: bytesOf },
  F16: { blockNumbers: 1, blockBytes: 2, encode: encodeHalves },
  BF16: { blockNumbers: 1, blockBytes: 2, encode: encodeBfloat16 },
  Q8_0: { blockNumbers: block, blockBytes: 34, encode: encodeQ8 },
  Q4_0: { blockNumbers: block, blockBytes: 18, encode: encodeQ4 },
}

/** Bytes that so many numbers take. */
export const writtenBytes = (type: WrittenType, numbers: number): number =>
  (numbers / writtenNumbers[type].blockNumbers) * writtenNumbers[type].blockBytes

/** @throws StudioFailure naming the tensor when one of its numbers is beyond what the kind can hold */
export function encodeNumbers(name: string, type: WrittenType, numbers: Float32Array): Uint8Array {
  const bytes = writtenNumbers[type].encode(numbers)
  if (type === 'F16')
    for (let i = 0; i < numbers.length; i++)
      if (!Number.isFinite(halfAt(bytes, 2 * i)))
        throw new StudioFailure({
          kind: 'invalid-input',
          field: 'numbers',
          problem: `F16 cannot hold ${numbers[i]}, number ${i + 1} of the tensor "${name}": choose BF16 or F32.`,
        })
  return bytes
}
