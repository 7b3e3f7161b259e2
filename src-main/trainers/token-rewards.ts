/** Rewards at the tokens where they arise. */
import type { Tokenizer } from '../model/model'
import type { Completion } from '../model/writing/sequence'
import type { RewardPart } from '../rewards/reward'

export interface TokenReward {
  /** Among the drawn tokens. */
  readonly token: number
  readonly reward: number
}

/** Each part at the token that completes its characters; what is known at the end of the text at its last token. */
export function rewardsAtTokens(
  tokenizer: Tokenizer,
  { ids, promptTokens, text }: Completion,
  parts: readonly RewardPart[],
): readonly TokenReward[] {
  const decoder = tokenizer.openDecoder()
  let length = 0
  const ends = Array.from(ids.subarray(promptTokens), (id) => (length += decoder.push(id).length))
  return parts.map(({ after, reward }) => {
    const found = after >= text.length ? -1 : ends.findIndex((end) => end >= after)
    return { token: found < 0 ? ends.length - 1 : found, reward }
  })
}
