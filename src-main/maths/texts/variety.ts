/** How much a set of texts says the same: across texts, and word for word of what was learned. */
import { bleu } from './bleu'
import { countRows, sumOf, wordsOf } from './words'

/**
 * distinct-n: different rows of n words over all of them in a set of texts. Rows stand within one text.
 *
 * Source: Li et al. 2016, "A Diversity-Promoting Objective Function", §5.2. It falls as the set grows: compare sets of
 * one size.
 *
 * @returns 0 … 1; 0 when no text has n words
 */
export function distinct(texts: readonly string[], n: number): number {
  const different = new Set<string>()
  let all = 0
  for (const text of texts) {
    const counts = countRows(wordsOf(text), n)
    for (const row of counts.keys()) different.add(row)
    all += sumOf(counts.values())
  }
  return all === 0 ? 0 : different.size / all
}

/**
 * Self-BLEU: the mean BLEU of each text with all others as its references; lower is more varied.
 *
 * Source: Zhu et al. 2018, "Texygen: A Benchmarking Platform for Text Generation Models", §3.1; BLEU is bleu.ts's.
 *
 * @param texts at least two
 * @returns 0 … 1
 */
export function selfBleu(texts: readonly string[]): number {
  const scores = texts.map((text, place) =>
    bleu(
      text,
      texts.filter((_, other) => other !== place),
    ),
  )
  return sumOf(scores) / scores.length
}
