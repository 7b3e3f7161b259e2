/** Reads the header of a GGUF file value by value, from as much of the file as is in memory. */
import { refuse } from './refusal'

export type GgufValue = number | boolean | string | readonly GgufValue[]

/** More of the file is needed than is in memory. */
export class BeyondBytes extends Error {}

export interface GgufCursor {
  /** Byte of the file that comes next. */
  at(): number
  u32(): number
  /** @throws WeightsError when it is larger than any place in a file can be */
  u64(): number
  text(): string
  /** A value of one of the types 0 … 12 of GGUFValueType. */
  value(type: number): GgufValue
}

const arrayType = 9
const stringType = 8
const deepestArray = 3

interface Scalar {
  readonly bytes: number
  readonly read: (view: DataView, at: number) => number | boolean
}

/** By GGUFValueType. */
const scalars: Readonly<Record<number, Scalar>> = {
  0: { bytes: 1, read: (view, at) => view.getUint8(at) },
  1: { bytes: 1, read: (view, at) => view.getInt8(at) },
  2: { bytes: 2, read: (view, at) => view.getUint16(at, true) },
  3: { bytes: 2, read: (view, at) => view.getInt16(at, true) },
  4: { bytes: 4, read: (view, at) => view.getUint32(at, true) },
  5: { bytes: 4, read: (view, at) => view.getInt32(at, true) },
  6: { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  7: { bytes: 1, read: (view, at) => view.getUint8(at) !== 0 },
  10: { bytes: 8, read: (view, at) => Number(view.getBigUint64(at, true)) },
  11: { bytes: 8, read: (view, at) => Number(view.getBigInt64(at, true)) },
  12: { bytes: 8, read: (view, at) => view.getFloat64(at, true) },
}

/** @throws WeightsError when a number is larger than any place in a file can be */
const placeIn = (value: number, at: number): number =>
  Number.isSafeInteger(value) ? value : refuse(`the number ${value} at byte ${at} is too large`)

/** @param fileBytes of the whole file: no count in it can be larger */
export function ggufCursor(bytes: Uint8Array, fileBytes: number): GgufCursor {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const decoder = new TextDecoder()
  let next = 0

  function step(length: number): number {
    if (next + length > bytes.length) throw new BeyondBytes()
    next += length
    return next - length
  }
  const u32 = (): number => view.getUint32(step(4), true)
  const u64 = (): number => placeIn(Number(view.getBigUint64(step(8), true)), next - 8)
  function text(): string {
    const length = u64()
    if (length > fileBytes) refuse(`a text of ${length} bytes at byte ${next} is longer than the file`)
    const from = step(length)
    return decoder.decode(bytes.subarray(from, from + length))
  }

  function value(type: number, depth = 0): GgufValue {
    if (type === stringType) return text()
    if (type === arrayType) return array(depth)
    const scalar = scalars[type]
    return scalar
      ? scalar.read(view, step(scalar.bytes))
      : refuse(`a value at byte ${next} is of the type ${type}, which GGUF does not have`)
  }
  function array(depth: number): readonly GgufValue[] {
    if (depth === deepestArray) refuse(`lists within lists at byte ${next} are nested too deeply`)
    const type = u32()
    const count = u64()
    if (count > fileBytes) refuse(`a list of ${count} values at byte ${next} is longer than the file`)
    const values: GgufValue[] = []
    for (let i = 0; i < count; i++) values.push(value(type, depth + 1))
    return values
  }

  return { at: () => next, u32, u64, text, value: (type) => value(type) }
}
