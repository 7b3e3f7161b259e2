/**
 * A text as the set of its shingles: runs of neighbouring words (Broder 1997, "On the Resemblance and Containment of
 * Documents", section 2). Case, signs and spaces make no difference; where a script has no spaces, a character is a
 * word.
 */
import { murmur3 } from '../random'

const words =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]|[\p{L}\p{M}\p{N}]+/gu

/**
 * @param length  words a shingle; a text of fewer is one shingle
 * @returns each shingle's hash once, ascending; empty for a text without words
 */
export function shinglesOf(texts: readonly string[], length = 3): Uint32Array {
  const hashes = new Set<number>()
  for (const text of texts) {
    const found = text.toLowerCase().match(words) ?? []
    for (let start = 0; start < found.length && (start === 0 || start + length <= found.length); start++)
      hashes.add(murmur3(found.slice(start, start + length).join(' '), 0) >>> 0)
  }
  return Uint32Array.from(hashes).sort()
}
