/** A file before anyone knows what is in it: is it there, how long is it, how are its bytes read. */
import fs from 'node:fs'
import { open } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { packingOf, type Packing } from './packings'
import { fileProblem, refuse } from './refuse'
import { savedDataset } from './saved-dataset'

/** Bytes by their place; a `FileHandle` is one. */
export interface ReadAt {
  read(
    into: Buffer,
    at: number,
    length: number,
    from: number,
  ): Promise<{
    readonly bytesRead: number
  }>
  close(): Promise<void>
}

/** A file that lies on no disk here, such as one behind an address. */
export interface Elsewhere {
  readonly bytesTotal: number
  open(): Promise<ReadAt>
  /** From its first byte on; counts what it has given. */
  stream(): Readable & { readonly bytesRead: number }
}

export interface SourceFile {
  readonly path: string
  /** Undefined where it is not packed. */
  readonly packing: Packing | undefined
  /** Size on disk, packed if it is. */
  readonly bytesTotal: number
  /** The files that are read as one, in order. */
  readonly parts?: readonly string[]
  readonly elsewhere?: Elsewhere
}

/** Where a source lies, when its path does not say so. */
export type Lying = Pick<SourceFile, 'parts' | 'elsewhere'>

export interface ByteChunk {
  readonly bytes: Buffer
  /** Of the file on disk, so far. */
  readonly bytesRead: number
}

/**
 * @returns the file, and its first bytes, unpacked if it is packed
 * @throws StudioFailure refused-file: missing, not readable, a folder, or empty
 */
export async function openSource(
  file: string,
  { parts: given, elsewhere }: Lying = {},
): Promise<{ readonly source: SourceFile; readonly head: Buffer }> {
  const parts = given ?? (elsewhere ? undefined : await savedDataset(file))
  if (parts) return openParts(file, parts)
  const bytesTotal = elsewhere ? elsewhere.bytesTotal : await sizeOf(file)
  if (bytesTotal === 0) refuse(file, 'the file is empty: there is nothing to import')
  const unread = { path: file, bytesTotal, ...(elsewhere && { elsewhere }) }
  const head = await headOf({ ...unread, packing: undefined })
  const source = { ...unread, packing: packingOf(head) }
  return { source, head: source.packing ? await headOf(source) : head }
}

/** Empty files among them hold nothing, and are passed by. */
async function openParts(folder: string, parts: readonly string[]): ReturnType<typeof openSource> {
  const sizes = await Promise.all(parts.map(sizeOf))
  const bytesTotal = sizes.reduce((sum, size) => sum + size, 0)
  const filled = parts.filter((_, index) => sizes[index] !== 0)
  const [first] = filled
  if (first === undefined) refuse(folder, 'it is empty: there is nothing to import')
  const { source, head } = await openSource(first)
  return { source: { path: folder, packing: source.packing, bytesTotal, parts: filled }, head }
}

/** @throws what the file system throws */
export const openedAt = ({ path, elsewhere }: SourceFile): Promise<ReadAt> =>
  elsewhere ? elsewhere.open() : open(path, 'r')

/**
 * @throws StudioFailure refused-file, when the disk fails, the packing is damaged, or the file shrinks
 *   meanwhile
 */
export async function* bytesOf(source: SourceFile, chunkBytes = 1 << 16): AsyncGenerator<ByteChunk> {
  const raw = source.elsewhere?.stream() ?? fs.createReadStream(source.path, { highWaterMark: chunkBytes })
  const bytes = source.packing ? source.packing.unpack(raw, chunkBytes) : (raw as AsyncIterable<Buffer>)
  try {
    for await (const piece of bytes) yield { bytes: asBuffer(piece), bytesRead: raw.bytesRead }
  } catch (error) {
    const problem = fileProblem(error) ?? (source.packing && damaged(source.packing, error))
    if (problem === undefined) throw error
    refuse(source.path, problem)
  } finally {
    raw.destroy()
    if (!raw.closed) await new Promise<void>((resolve) => void raw.once('close', () => resolve()))
  }
}

const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)

/** Whatever damaged bytes lead a library into is the file's fault; a refusal by the one who reads is not. */
function damaged({ name }: Packing, error: unknown): string | undefined {
  if (!(error instanceof Error) || error.name === 'StudioFailure') return undefined
  return `it is damaged or cut off: its ${name} data cannot be unpacked`
}

async function sizeOf(file: string): Promise<number> {
  try {
    const stat = await fs.promises.stat(file)
    if (stat.isDirectory()) refuse(file, 'this is a folder; choose a file in it')
    if (!stat.isFile()) refuse(file, 'this is a device or a pipe, not a file')
    return stat.size
  } catch (error) {
    const problem = fileProblem(error)
    if (problem === undefined) throw error
    return refuse(file, problem)
  }
}

/** The first bytes, unpacked if it is packed. */
async function headOf(source: SourceFile): Promise<Buffer> {
  for await (const { bytes } of bytesOf(source, 4096)) if (bytes.length > 0) return bytes
  return refuse(source.path, 'the file is empty: there is nothing to import')
}
