/** How numbers are stored in weight files, and how each kind becomes float32. */
import type { ElementType } from './element-type'
import { fewBits } from './few-bits'
import { halfAt } from './half-precision'
import { quantisedTypes } from './quantised-types'

function decodeFloat32(bytes: Uint8Array, into: Float32Array): void {
  new Uint8Array(into.buffer, into.byteOffset, into.byteLength).set(bytes.subarray(0, into.byteLength))
}

function decodeFloat16(bytes: Uint8Array, into: Float32Array): void {
  for (let i = 0; i < into.length; i++) into[i] = halfAt(bytes, 2 * i)
}

/** The upper halves of float32 numbers. */
function decodeBfloat16(bytes: Uint8Array, into: Float32Array): void {
  const bits = new Uint32Array(into.buffer, into.byteOffset, into.length)
  for (let i = 0; i < bits.length; i++) bits[i] = (bytes[2 * i]! << 16) | (bytes[2 * i + 1]! << 24)
}

function decodeFloat64(bytes: Uint8Array, into: Float32Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let i = 0; i < into.length; i++) into[i] = view.getFloat64(8 * i, true)
}

/** By the names that the formats give them. */
export const elementTypes: Readonly<Record<string, ElementType>> = {
  F32: { blockNumbers: 1, blockBytes: 4, decode: decodeFloat32 },
  F16: { blockNumbers: 1, blockBytes: 2, decode: decodeFloat16 },
  BF16: { blockNumbers: 1, blockBytes: 2, decode: decodeBfloat16 },
  F64: { blockNumbers: 1, blockBytes: 8, decode: decodeFloat64 },
  ...quantisedTypes,
  ...fewBits,
}

/** For people: "F32, F16, …". */
export const readableTypes = Object.keys(elementTypes).join(', ')
