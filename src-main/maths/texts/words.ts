/** Words and n-grams as Python's text metrics count them. */

/** What Python splits at: also the four separators of ASCII and U+0085, and not U+FEFF, which is a letter to it. */
const spaces = /(?:(?!\ufeff)\s|[\u{1c}-\u{1f}\u{85}])+/u

/** The words of a text, without the spaces between them. */
export const wordsOf = (text: string): readonly string[] => text.split(spaces).filter((word) => word !== '')

export type Counts = ReadonlyMap<string, number>

/**
 * How often each row of n stands in a list.
 * @param parts words, or characters; none has a space within it
 */
export function countRows(parts: readonly string[], n: number): Counts {
  const counts = new Map<string, number>()
  for (let start = 0; start + n <= parts.length; start++) {
    const row = parts.slice(start, start + n).join(' ')
    counts.set(row, (counts.get(row) ?? 0) + 1)
  }
  return counts
}

/** Σ over the rows of both of the smaller count. */
export function overlapOf(some: Counts, others: Counts): number {
  let shared = 0
  for (const [row, count] of some) shared += Math.min(count, others.get(row) ?? 0)
  return shared
}

export function sumOf(values: Iterable<number>): number {
  let sum = 0
  for (const value of values) sum += value
  return sum
}
