/**
 * The safetensors format (Hugging Face 2022): eight bytes that say how long the header is, a JSON header, then the numbers.
 * Bytes in, bytes out. Only F32 is read and written, and only finite numbers are read: our own files hold nothing else.
 */
import { sizeOf } from '../compute/parameters'

export interface StoredTensor {
  readonly shape: readonly number[]
  readonly data: Float32Array
}

export interface StoredTensors {
  readonly tensors: ReadonlyMap<string, StoredTensor>
  readonly metadata: ReadonlyMap<string, string>
}

/** The bytes are not what they say they are. The message is a sentence for people. */
export class SafetensorsError extends Error {
  override readonly name = 'SafetensorsError'
}

const lengthBytes = 8
const alignment = 8
const mostHeaderBytes = 100_000_000
const metadataKey = '__metadata__'

/** @returns pieces to write one after another; those of the tensors are views of their arrays, not copies */
export function encodeSafetensors(tensors: ReadonlyMap<string, StoredTensor>, metadata: Readonly<Record<string, string>>): Uint8Array[] {
  let end = 0
  const entries = [...tensors].map(([name, { shape, data }]) => {
    if (sizeOf(shape) !== data.length) throw new Error(`"${name}" has ${data.length} numbers, its shape [${shape}] wants ${sizeOf(shape)}`)
    const begin = end
    end += data.byteLength
    return [name, { dtype: 'F32', shape, data_offsets: [begin, end] }] as const
  })
  const json = new TextEncoder().encode(JSON.stringify({ [metadataKey]: metadata, ...Object.fromEntries(entries) }))
  const header = new Uint8Array(Math.ceil((lengthBytes + json.length) / alignment) * alignment).fill(0x20)
  header.set(json, lengthBytes)
  new DataView(header.buffer).setBigUint64(0, BigInt(header.length - lengthBytes), true)
  return [header, ...[...tensors.values()].map(({ data }) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength))]
}

/** What a header says: which tensors, where, and everything but their numbers. */
export interface Layout {
  /** In the order of their numbers. */
  readonly entries: readonly Entry[]
  readonly metadata: ReadonlyMap<string, string>
  /** Bytes of the file before the first number. */
  readonly dataStart: number
}

export interface Entry {
  readonly name: string
  readonly shape: readonly number[]
  /** Bytes after `dataStart`. */
  readonly begin: number
  readonly end: number
}

/** How many bytes the beginning of a file must have for `decodeLayout`. @param first at least its first eight bytes, or all it has */
export function headerBytes(first: Uint8Array): number {
  if (first.length < lengthBytes) throw new SafetensorsError(`the file has ${first.length} bytes: it is no safetensors file`)
  const length = new DataView(first.buffer, first.byteOffset).getBigUint64(0, true)
  if (length > mostHeaderBytes) throw new SafetensorsError('the file begins with a header length that cannot be: it is no safetensors file')
  return lengthBytes + Number(length)
}

/**
 * @param bytes      the file's beginning, its header included
 * @param fileBytes  of the whole file
 * @throws SafetensorsError when the header contradicts itself or the size of the file
 */
export function decodeLayout(bytes: Uint8Array, fileBytes: number): Layout {
  const dataStart = headerBytes(bytes)
  if (dataStart > fileBytes) throw new SafetensorsError(`the file is cut short: its header ends at byte ${dataStart}, the file has ${fileBytes}`)
  const { [metadataKey]: metadata, ...described } = parsedHeader(bytes.subarray(lengthBytes, dataStart))
  const entries = Object.entries(described).map(([name, entry]) => checkedEntry(name, entry)).sort((a, b) => a.begin - b.begin || a.end - b.end)
  checkPlaces(entries, fileBytes - dataStart)
  return { entries, metadata: checkedMetadata(metadata), dataStart }
}

/** The tensors follow one another without holes and fill the file. */
function checkPlaces(entries: readonly Entry[], bodyBytes: number): void {
  let expected = 0
  for (const { name, begin, end } of entries) {
    if (begin !== expected) throw new SafetensorsError(`the tensor "${name}" should begin at byte ${expected} of the numbers, not at ${begin}`)
    if (end > bodyBytes) throw new SafetensorsError(`the file is cut short: the tensor "${name}" ends at byte ${end} of the numbers, there are ${bodyBytes}`)
    expected = end
  }
  if (expected !== bodyBytes) throw new SafetensorsError(`${bodyBytes - expected} bytes follow the last tensor`)
}

/** The numbers of a whole file by its layout: views where numbers may lie, else copies. @throws SafetensorsError when one is none */
export function decodeTensors(bytes: Uint8Array, { entries, dataStart }: Layout): ReadonlyMap<string, StoredTensor> {
  const body = bytes.subarray(dataStart)
  return new Map(entries.map(({ name, shape, begin, end }) => [name, { shape, data: finite(name, floats(body, begin, end)) }]))
}

/** Layout and numbers of a whole file. @throws SafetensorsError when anything in the bytes contradicts itself, or a number is none */
export function decodeSafetensors(bytes: Uint8Array): StoredTensors {
  const layout = decodeLayout(bytes, bytes.length)
  return { metadata: layout.metadata, tensors: decodeTensors(bytes, layout) }
}

function parsedHeader(bytes: Uint8Array): Record<string, unknown> {
  let header: unknown
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    throw new SafetensorsError(`the header is not JSON: ${(error as Error).message}`)
  }
  if (!isRecord(header)) throw new SafetensorsError('the header is not a JSON object')
  return header
}

function checkedEntry(name: string, entry: unknown): Entry {
  if (!isRecord(entry)) throw new SafetensorsError(`the tensor "${name}" is not described`)
  const { dtype, shape, data_offsets: offsets } = entry
  if (dtype !== 'F32') throw new SafetensorsError(`the tensor "${name}" is of type ${JSON.stringify(dtype)}; only F32 is read`)
  if (!areSizes(shape)) throw new SafetensorsError(`the shape of the tensor "${name}" is not a list of sizes`)
  if (!areSizes(offsets) || offsets.length !== 2) throw new SafetensorsError(`the tensor "${name}" does not say where it begins and ends`)
  const [begin, end] = offsets as [number, number]
  const wanted = sizeOf(shape) * Float32Array.BYTES_PER_ELEMENT
  if (end - begin !== wanted) throw new SafetensorsError(`the tensor "${name}" of shape [${shape}] needs ${wanted} bytes and has ${end - begin}`)
  return { name, shape, begin, end }
}

function checkedMetadata(metadata: unknown): ReadonlyMap<string, string> {
  if (metadata === undefined) return new Map()
  if (!isRecord(metadata)) throw new SafetensorsError('the metadata is not a JSON object')
  return new Map(Object.entries(metadata).map(([name, value]) => {
    if (typeof value !== 'string') throw new SafetensorsError(`the metadata "${name}" is not text`)
    return [name, value]
  }))
}

/** A view when it lies where numbers may lie, else a copy. */
function floats(body: Uint8Array, begin: number, end: number): Float32Array {
  const at = body.byteOffset + begin
  const aligned = at % Float32Array.BYTES_PER_ELEMENT === 0
  return aligned ? new Float32Array(body.buffer, at, (end - begin) / 4) : new Float32Array(body.slice(begin, end).buffer)
}

function finite(name: string, data: Float32Array): Float32Array {
  const at = data.findIndex((value) => !Number.isFinite(value))
  if (at >= 0) throw new SafetensorsError(`number ${at + 1} of the tensor "${name}" is ${data[at]}`)
  return data
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

const areSizes = (value: unknown): value is readonly number[] => Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0)
