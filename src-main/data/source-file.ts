/** A file before anyone knows what is in it: is it there, how long is it, how are its bytes read. */
import fs from 'node:fs'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { fileProblem, refuse } from './refuse'

export interface SourceFile {
  readonly path: string
  readonly isGzip: boolean
  /** Size on disk, packed if it is. */
  readonly bytesTotal: number
}

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
): Promise<{ readonly source: SourceFile; readonly head: Buffer }> {
  const bytesTotal = await sizeOf(file)
  if (bytesTotal === 0) refuse(file, 'the file is empty: there is nothing to import')
  const head = await headOf(file, { isGzip: false })
  const isGzip = head[0] === 0x1f && head[1] === 0x8b
  return {
    source: { path: file, isGzip, bytesTotal },
    head: isGzip ? await headOf(file, { isGzip }) : head,
  }
}

/**
 * @throws StudioFailure refused-file, when the disk fails, the packing is damaged, or the file shrinks
 *   meanwhile
 */
export async function* bytesOf(
  source: Pick<SourceFile, 'path' | 'isGzip'>,
  chunkBytes = 1 << 16,
): AsyncGenerator<ByteChunk> {
  const raw = fs.createReadStream(source.path, { highWaterMark: chunkBytes })
  const stream = source.isGzip ? pipeline(raw, createGunzip({ chunkSize: chunkBytes }), () => {}) : raw
  try {
    for await (const bytes of stream) yield { bytes: bytes as Buffer, bytesRead: raw.bytesRead }
  } catch (error) {
    const problem = fileProblem(error)
    if (problem === undefined) throw error
    refuse(source.path, problem)
  } finally {
    stream.destroy()
    raw.destroy()
    if (!raw.closed) await new Promise<void>((resolve) => void raw.once('close', () => resolve()))
  }
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
async function headOf(file: string, { isGzip }: { readonly isGzip: boolean }): Promise<Buffer> {
  for await (const { bytes } of bytesOf({ path: file, isGzip }, 4096)) return bytes
  return refuse(file, 'the file is empty: there is nothing to import')
}
