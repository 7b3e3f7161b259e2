/** What many texts have in common, so that a narrow column can leave it out. */

/** A shorter one is not worth the "…" that stands for it. */
const shortest = 12

/**
 * How all of these begin, up to the end of a word; empty when they have little in common or are all the same.
 */
export function commonBeginning(texts: readonly string[]): string {
  const [first = '', ...others] = [...new Set(texts)]
  if (others.length === 0) return ''
  const length = others.reduce((known, text) => sharedLength(first, text, known), first.length)
  const beginning = first.slice(0, first.lastIndexOf(' ', length - 1) + 1)
  return beginning.length >= shortest ? beginning : ''
}

/** "Write one sentence about a film:" → "… film:" */
export const withoutBeginning = (text: string, beginning: string): string =>
  beginning !== '' && text.startsWith(beginning) ? `… ${text.slice(beginning.length)}` : text

function sharedLength(one: string, other: string, most: number): number {
  let length = 0
  while (length < most && one[length] === other[length]) length++
  return length
}
