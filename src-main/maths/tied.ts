/** Whether scores know what is equally good. */

/**
 * Of the groups of equally good things that stand beside others, the share in which the worst of the group lies above
 * all that is worse, the best below all that is better, and both by more than the members differ from one another.
 *
 * Source: Malik et al. 2025, "RewardBench 2", §3.1, Ties: there the group is all correct answers, and the others are
 * wrong. Here there may be several groups, and others that are better.
 *
 * @param worths of the same things, in the same order: equal numbers are equally good
 * @returns how many groups there are, and how many of them are told
 */
export function tiesTold(
  scores: readonly number[],
  worths: readonly number[],
): { readonly groups: number; readonly told: number } {
  const groups = [...new Set(worths)]
    .map((worth) => ({ worth, own: scores.filter((_, index) => worths[index] === worth) }))
    .filter(({ own }) => own.length > 1 && own.length < scores.length)
  const told = groups.filter(({ worth, own }) => {
    const [lowest, highest] = [Math.min(...own), Math.max(...own)]
    const gaps = scores.flatMap((score, index) => {
      const other = worths[index] as number
      return other === worth ? [] : [other < worth ? lowest - score : score - highest]
    })
    return Math.min(...gaps) > highest - lowest
  })
  return { groups: groups.length, told: told.length }
}
