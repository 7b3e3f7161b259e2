/**
 * The safetensors format (Hugging Face 2022): eight bytes that say how long the header is, a JSON header,
 * then the numbers.
 */
import { sizeOf } from '../../compute/parameters'
import type { ByteFile } from './byte-file'
import { refuse } from './refusal'
import type { StoredTensor } from './stored-tensor'

/** What a header says: which tensors, where, and everything but their numbers. */
export interface SafetensorsFile {
  /** In the order of their numbers. */
  readonly tensors: ReadonlyMap<string, StoredTensor>
  readonly metadata: ReadonlyMap<string, string>
}

/** Numbers to be written. */
export interface HeldTensor {
  readonly shape: readonly number[]
  readonly data: Float32Array
}

const lengthBytes = 8
const alignment = 8
const mostHeaderBytes = 100_000_000
const metadataKey = '__metadata__'

/**
 * Bits of every type the format has. Only the numbers of F32, F16 and BF16 are ever read; the others may
 * stand beside them.
 */
const bitsOf: Readonly<Record<string, number>> = {
  BOOL: 8,
  U8: 8,
  I8: 8,
  F8_E5M2: 8,
  F8_E4M3: 8,
  F8_E8M0: 8,
  U16: 16,
  I16: 16,
  F16: 16,
  BF16: 16,
  U32: 32,
  I32: 32,
  F32: 32,
  U64: 64,
  I64: 64,
  F64: 64,
  C64: 64,
}

/** Bytes have a largest array: 4 GiB in Node.js 20. */
const mostPieceBytes = 2 ** 30

/** @returns pieces to write one after another; those of the tensors are views of their arrays, not copies */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, HeldTensor>,
  metadata: Readonly<Record<string, string>>,
): Uint8Array[] {
  for (const [name, { shape, data }] of tensors)
    if (sizeOf(shape) !== data.length)
      throw new Error(`"${name}" has ${data.length} numbers, its shape [${shape}] wants ${sizeOf(shape)}`)
  const header = encodeHeader(
    [...tensors].map(([name, { shape }]) => [name, shape]),
    metadata,
  )
  return [header, ...[...tensors.values()].flatMap(({ data }) => piecesOf(data))]
}

function piecesOf({ buffer, byteOffset, byteLength }: Float32Array): readonly Uint8Array[] {
  return Array.from({ length: Math.ceil(byteLength / mostPieceBytes) }, (_, index) => {
    const start = index * mostPieceBytes
    return new Uint8Array(buffer, byteOffset + start, Math.min(mostPieceBytes, byteLength - start))
  })
}

/** The beginning of a file whose tensors follow in this order, without gaps. */
export function encodeHeader(
  tensors: readonly (readonly [name: string, shape: readonly number[]])[],
  metadata: Readonly<Record<string, string>>,
  type: 'F32' | 'F16' | 'BF16' = 'F32',
): Uint8Array {
  let end = 0
  const entries = tensors.map(([name, shape]) => {
    const begin = end
    end += (sizeOf(shape) * bitsOf[type]!) / 8
    return [name, { dtype: type, shape, data_offsets: [begin, end] }] as const
  })
  const json = new TextEncoder().encode(
    JSON.stringify({ [metadataKey]: metadata, ...Object.fromEntries(entries) }),
  )
  const header = new Uint8Array(Math.ceil((lengthBytes + json.length) / alignment) * alignment).fill(0x20)
  header.set(json, lengthBytes)
  new DataView(header.buffer).setBigUint64(0, BigInt(header.length - lengthBytes), true)
  return header
}

/** Reads the header. @throws WeightsError when it contradicts itself or the size of the file */
export async function readSafetensors(file: ByteFile): Promise<SafetensorsFile> {
  const headerBytes = await headerLength(file)
  const dataStart = lengthBytes + headerBytes
  if (dataStart > file.size)
    refuse(`the file is cut short: its header ends at byte ${dataStart}, the file has ${file.size}`)
  const { [metadataKey]: metadata, ...described } = parsedHeader(await file.read(lengthBytes, headerBytes))
  const entries = Object.entries(described)
    .map(([name, entry]) => checkedEntry(name, entry))
    .sort((a, b) => a.begin - b.begin || a.end - b.end)
  checkPlaces(entries, file.size - dataStart)
  return {
    tensors: new Map(
      entries.map(({ name, shape, type, begin }) => [
        name,
        { name, shape, type, file, begin: dataStart + begin },
      ]),
    ),
    metadata: checkedMetadata(metadata),
  }
}

async function headerLength(file: ByteFile): Promise<number> {
  if (file.size < lengthBytes) refuse(`the file has ${file.size} bytes: it is no safetensors file`)
  const first = await file.read(0, lengthBytes)
  const length = new DataView(first.buffer, first.byteOffset).getBigUint64(0, true)
  if (length > mostHeaderBytes)
    refuse('the file begins with a header length that cannot be: it is no safetensors file')
  return Number(length)
}

interface Entry {
  readonly name: string
  readonly shape: readonly number[]
  readonly type: string
  /** Bytes after the header. */
  readonly begin: number
  readonly end: number
}

/** The tensors follow one another without holes and fill the file. */
function checkPlaces(entries: readonly Entry[], bodyBytes: number): void {
  let expected = 0
  for (const { name, begin, end } of entries) {
    if (begin !== expected)
      refuse(`the tensor "${name}" should begin at byte ${expected} of the numbers, not at ${begin}`)
    if (end > bodyBytes)
      refuse(
        `the file is cut short: the tensor "${name}" ends at byte ${end} of the numbers, there are ` +
          `${bodyBytes}`,
      )
    expected = end
  }
  if (expected !== bodyBytes) refuse(`${bodyBytes - expected} bytes follow the last tensor`)
}

function parsedHeader(bytes: Uint8Array): Record<string, unknown> {
  let header: unknown
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    return refuse(`the header is not JSON: ${(error as Error).message}`)
  }
  return isRecord(header) ? header : refuse('the header is not a JSON object')
}

function checkedEntry(name: string, entry: unknown): Entry {
  if (!isRecord(entry)) return refuse(`the tensor "${name}" is not described`)
  const { dtype: type, shape, data_offsets: offsets } = entry
  if (typeof type !== 'string' || !Object.hasOwn(bitsOf, type))
    return refuse(`the tensor "${name}" is of type ${JSON.stringify(type)}, which safetensors does not have`)
  if (!areSizes(shape)) return refuse(`the shape of the tensor "${name}" is not a list of sizes`)
  if (!areSizes(offsets) || offsets.length !== 2)
    return refuse(`the tensor "${name}" does not say where it begins and ends`)
  const [begin, end] = offsets as [number, number]
  const wanted = (sizeOf(shape) * bitsOf[type]!) / 8
  if (end - begin !== wanted)
    refuse(
      `the tensor "${name}" of shape [${shape}] and type ${type} needs ${wanted} bytes and has ` +
        `${end - begin}`,
    )
  return { name, shape, type, begin, end }
}

function checkedMetadata(metadata: unknown): ReadonlyMap<string, string> {
  if (metadata === undefined) return new Map()
  if (!isRecord(metadata)) return refuse('the metadata is not a JSON object')
  return new Map(
    Object.entries(metadata).map(([name, value]) =>
      typeof value === 'string' ? [name, value] : refuse(`the metadata "${name}" is not text`),
    ),
  )
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const areSizes = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0)
