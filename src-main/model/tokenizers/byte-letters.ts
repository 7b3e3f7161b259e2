/**
 * The letters that stand for bytes in the vocabulary files of GPT-2 and of most models after it
 * (`bytes_to_unicode` in OpenAI's `encoder.py`): bytes that print are themselves, the others are the code
 * points from 256 on. A space is "Ġ".
 */

const isPrinted = (byte: number): boolean => (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte !== 0xad)

const all = Array.from({ length: 256 }, (_, byte) => byte)
const printed = all.filter(isPrinted)
const hidden = all.filter((byte) => !isPrinted(byte))

/** The byte of each of GPT-2's first 256 ids: those that print, then the others. */
export const bytesInOrder: Uint8Array = Uint8Array.from([...printed, ...hidden])

/** The letter of each byte. */
export const letterOfByte: readonly string[] = all.map((byte) =>
  String.fromCharCode(isPrinted(byte) ? byte : 0x100 + hidden.indexOf(byte)),
)

const byteOfLetter: ReadonlyMap<string, number> = new Map(letterOfByte.map((letter, byte) => [letter, byte]))

/** A token of letters as bytes; undefined when one of them stands for no byte. */
export function bytesOfLetters(token: string): Uint8Array | undefined {
  const bytes = new Uint8Array(token.length)
  for (let at = 0; at < token.length; at++) {
    const byte = byteOfLetter.get(token[at]!)
    if (byte === undefined) return undefined
    bytes[at] = byte
  }
  return bytes
}
