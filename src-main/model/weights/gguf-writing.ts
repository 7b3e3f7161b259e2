/** A GGUF file, version 3, written: metadata, where each tensor stands, then the numbers. Source: ggml/docs/gguf.md */
import { sizeOf } from '../../compute/parameters'
import { ggufTypes } from './gguf-types'
import { encodeNumbers, writtenBytes, type WrittenType } from './written-numbers'
import { laidOut, writtenShape, type WrittenTensor } from './written-tensors'

/** A value with the type that it is written as. */
export type GgufWritten =
  | { readonly u32: number }
  | { readonly f32: number }
  | { readonly flag: boolean }
  | { readonly text: string }
  | { readonly texts: readonly string[] }
  | { readonly f32s: readonly number[] }
  | { readonly i32s: readonly number[] }

export type GgufFields = Readonly<Record<string, GgufWritten>>

export interface GgufTensor extends WrittenTensor {
  readonly type: WrittenType
}

const alignment = 32
const utf8 = new TextEncoder()

const joined = (parts: readonly Uint8Array[]): Uint8Array => Buffer.concat(parts)

function packed(bytes: number, put: (view: DataView) => void): Uint8Array {
  const made = new Uint8Array(bytes)
  put(new DataView(made.buffer))
  return made
}
const u32 = (value: number): Uint8Array => packed(4, (view) => view.setUint32(0, value, true))
const i32 = (value: number): Uint8Array => packed(4, (view) => view.setInt32(0, value, true))
const f32 = (value: number): Uint8Array => packed(4, (view) => view.setFloat32(0, value, true))
const u64 = (value: number): Uint8Array => packed(8, (view) => view.setBigUint64(0, BigInt(value), true))

function text(value: string): Uint8Array {
  const bytes = utf8.encode(value)
  return joined([u64(bytes.length), bytes])
}

/** A list: its element's type, its length, its elements. */
const list = <T>(type: number, values: readonly T[], each: (value: T) => Uint8Array): Uint8Array =>
  joined([u32(9), u32(type), u64(values.length), ...values.map(each)])

/** The type's number (GGUFValueType), then the value. */
function typed(value: GgufWritten): Uint8Array {
  if ('u32' in value) return joined([u32(4), u32(value.u32)])
  if ('f32' in value) return joined([u32(6), f32(value.f32)])
  if ('flag' in value) return joined([u32(7), Uint8Array.of(Number(value.flag))])
  if ('text' in value) return joined([u32(8), text(value.text)])
  if ('texts' in value) return list(8, value.texts, text)
  if ('f32s' in value) return list(6, value.f32s, f32)
  return list(5, value.i32s, i32)
}

const magic = utf8.encode('GGUF')
const version = 3
const padded = (bytes: number): number => Math.ceil(bytes / alignment) * alignment

/** @returns pieces to write one after another: one tensor at a time is in memory twice */
export function* ggufPieces(fields: GgufFields, tensors: readonly GgufTensor[]): Generator<Uint8Array> {
  const parts = [magic, u32(version), u64(tensors.length), u64(Object.keys(fields).length)]
  for (const [name, value] of Object.entries(fields)) parts.push(text(name), typed(value))
  let offset = 0
  for (const tensor of tensors) {
    const shape = writtenShape(tensor)
    parts.push(text(tensor.name), u32(shape.length), ...[...shape].reverse().map(u64))
    parts.push(u32(ggufTypes.indexOf(tensor.type)), u64(offset))
    offset += padded(writtenBytes(tensor.type, sizeOf(shape)))
  }
  const header = joined(parts)
  yield header
  yield new Uint8Array(padded(header.length) - header.length)
  for (const tensor of tensors) {
    const bytes = encodeNumbers(tensor.name, tensor.type, laidOut(tensor))
    yield bytes
    yield new Uint8Array(padded(bytes.length) - bytes.length)
  }
}
