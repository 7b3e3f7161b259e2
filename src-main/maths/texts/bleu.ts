/**
 * BLEU of one text (Papineni et al. 2002, "BLEU: a Method for Automatic Evaluation of Machine Translation"). As
 * sacrebleu's sentence_bleu: tokens of mteval-v13a, exponential smoothing (Chen & Cherry 2014, method 3), and no
 * more orders than the text has.
 */
import { countRows, sumOf, wordsOf, type Counts } from './words'

const orders = [1, 2, 3, 4] as const

/**
 *   BLEU = min(1, e^(1 − r/c)) · exp(Σ log pₙ / N)     (Papineni et al. 2002, Eq. 2 and 3)
 *
 * with c the words of the text, r those of the reference nearest in length, pₙ the share of its n-grams that
 * stand in a reference; an order without a match counts 1/(2ᵏ · n-grams), k the orders without one so far.
 *
 * @returns 0 … 1
 */
export function bleu(text: string, references: readonly string[]): number {
  const words = tokensOf(text)
  const wanted = references.map(tokensOf)
  const precisions = smoothed(orders.map((n) => matchesOf(words, wanted, n)))
  if (precisions.length === 0) return 0
  const mean = sumOf(precisions.map(Math.log)) / precisions.length
  return Math.min(1, Math.exp(1 - nearestLength(words.length, wanted) / words.length)) * Math.exp(mean)
}

interface Matches {
  readonly correct: number
  readonly total: number
}

function matchesOf(words: readonly string[], references: readonly (readonly string[])[], n: number): Matches {
  const most = mostOf(references.map((reference) => countRows(reference, n)))
  const counts = [...countRows(words, n)]
  return {
    correct: sumOf(counts.map(([row, count]) => Math.min(count, most.get(row) ?? 0))),
    total: sumOf(counts.map(([, count]) => count)),
  }
}

/** Of each row the largest count in any of the references. */
function mostOf(references: readonly Counts[]): Counts {
  const most = new Map<string, number>()
  for (const counts of references)
    for (const [row, count] of counts) most.set(row, Math.max(count, most.get(row) ?? 0))
  return most
}

/** None when nothing matches. */
function smoothed(matches: readonly Matches[]): readonly number[] {
  if (matches.every(({ correct }) => correct === 0)) return []
  let halves = 1
  return matches
    .filter(({ total }) => total > 0)
    .map(({ correct, total }) => {
      if (correct > 0) return correct / total
      halves *= 2
      return 1 / (halves * total)
    })
}

/** Words of the reference that is nearest in length; of two the shorter. */
const nearestLength = (length: number, references: readonly (readonly string[])[]): number =>
  references
    .map((reference) => reference.length)
    .reduce((nearest, each) => {
      const [far, near] = [Math.abs(each - length), Math.abs(nearest - length)]
      return far < near || (far === near && each < nearest) ? each : nearest
    })

const entities = { '&quot;': '"', '&amp;': '&', '&lt;': '<', '&gt;': '>' } as const

/** Of mteval-v13a.pl: punctuation apart from words, and within numbers not. */
function tokensOf(text: string): readonly string[] {
  const line = Object.entries(entities).reduce(
    (read, [entity, character]) => read.replaceAll(entity, character),
    text.trimEnd().replaceAll('<skipped>', '').replaceAll('-\n', '').replaceAll('\n', ' '),
  )
  return wordsOf(
    ` ${line} `
      .replace(/[{-~[-` -&(-+:-@/]/g, ' $& ')
      .replace(/([^0-9])([.,])/gu, '$1 $2 ')
      .replace(/([.,])([^0-9])/gu, ' $1 $2')
      .replace(/([0-9])(-)/g, '$1 $2 '),
  )
}
