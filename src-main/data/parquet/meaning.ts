/** What a value of a column means, by the type that the schema gives it beside the way it is stored. */
import type { SchemaElement } from 'hyparquet'
import { strictText } from '../text/strict'
import type { Raw } from './values'

/** @throws RowProblem for bytes that are no text */
export type Mean = (raw: Raw) => unknown

export function meaningOf(element: SchemaElement): Mean {
  const { type, converted_type: converted, logical_type: logical } = element
  if (converted === 'DECIMAL' || logical?.type === 'DECIMAL') return decimal(element.scale ?? 0)
  if (logical?.type === 'FLOAT16') return (raw) => (raw instanceof Uint8Array ? half(raw) : raw)
  if (logical?.type === 'UUID') return (raw) => (raw instanceof Uint8Array ? uuid(raw) : raw)
  if (type === 'BYTE_ARRAY')
    return converted === 'JSON' || logical?.type === 'JSON' ? jsonOf : textOf(element.name)
  if (type === 'INT64' || type === 'INT32') return isUnsigned(element) ? unsigned(type) : whole
  return (raw) => raw
}

const textOf =
  (name: string): Mean =>
  (raw) =>
    raw instanceof Uint8Array ? strictText(raw, name) : raw

const jsonOf: Mean = (raw) => {
  const text = textOf('JSON')(raw)
  try {
    return typeof text === 'string' ? (JSON.parse(text) as unknown) : text
  } catch {
    return text
  }
}

const isUnsigned = ({ converted_type: converted, logical_type: logical }: SchemaElement): boolean =>
  converted === 'UINT_32' ||
  converted === 'UINT_64' ||
  (logical?.type === 'INTEGER' && !logical.isSigned && logical.bitWidth >= 32)

const unsigned =
  (type: 'INT32' | 'INT64'): Mean =>
  (raw) =>
    typeof raw === 'bigint' || typeof raw === 'number'
      ? whole(BigInt.asUintN(type === 'INT64' ? 64 : 32, BigInt(raw)))
      : raw

/** A number where a number is exact. */
const whole: Mean = (raw) =>
  typeof raw === 'bigint' && raw >= Number.MIN_SAFE_INTEGER && raw <= Number.MAX_SAFE_INTEGER
    ? Number(raw)
    : raw

const decimal =
  (scale: number): Mean =>
  (raw) =>
    Number(raw instanceof Uint8Array ? signed(raw) : raw) / 10 ** scale

/** Two's complement, the highest byte first. */
function signed(bytes: Uint8Array): bigint {
  if (bytes.length === 0 || bytes.length > 32) return 0n
  return BigInt.asIntN(8 * bytes.length, BigInt(`0x${Buffer.from(bytes).toString('hex')}`))
}

/** IEEE 754 binary16, the lowest byte first. */
function half(bytes: Uint8Array): number {
  const bits = (bytes[0] ?? 0) | ((bytes[1] ?? 0) << 8)
  const sign = bits >> 15 === 1 ? -1 : 1
  const exponent = (bits >> 10) & 0x1f
  const fraction = (bits & 0x3ff) / 1024
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN
  return exponent === 0 ? sign * 2 ** -14 * fraction : sign * 2 ** (exponent - 15) * (1 + fraction)
}

const uuid = (bytes: Uint8Array): string =>
  Buffer.from(bytes)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
