/**
 * Text of tokens that are bytes of UTF-8. A character may be spread over several tokens; bytes that are none
 * read "�" (WHATWG Encoding, §6.1).
 */
import type { Decoder } from './tokenizer'

/** The bytes of a token; none for a special one. */
export type BytesOf = (id: number) => Uint8Array

const encoder = new TextEncoder()

export const bytesOfText = (text: string): Uint8Array => encoder.encode(text)

export function openByteDecoder(bytesOf: BytesOf): Decoder {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  return {
    push: (id) => decoder.decode(bytesOf(id), { stream: true }),
    end: () => decoder.decode(),
  }
}

export function decodeBytes(ids: ArrayLike<number>, bytesOf: BytesOf): string {
  const pieces = Array.from(ids, bytesOf)
  const all = new Uint8Array(pieces.reduce((size, piece) => size + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    all.set(piece, at)
    at += piece.length
  }
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(all)
}

/**
 * A token's bytes as people see them: its text, or where they are no whole characters `\xF0\x9F` for those
 * that are not ASCII.
 */
export function shownBytes(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { ignoreBOM: true, fatal: true }).decode(bytes)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    return Array.from(bytes, (byte) =>
      byte < 0x80 ? String.fromCharCode(byte) : `\\x${byte.toString(16).toUpperCase()}`,
    ).join('')
  }
}

/** @throws RangeError when it is none of the tokens */
export function known<T>(token: T | undefined, id: number): T {
  if (token === undefined) throw new RangeError(`${id} is not a token of this tokenizer`)
  return token
}
