/** Protocol buffers as far as SentencePiece's models use them. Source: protobuf.dev, "Encoding". */
import { refuse } from '../weights/refusal'

/** A number, or bytes: a text, a message, four bytes of a float. */
export type Field = readonly [number: number, value: number | Uint8Array]

const [VARINT, EIGHT_BYTES, LENGTH, FOUR_BYTES] = [0, 1, 2, 5]

/** The fields of a message in their order. @throws WeightsError for bytes that are none */
export function* fieldsOf(bytes: Uint8Array): Generator<Field> {
  let at = 0
  const varint = (): number => {
    let value = 0
    for (let place = 0; place < 10; place++) {
      const byte = bytes[at++] ?? broken()
      value += (byte & 0x7f) * 2 ** (7 * place)
      if (byte < 0x80) return value
    }
    return broken()
  }
  const taken = (length: number): Uint8Array => {
    if (length > bytes.length - at) broken()
    return bytes.subarray(at, (at += length))
  }
  const valueOf = (type: number): number | Uint8Array => {
    if (type === VARINT) return varint()
    if (type === LENGTH) return taken(varint())
    if (type === FOUR_BYTES) return taken(4)
    return type === EIGHT_BYTES ? taken(8) : broken()
  }
  while (at < bytes.length) {
    const key = varint()
    yield [Math.floor(key / 8), valueOf(key % 8)]
  }
}

const broken = (): never => refuse('it is no model of SentencePiece’s, or it is cut off')

export const textOf = (value: number | Uint8Array): string =>
  typeof value === 'number' ? broken() : new TextDecoder('utf-8', { ignoreBOM: true }).decode(value)

export const floatOf = (value: number | Uint8Array): number =>
  typeof value === 'number' || value.length !== 4
    ? broken()
    : new DataView(value.buffer, value.byteOffset, 4).getFloat32(0, true)

export const messageOf = (value: number | Uint8Array): Iterable<Field> =>
  typeof value === 'number' ? broken() : fieldsOf(value)

export const numberOf = (value: number | Uint8Array): number => (typeof value === 'number' ? value : broken())
