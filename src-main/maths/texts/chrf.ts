/**
 * chrF: n-grams of characters that text and reference share (Popović 2015, "chrF: character n-gram F-score for
 * automatic MT evaluation"). As sacrebleu's sentence_chrf: orders 1 to 6 without spaces, β = 2, no words; of several
 * references the best counts.
 */
import { countRows, overlapOf, sumOf, wordsOf, type Counts } from './words'

const orders = [1, 2, 3, 4, 5, 6] as const
const betaSquared = 4

/**
 *   chrF = (1 + β²) P R / (β² P + R)     (Popović 2015, Eq. 1)
 *
 * with P and R the mean precision and recall over the orders that both texts are long enough for.
 *
 * @returns 0 … 1
 */
export function chrf(text: string, references: readonly string[]): number {
  const rows = rowsOf(text)
  return Math.max(0, ...references.map((reference) => oneChrf(rows, rowsOf(reference))))
}

function rowsOf(text: string): readonly Counts[] {
  const characters = [...wordsOf(text).join('')]
  return orders.map((n) => countRows(characters, n))
}

function oneChrf(rows: readonly Counts[], reference: readonly Counts[]): number {
  const shared = orders.flatMap((_, index) => {
    const [some, others] = [rows[index] as Counts, reference[index] as Counts]
    const [found, wanted] = [sumOf(some.values()), sumOf(others.values())]
    const overlap = overlapOf(some, others)
    return found > 0 && wanted > 0 ? [{ precision: overlap / found, recall: overlap / wanted }] : []
  })
  if (shared.length === 0) return 0
  const precision = sumOf(shared.map((each) => each.precision)) / shared.length
  const recall = sumOf(shared.map((each) => each.recall)) / shared.length
  if (precision + recall === 0) return 0
  return ((1 + betaSquared) * precision * recall) / (betaSquared * precision + recall)
}
