/** Small changes to a file, as a bad disk, a torn copy or a liar makes them. */
import type { Random } from '../../src-main/maths/random'

/** What means something in one format or the other. */
const telling = [
  '"',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '\\',
  '\n',
  '\0',
  '{%',
  '%}',
  '{{',
  '(',
  '*',
  '+',
  'null',
  '-1',
  '1e9',
]
/** What a length or a count is changed to. */
const extremes = [0, 1, 0x7f, 0x80, 0xff]

type Change = (bytes: Buffer, at: number, within: (length: number) => number) => Buffer

const changes: readonly Change[] = [
  // one bit, one byte
  (bytes, at, within) => replaced(bytes, at, Buffer.from([bytes[at]! ^ (1 << within(8))])),
  (bytes, at, within) => replaced(bytes, at, Buffer.from([within(256)])),
  // a number of 1 to 8 bytes becomes as large or as small as it can be
  (bytes, at, within) => replaced(bytes, at, Buffer.alloc(1 << within(4), extremes[within(extremes.length)])),
  // a piece is missing, there twice, or another's
  (bytes, at, within) => joined(bytes.subarray(0, at), bytes.subarray(at + 1 + within(16))),
  (bytes, at, within) =>
    joined(bytes.subarray(0, at), bytes.subarray(at, at + 1 + within(60)), bytes.subarray(at)),
  (bytes, at, within) =>
    joined(bytes.subarray(0, at), Buffer.from(telling[within(telling.length)]!), bytes.subarray(at)),
  (bytes, at, within) => {
    const from = within(bytes.length)
    return replaced(bytes, at, Buffer.from(bytes.subarray(from, from + 1 + within(200))))
  },
  // it ends too early
  (bytes, at) => bytes.subarray(0, at),
]

const joined = (...parts: readonly Uint8Array[]): Buffer => Buffer.concat(parts)

function replaced(bytes: Buffer, at: number, by: Uint8Array): Buffer {
  const other = Buffer.from(bytes)
  other.set(by.subarray(0, bytes.length - at), at)
  return other
}

/** One to three changes; half of them in the first kilobyte or the last, where most formats say what they are. */
export function changedBytes(file: Uint8Array, random: Random): Buffer {
  const within = (length: number): number => Math.floor(random() * length)
  let bytes = Buffer.from(file)
  for (let left = 1 + within(3); left > 0 && bytes.length > 0; left--) {
    const edge = Math.min(1024, bytes.length)
    const where = within(4)
    const at =
      where === 0 ? within(edge) : where === 1 ? bytes.length - 1 - within(edge) : within(bytes.length)
    bytes = Buffer.from(changes[within(changes.length)]!(bytes, at, within))
  }
  return bytes
}
