/**
 * METEOR: words of a text that its reference has, as they are or by their stems, and how many pieces they come in
 * (Banerjee & Lavie 2005; Denkowski & Lavie 2014). As NLTK's meteor_score with its default weights, over words and
 * runs of punctuation; without WordNet's synonyms, which would need the whole of it. The best reference counts.
 */
import { stemOf } from './porter'

const alpha = 0.9
const beta = 3
const gamma = 0.5

/**
 *   F = P R / (α P + (1 − α) R),   METEOR = F · (1 − γ (pieces / matches)^β)
 *
 * with P and R the matches over the words of the text and of the reference.
 *
 * @returns 0 … 1
 */
export function meteor(text: string, references: readonly string[]): number {
  const words = wordsAndMarks(text)
  return Math.max(0, ...references.map((reference) => oneMeteor(words, wordsAndMarks(reference))))
}

const wordsAndMarks = (text: string): readonly string[] =>
  text.toLowerCase().match(/[\p{L}\p{N}_]+|[^\p{L}\p{N}_\s]+/gu) ?? []

function oneMeteor(words: readonly string[], reference: readonly string[]): number {
  const matches = matchesOf(words, reference)
  if (matches.length === 0) return 0
  const precision = matches.length / words.length
  const recall = matches.length / reference.length
  const mean = (precision * recall) / (alpha * precision + (1 - alpha) * recall)
  return (1 - gamma * (piecesOf(matches) / matches.length) ** beta) * mean
}

/** Index in the text, index in the reference. */
type Match = readonly [number, number]

/** First words as they are, then stems; from the last word to the first, each with the last one that is left. */
function matchesOf(words: readonly string[], reference: readonly string[]): readonly Match[] {
  const matches = new Map<number, number>()
  const taken = new Set<number>()
  for (const form of [(word: string) => word, stemOf]) {
    const left = new Map<string, number[]>()
    for (const [index, word] of reference.entries())
      if (!taken.has(index)) left.set(form(word), [...(left.get(form(word)) ?? []), index])
    for (let index = words.length - 1; index >= 0; index--) {
      const found = matches.has(index) ? undefined : left.get(form(words[index] as string))?.pop()
      if (found === undefined) continue
      matches.set(index, found)
      taken.add(found)
    }
  }
  return [...matches].sort(([one], [other]) => one - other)
}

/** Rows of matches that follow one another in both. */
const piecesOf = (matches: readonly Match[]): number =>
  matches.filter(([word, found], index) => {
    const [before, foundBefore] = matches[index - 1] ?? [NaN, NaN]
    return word !== before + 1 || found !== foundBefore + 1
  }).length
