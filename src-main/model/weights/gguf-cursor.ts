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
  function u64(): number {
    const value = Number(view.getBigUint64(step(8), true))
    return Number.isSafeInteger(value)
      ? value
      : refuse(`the number ${value} at byte ${next - 8} is too large`)
  }
  function text(): string {
    const length = u64()
    if (length > fileBytes) refuse(`a text of ${length} bytes at byte ${next} is longer than the file`)
    const from = step(length)
    return decoder.decode(bytes.subarray(from, from + length))
  }

  const scalars: Readonly<Record<number, () => number | boolean>> = {
    0: () => view.getUint8(step(1)),
    1: () => view.getInt8(step(1)),
    2: () => view.getUint16(step(2), true),
    3: () => view.getInt16(step(2), true),
    4: u32,
    5: () => view.getInt32(step(4), true),
    6: () => view.getFloat32(step(4), true),
    7: () => view.getUint8(step(1)) !== 0,
    10: () => Number(view.getBigUint64(step(8), true)),
    11: () => Number(view.getBigInt64(step(8), true)),
    12: () => view.getFloat64(step(8), true),
  }

  function value(type: number, depth = 0): GgufValue {
    if (type === stringType) return text()
    if (type === arrayType) return array(depth)
    const scalar = scalars[type]
    return scalar
      ? scalar()
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
