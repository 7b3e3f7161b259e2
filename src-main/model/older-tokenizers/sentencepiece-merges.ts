/**
 * The merges of SentencePiece's BPE, which it does not write down: found again from the scores of its pieces. Source:
 * Hugging Face transformers, convert_slow_tokenizer.py, `generate_merges`.
 */
import { refuse } from '../weights/refusal'

export interface ScoredTokens {
  readonly tokens: readonly string[]
  readonly scores: readonly number[]
  /** Whether a token is put together out of others. */
  readonly isMerged: (id: number) => boolean
}

/** In letters; SentencePiece's default is 16. */
const longestPiece = 1000

/** Every way to put a piece together from two others, the best scores first. */
export function mergesOf({ tokens, scores, isMerged }: ScoredTokens): readonly (readonly [string, string])[] {
  const ids = new Map(tokens.map((token, id) => [token, id]))
  const merges: { readonly pair: readonly [string, string]; readonly score: number }[] = []
  for (const [id, token] of tokens.entries()) {
    if (!isMerged(id)) continue
    const letters = [...token]
    if (letters.length > longestPiece)
      refuse(`the token ${id} of its tokenizer has ${letters.length} letters`)
    const pairs = letters
      .slice(1)
      .map((_, i) => [letters.slice(0, i + 1).join(''), letters.slice(i + 1).join('')] as const)
      .filter(([left, right]) => ids.has(left) && ids.has(right))
    for (const pair of pairs.sort(
      (a, b) => ids.get(a[0])! - ids.get(b[0])! || ids.get(a[1])! - ids.get(b[1])!,
    ))
      merges.push({ pair, score: scores[id]! })
  }
  return merges.sort((a, b) => b.score - a.score).map(({ pair }) => pair)
}
