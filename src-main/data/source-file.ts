/** A file before anyone knows what is in it: is it there, what is it, how long, how are its bytes read. */
import fs from 'node:fs'
import path from 'node:path'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { fileProblem, refuse } from './refuse'

export type Format = 'txt' | 'jsonl' | 'json' | 'csv' | 'tsv' | 'parquet'

export interface SourceFile {
  readonly path: string
  readonly format: Format
  readonly isGzip: boolean
  /** Size on disk, packed if it is. */
  readonly bytesTotal: number
}

export interface ByteChunk {
  readonly bytes: Buffer
  /** Of the file on disk, so far. */
  readonly bytesRead: number
}

/** @throws StudioFailure refused-file: missing, not readable, a folder, empty, or plainly no text */
export async function openSource(file: string): Promise<SourceFile> {
  const bytesTotal = await sizeOf(file)
  if (bytesTotal === 0) refuse(file, 'the file is empty: there is nothing to import')
  const head = await headOf(file, { isGzip: false })
  const isGzip = head[0] === 0x1f && head[1] === 0x8b
  const start = isGzip ? await headOf(file, { isGzip }) : head
  return { path: file, format: formatOf(file, start, isGzip), isGzip, bytesTotal }
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

const formats: Readonly<Record<string, Format>> = {
  '.txt': 'txt',
  '.text': 'txt',
  '.md': 'txt',
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
  '.json': 'json',
  '.csv': 'csv',
  '.tsv': 'tsv',
  '.tab': 'tsv',
  '.parquet': 'parquet',
  '.pq': 'parquet',
}

/** First bytes that say what a file is, whatever its name says. */
const others: readonly (readonly [signature: string, what: string])[] = [
  ['PK\x03\x04', 'a ZIP archive or an Excel workbook; unpack it, or save the sheet as CSV'],
  ['%PDF', 'a PDF; save its text as TXT'],
  ['SQLite format 3', 'an SQLite database; export a table as CSV'],
  ['\x89PNG', 'a picture'],
  ['ARROW1', 'an Arrow file; save it as Parquet'],
  ['\x28\xb5\x2f\xfd', 'packed with zstd; unpack it first'],
  ['\xff\xfe', 'UTF-16 text; save it as UTF-8'],
  ['\xfe\xff', 'UTF-16 text; save it as UTF-8'],
]

function formatOf(file: string, start: Buffer, isGzip: boolean): Format {
  const head = start.toString('latin1')
  if (head.startsWith('PAR1'))
    return isGzip ? refuse(file, 'this is a Parquet file packed again with gzip; unpack it first') : 'parquet'
  const other = others.find(([signature]) => head.startsWith(signature))
  if (other) refuse(file, `this is ${other[1]}`)
  const named = formats[path.extname(isGzip ? file.replace(/\.gz$/i, '') : file).toLowerCase()]
  if (named === 'parquet') refuse(file, 'this is no Parquet file: it does not begin with PAR1')
  const first = head.replace(/^\xef\xbb\xbf/, '').trimStart()[0]
  if (named === 'json' || named === undefined)
    return first === '[' ? 'json' : first === '{' ? 'jsonl' : named === 'json' ? 'jsonl' : 'txt'
  return named
}
