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

/** Pairs with different ratings: those that a concordance is the share of. */
export function pairsApart(ratings: readonly number[]): number {
  const alike = new Map<number, number>()
  for (const rating of ratings) alike.set(rating, (alike.get(rating) ?? 0) + 1)
  const pairs = (count: number): number => (count * (count - 1)) / 2
  return pairs(ratings.length) - [...alike.values()].reduce((sum, count) => sum + pairs(count), 0)
}

/** As many pairs with different ratings as can be made at once, each thing in one pair at most. */
export function separatePairs(ratings: readonly number[]): number {
  const alike = new Map<number, number>()
  for (const rating of ratings) alike.set(rating, (alike.get(rating) ?? 0) + 1)
  const most = Math.max(0, ...alike.values())
  return Math.min(Math.floor(ratings.length / 2), ratings.length - most)
}

/**
 * Kendall's τ-b: 1 where scores order things as their ratings do, −1 where they order them the other way round.
 *
 *   τ_b = (C − D) / √((P − X) · (P − Y)),   P all pairs, X and Y those with equal scores or equal ratings
 *
 * Source: Kendall 1945, "The Treatment of Ties in Ranking Problems".
 *
 * @returns −1 … 1; 0 where all scores or all ratings are the same
 */
export function kendallTau(scores: readonly number[], ratings: readonly number[]): number {
  let agreement = 0
  let differentScores = 0
  let differentRatings = 0
  for (let a = 0; a < scores.length; a++)
    for (let b = 0; b < a; b++) {
      const byScore = Math.sign(scores[a]! - scores[b]!)
      const byRating = Math.sign(ratings[a]! - ratings[b]!)
      agreement += byScore * byRating
      differentScores += Math.abs(byScore)
      differentRatings += Math.abs(byRating)
    }
  const most = Math.sqrt(differentScores * differentRatings)
  return most === 0 ? 0 : agreement / most
}
