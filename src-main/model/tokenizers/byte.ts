/**
 * A tokenizer whose tokens are the 256 bytes of UTF-8: it reads everything and needs no training. Id 256 is
 * the end token.
 */
import { bytesOfText, decodeBytes, known, openByteDecoder, shownBytes } from './bytes'
import { precededBy, type Tokenizer } from './tokenizer'

const endToken = 256
const tokens: readonly Uint8Array[] = [
  ...Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte)),
  new Uint8Array(),
]
const bytesOf = (id: number): Uint8Array => known(tokens[id], id)

export const byteTokenizer: Tokenizer = {
  name: '256 bytes',
  vocabulary: tokens.length,
  beginToken: endToken,
  endToken,
  encode: (text) => Int32Array.from(bytesOfText(text)),
  encodeFirst: (text) => precededBy(endToken, Int32Array.from(bytesOfText(text))),
  decode: (ids) => decodeBytes(ids, bytesOf),
  openDecoder: () => openByteDecoder(bytesOf),
  textOf: (id) => (id === endToken ? '⏹' : shownBytes(bytesOf(id))),
  knows: () => true,
  definition: { type: 'byte' },
}
