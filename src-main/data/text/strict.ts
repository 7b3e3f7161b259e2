/** Bytes of one value as text: UTF-8 only. */
import { isUtf8 } from 'node:buffer'
import { RowProblem } from '../refuse'
import { firstInvalidByte } from './utf8'

/** @throws RowProblem, with the byte that no UTF-8 text has there */
export function strictText(bytes: Uint8Array, name: string): string {
  if (isUtf8(bytes)) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8')
  const wrong = bytes[firstInvalidByte(bytes)] ?? 0
  throw new RowProblem(`"${name}" is not UTF-8 text (byte 0x${wrong.toString(16)})`)
}
