/**
 * ROUGE: how much of a reference is found again (Lin 2004, "ROUGE: A Package for Automatic Evaluation of
 * Summaries"). As in rouge_score 0.1.2 without a stemmer: of several references the best counts.
 */
import { countRows, overlapOf } from './words'

export type RougeKind = 'words' | 'pairs' | 'sequence'

/**
 * F₁ = 2 P R / (P + R); of words (ROUGE-1) and pairs of words (ROUGE-2) P = overlap / rows of the text and R =
 * overlap / rows of the reference; of the longest common subsequence (ROUGE-L, Eq. 2 to 4) overlap is its length.
 *
 * @returns 0 … 1
 */
export function rouge(text: string, references: readonly string[], kind: RougeKind): number {
  const words = alphanumericWords(text)
  return Math.max(0, ...references.map((reference) => oneRouge(words, alphanumericWords(reference), kind)))
}

function oneRouge(words: readonly string[], reference: readonly string[], kind: RougeKind): number {
  if (kind === 'sequence') return f1(commonSubsequence(words, reference), words.length, reference.length)
  const n = kind === 'words' ? 1 : 2
  const overlap = overlapOf(countRows(words, n), countRows(reference, n))
  return f1(overlap, words.length - n + 1, reference.length - n + 1)
}

const alphanumericWords = (text: string): readonly string[] =>
  text
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '')

function f1(overlap: number, found: number, wanted: number): number {
  const precision = overlap / Math.max(found, 1)
  const recall = overlap / Math.max(wanted, 1)
  return overlap === 0 ? 0 : (2 * precision * recall) / (precision + recall)
}

/** Words of the longest row that stands in both in this order, with anything between. */
function commonSubsequence(words: readonly string[], others: readonly string[]): number {
  let above = new Array<number>(others.length + 1).fill(0)
  for (const word of words) {
    const row = [0]
    for (const [index, other] of others.entries())
      row.push(
        word === other
          ? (above[index] as number) + 1
          : Math.max(above[index + 1] as number, row[index] as number),
      )
    above = row
  }
  return above.at(-1) ?? 0
}
