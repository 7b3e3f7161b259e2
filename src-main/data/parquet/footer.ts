/** What stands at the end of a Parquet file: its columns and where their pages lie. */
import { parquetMetadata, type FileMetaData } from 'hyparquet'
import type { ReadAt } from '../source-file'
import { walkStruct } from './thrift'

const MAGIC = 'PAR1'
/** Thousands of row groups of many columns need about 2 MB. */
const LARGEST_BYTES = 16 << 20

/** @throws Error when it is damaged; every size in it is one that its bytes can hold */
export async function readFooter(file: ReadAt, fileBytes: number): Promise<FileMetaData> {
  if (fileBytes < 12) throw new Error('it is shorter than any')
  const tail = await bytesBetween(file, fileBytes - 8, fileBytes)
  if (tail.toString('latin1', 4) !== MAGIC) throw new Error(`it does not end with ${MAGIC}`)
  const length = tail.readUInt32LE(0)
  if (length > fileBytes - 12) throw new Error('its list of columns is longer than the file')
  if (length > LARGEST_BYTES) throw new Error(`its list of columns has ${Math.round(length / 1e6)} MB`)
  const footer = await bytesBetween(file, fileBytes - 8 - length, fileBytes)
  walkStruct({ bytes: footer.subarray(0, length), at: 0 })
  return parquetMetadata(footer)
}

/** @throws Error when the file ends before */
export async function bytesBetween(file: ReadAt, start: number, end: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(Math.max(0, end - start))
  for (let at = 0; at < bytes.length;) {
    const { bytesRead } = await file.read(bytes, at, bytes.length - at, start + at)
    if (bytesRead === 0) throw new Error('the file became shorter while it was read')
    at += bytesRead
  }
  return bytes
}
