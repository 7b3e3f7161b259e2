/**
 * How the losses of tokens become the loss of an update: what each counts. Weights instead of means, so that an
 * update may be computed in any parts.
 */

export interface Normalised {
  /** Drawn tokens of each text of the update that are learned; 0 of one that is left out. */
  readonly lengths: readonly number[]
  /** Learned tokens of the whole rollout, and updates that a pass over it has. */
  readonly rolloutTokens: number
  readonly updates: number
  /** Most tokens a completion can have. */
  readonly maxTokens: number
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

/** The weight of each token of each text. */
export const lossWeights = {
  /**
   * Mean over texts of the mean over their tokens: a token of a long text counts less. Shao et al. 2024 (GRPO),
   * Eq. 3.
   */
  'text-mean': ({ lengths }: Normalised) =>
    lengths.map((length) => (length === 0 ? 0 : 1 / (lengths.length * length))),
  /** A token counts the same in the whole rollout. Yu et al. 2025, "DAPO", Eq. 8. */
  'rollout-tokens': ({ lengths, rolloutTokens, updates }: Normalised) =>
    lengths.map(() => (rolloutTokens === 0 ? 0 : updates / rolloutTokens)),
  /** A token counts the same in its update. Xiao et al. 2025, "BNPO", as in TRL. */
  'update-tokens': ({ lengths }: Normalised) => lengths.map(() => 1 / Math.max(1, sum(lengths))),
  /**
   * By the longest there can be: neither length nor batch changes what a token counts. Liu et al. 2025 (Dr. GRPO),
   * §3.2.
   */
  longest: ({ lengths, maxTokens }: Normalised) => lengths.map(() => 1 / (lengths.length * maxTokens)),
  /** Mean over texts of the sum over their tokens: the likelihood of the text. Williams 1992 (REINFORCE). */
  texts: ({ lengths }: Normalised) => lengths.map(() => 1 / lengths.length),
} as const satisfies Readonly<Record<string, (normalised: Normalised) => readonly number[]>>

export type LossWeightName = keyof typeof lossWeights
