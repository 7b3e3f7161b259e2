/**
 * An example as one number of 53 bits, so that millions can be remembered. Of a million different examples two have the
 * same in one of 18,000 files: good enough for a count in a sentence, not for what decides about a row.
 */
import type { ExampleParts } from '../../src-shared/records/example'

/** All that makes an example another, by two hashes that are read side by side. */
export function fingerprintOf(example: ExampleParts): number {
  const { prompt, completion, rejected, label, candidates, steps } = example
  const hashes: Hashes = { first: FNV_OFFSET, second: 0 }
  for (const part of [prompt, completion, rejected, label, candidates, steps])
    add(hashes, typeof part === 'string' ? part : (JSON.stringify(part) ?? '\0'))
  return (hashes.first >>> 0) * 2 ** 21 + (hashes.second >>> 11)
}

/** Each a whole number of 32 bits. */
interface Hashes {
  first: number
  second: number
}

/** The length goes in last: where a part ends makes another example, too. */
function add(hashes: Hashes, text: string): void {
  let { first, second } = hashes
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    first = Math.imul(first ^ code, FNV_PRIME)
    second = Math.imul(second + code, GOLDEN) ^ (second >>> 15)
  }
  hashes.first = Math.imul(first ^ text.length, FNV_PRIME)
  hashes.second = Math.imul(second + text.length, GOLDEN)
}

/** FNV-1a (Fowler, Noll, Vo), over UTF-16 instead of bytes. */
const FNV_OFFSET = 0x811c9dc5
const FNV_PRIME = 0x01000193
/** 2³² over the golden ratio: neighbouring codes come to lie far apart (Knuth, TAOCP 3, section 6.4). */
const GOLDEN = 0x9e3779b1
