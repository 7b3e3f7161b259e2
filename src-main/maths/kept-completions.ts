/** Which completions of a rollout are imitated. All give indices, in the order of the rollout. */

/**
 * The best of each group, the first of equals; none of a group whose rewards are all the same.
 * Source: Dong et al. 2023, "RAFT", Algorithm 1.
 * @param rewards of groups of `size` one after another
 */
export function bestOfGroups(rewards: readonly number[], size: number): number[] {
  const kept: number[] = []
  for (let start = 0; start < rewards.length; start += size) {
    const group = rewards.slice(start, start + size)
    const most = Math.max(...group)
    if (most > Math.min(...group)) kept.push(start + group.indexOf(most))
  }
  return kept
}

/**
 * The share with the highest rewards, at least one; never one with the lowest reward of all.
 * Source: Gulcehre et al. 2023, "Reinforced Self-Training (ReST)", §3: a threshold on the reward.
 * @param share 0 … 1
 */
export function bestShare(rewards: readonly number[], share: number): number[] {
  const least = rewards.reduce((lowest, reward) => Math.min(lowest, reward), Infinity)
  const count = Math.max(1, Math.round(rewards.length * share))
  const byReward = rewards.map((_, index) => index).sort((a, b) => rewards[b]! - rewards[a]! || a - b)
  return byReward
    .slice(0, count)
    .filter((index) => rewards[index]! > least)
    .sort((a, b) => a - b)
}
