/**
 * CIDEr: what a text says as its references do, where what all references say counts little (Vedantam et al. 2015,
 * "CIDEr: Consensus-based Image Description Evaluation"). As pycocoevalcap's scorer, which is CIDEr-D: clipped, and
 * less for another length.
 */
import { countRows } from './words'

const orders = [1, 2, 3, 4] as const
const sigma = 6

/** One n-gram length of a text: each row of words by its weight, and the length of that vector. */
interface Weights {
  readonly weights: ReadonlyMap<string, number>
  readonly norm: number
}

interface Weighed {
  readonly orders: readonly Weights[]
  readonly words: number
}

/**
 * How to score by these references.
 *
 *   g(row) = count · (log prompts − log max(1, prompts whose references have it))
 *   CIDEr = 10 · mean over n = 1 … 4 and references of
 *           e^(−(l − l_ref)² / 2σ²) · Σ min(g, g_ref) g_ref / (‖g‖ ‖g_ref‖)
 *
 * with lengths l in pairs of words.
 *
 * @param all the references of each prompt. With one prompt alone every weight is 0
 * @returns a score, 0 … 10
 */
export function ciderOver(
  all: Iterable<readonly string[]>,
): (text: string, references: readonly string[]) => number {
  const prompts = [...all]
  const found = new Map<string, number>()
  for (const references of prompts)
    for (const row of new Set(
      references.flatMap((text) => orders.flatMap((n) => [...countRows(wordsIn(text), n).keys()])),
    ))
      found.set(row, (found.get(row) ?? 0) + 1)
  const weigh = (text: string): Weighed => {
    const words = wordsIn(text)
    return {
      words: Math.max(0, words.length - 1),
      orders: orders.map((n) => {
        const weights = new Map<string, number>()
        for (const [row, count] of countRows(words, n))
          weights.set(row, count * (Math.log(prompts.length) - Math.log(Math.max(1, found.get(row) ?? 0))))
        return { weights, norm: Math.hypot(...weights.values()) }
      }),
    }
  }
  return (text, references) => {
    const weighed = weigh(text)
    const sum = references.reduce((total, each) => total + likeness(weighed, weigh(each)), 0)
    return (10 * sum) / references.length
  }
}

const wordsIn = (text: string): readonly string[] => text.toLowerCase().match(/[\p{L}\p{N}_]+/gu) ?? []

/** Mean over the orders. */
function likeness(text: Weighed, reference: Weighed): number {
  const away = text.words - reference.words
  const sum = orders.reduce(
    (total, _, index) => total + cosine(text.orders[index], reference.orders[index]),
    0,
  )
  return (Math.exp(-(away ** 2) / (2 * sigma ** 2)) * sum) / orders.length
}

function cosine(text: Weights | undefined, reference: Weights | undefined): number {
  if (!text || !reference) return 0
  let shared = 0
  for (const [row, weight] of text.weights) {
    const wanted = reference.weights.get(row) ?? 0
    shared += Math.min(weight, wanted) * wanted
  }
  return text.norm > 0 && reference.norm > 0 ? shared / (text.norm * reference.norm) : shared
}
