/** Where two texts, or two rows of ids, part. */
import type { Chat } from '../tokenizers/tokenizer'

/** How many units both begin with. */
export function commonStart<T>(a: ArrayLike<T>, b: ArrayLike<T>): number {
  const most = Math.min(a.length, b.length)
  let at = 0
  while (at < most && a[at] === b[at]) at++
  return at
}

/** How many units both end with, those not counted with which they begin. */
export function commonEnd<T>(a: ArrayLike<T>, b: ArrayLike<T>, start = commonStart(a, b)): number {
  const most = Math.min(a.length, b.length) - start
  let count = 0
  while (count < most && a[a.length - 1 - count] === b[b.length - 1 - count]) count++
  return count
}

/**
 * `idsBefore` of one rendered text, whose special tokens cut it: what stands before them need not be read again.
 */
export function idsBeforeIn(chat: Chat, text: string, ids: Int32Array): (place: number) => number {
  const starts = chat.marksIn(text)
  const marks = Array.from(ids.keys()).filter((place) => chat.isSpecial(ids[place]!))
  if (starts.length !== marks.length) return (place) => idsBefore(chat.encode, text, ids, place)
  return (place) => {
    const last = starts.findLastIndex((start) => start < place)
    if (last < 0 || place >= text.length) return idsBefore(chat.encode, text, ids, place)
    const first = marks[last]!
    return first + commonStart(chat.encode(text.slice(starts[last]!, place)), ids.subarray(first))
  }
}

/**
 * How many ids of a text stand before a place in it: those that a text ending there begins with, too. One that
 * reaches over the place stands behind it, as in `char_to_token` of Hugging Face.
 */
export const idsBefore = (
  encode: (text: string) => Int32Array,
  text: string,
  ids: Int32Array,
  place: number,
): number => (place >= text.length ? ids.length : commonStart(encode(text.slice(0, place)), ids))
