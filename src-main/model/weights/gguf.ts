/**
 * The GGUF format of llama.cpp, versions 2 and 3: metadata, where each tensor stands, then the numbers.
 * Source: ggml/docs/gguf.md
 */
import { sizeOf } from '../../compute/parameters'
import type { ByteFile } from './byte-file'
import { elementTypes } from './element-types'
import { BeyondBytes, ggufCursor, type GgufCursor, type GgufValue } from './gguf-cursor'
import { ggufTypes } from './gguf-types'
import { refuse } from './refusal'
import type { StoredTensor } from './stored-tensor'

export interface GgufFile {
  readonly metadata: ReadonlyMap<string, GgufValue>
  /** Their shapes row-major, as everywhere here: the file has them the other way round. */
  readonly tensors: ReadonlyMap<string, StoredTensor>
}

const magic = 0x46554747 // "GGUF", little end first
const firstPieceBytes = 2 ** 20
const mostHeaderBytes = 2 ** 28
const mostDimensions = 4
const defaultAlignment = 32
/** The fewest bytes that a piece of metadata and a tensor's description take. */
const fewestBytes = { value: 13, tensor: 24 } as const

/** Reads the header. @throws WeightsError when it contradicts itself or the size of the file */
export async function readGguf(file: ByteFile): Promise<GgufFile> {
  for (let bytes = firstPieceBytes; ; bytes *= 4) {
    const held = Math.min(bytes, file.size)
    const header = parsedOrBeyond(await file.read(0, held), file.size)
    if (header) return { metadata: header.metadata, tensors: placed(header, file) }
    if (held === file.size) refuse(`the file is cut short: its header goes on after its ${file.size} bytes`)
    if (held > mostHeaderBytes) refuse(`its header is longer than ${mostHeaderBytes} bytes`)
  }
}

interface Described {
  readonly name: string
  readonly shape: readonly number[]
  readonly type: string
  readonly offset: number
}
interface Header {
  readonly metadata: Map<string, GgufValue>
  readonly described: readonly Described[]
  readonly end: number
}

function parsedOrBeyond(bytes: Uint8Array, fileBytes: number): Header | undefined {
  try {
    return parsed(ggufCursor(bytes, fileBytes), fileBytes)
  } catch (error) {
    if (error instanceof BeyondBytes) return undefined
    throw error
  }
}

function parsed(cursor: GgufCursor, fileBytes: number): Header {
  if (fileBytes < 24 || cursor.u32() !== magic) refuse('it does not begin as a GGUF file does')
  checkVersion(cursor.u32())
  const tensorCount = cursor.u64()
  const valueCount = cursor.u64()
  if (tensorCount * fewestBytes.tensor + valueCount * fewestBytes.value > fileBytes)
    refuse(
      `it says it has ${tensorCount} tensors and ${valueCount} pieces of metadata, more than fit its ` +
        `${fileBytes} bytes`,
    )
  const metadata = new Map<string, GgufValue>()
  for (let i = 0; i < valueCount; i++) {
    const name = cursor.text()
    if (metadata.has(name)) refuse(`its metadata "${name}" stands there twice`)
    metadata.set(name, cursor.value(cursor.u32()))
  }
  const described = Array.from({ length: tensorCount }, () => tensorOf(cursor))
  return { metadata, described, end: cursor.at() }
}

function checkVersion(version: number): void {
  if (version > 0xffff)
    refuse('its numbers stand with the big end first; only GGUF with the little end first is read')
  if (version !== 2 && version !== 3) refuse(`it is GGUF of version ${version}; versions 2 and 3 are read`)
}

function tensorOf(cursor: GgufCursor): Described {
  const name = cursor.text()
  const dimensions = cursor.u32()
  if (dimensions > mostDimensions)
    refuse(`the tensor "${name}" has ${dimensions} dimensions; GGUF has at most ${mostDimensions}`)
  const shape = Array.from({ length: dimensions }, () => cursor.u64()).reverse()
  const typeNumber = cursor.u32()
  return { name, shape, type: ggufTypes[typeNumber] ?? `number ${typeNumber}`, offset: cursor.u64() }
}

function placed({ metadata, described, end }: Header, file: ByteFile): ReadonlyMap<string, StoredTensor> {
  const alignment = metadata.get('general.alignment') ?? defaultAlignment
  if (typeof alignment !== 'number' || !Number.isSafeInteger(alignment) || alignment < 1)
    return refuse(`its alignment is ${JSON.stringify(alignment)}, no count of bytes`)
  const dataStart = Math.ceil(end / alignment) * alignment
  const tensors = new Map<string, StoredTensor>()
  for (const { name, shape, type, offset } of described) {
    if (tensors.has(name)) refuse(`the tensor "${name}" stands there twice`)
    if (offset % alignment !== 0)
      refuse(
        `the tensor "${name}" begins at byte ${offset} of the numbers, which is no multiple of ${alignment}`,
      )
    checkPlace({ name, shape, type, offset }, file.size - dataStart)
    tensors.set(name, { name, shape, type, file, begin: dataStart + offset })
  }
  return tensors
}

/** Numbers of a type that is not read have no known size: they are refused when they are wanted. */
function checkPlace({ name, shape, type, offset }: Described, bodyBytes: number): void {
  const numbers = sizeOf(shape)
  if (!Number.isSafeInteger(numbers))
    refuse(`the tensor "${name}" of shape [${shape}] is larger than any file`)
  const element = elementTypes[type]
  if (!element) return
  if ((shape.at(-1) ?? 1) % element.blockNumbers !== 0)
    refuse(
      `the rows of the tensor "${name}" have ${shape.at(-1)} numbers; in ${type} they come in blocks of ` +
        `${element.blockNumbers}`,
    )
  const end = offset + (numbers / element.blockNumbers) * element.blockBytes
  if (end > bodyBytes)
    refuse(
      `the file is cut short: the tensor "${name}" ends at byte ${end} of the numbers, there are ` +
        `${Math.max(0, bodyBytes)}`,
    )
}
