/** How well scores put things in the order of their ratings. */

/**
 * Of all pairs with different ratings, the share whose better one has the higher score; equal scores count
 * one half. With two ratings this is the area under the ROC curve. Source: Harrell et al. 1982, "Evaluating
 * the Yield of Medical Tests".
 *
 * @param ratings of the same things, in the same order
 * @returns 0 … 1; ½ when no two ratings differ
 */
export function concordance(scores: readonly number[], ratings: readonly number[]): number {
  let right = 0
  let pairs = 0
  for (let a = 0; a < scores.length; a++) {
    for (let b = 0; b < a; b++) {
      const better = Math.sign(ratings[a]! - ratings[b]!)
      if (better === 0) continue
      right += (1 + better * Math.sign(scores[a]! - scores[b]!)) / 2
      pairs++
    }
  }
  return pairs === 0 ? 0.5 : right / pairs
}
