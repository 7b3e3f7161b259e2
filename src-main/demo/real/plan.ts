/**
 * What `demo --real` does with a pretrained chat model: how much of each, and the settings of its five trainings.
 * Everything that is not said here is a recipe's default.
 */
import type { SettingsValues } from '../../../src-shared/fields'
import { dpoFields } from '../../../src-shared/recipes/dpo'
import { ppoFields } from '../../../src-shared/recipes/ppo'
import { rewardFields } from '../../../src-shared/recipes/reward-fields'
import { sftFields } from '../../../src-shared/recipes/sft'
import { parsedSettings } from '../plan'

export interface RealPlan {
  readonly sft: SettingsValues
  readonly reward: SettingsValues
  readonly dpo: SettingsValues
  readonly ppo: SettingsValues
  /** Definitions that are imitated, the shortest of the dataset. */
  readonly demonstrations: number
  /** Words that are asked for, twice each, to be compared. */
  readonly asked: number
  /** Words that nobody has learned from: who defines them better? */
  readonly heldOut: number
  /** Longest completion, tokens; less where the model's context is short. */
  readonly maxTokens: number
}

const lora = { adapter: 'lora', checkpointEvery: 1000 } as const
const quiet = { ...lora, samplesEvery: 1000 } as const

const sizes = {
  full: { demonstrations: 160, asked: 192, heldOut: 64, maxTokens: 40, epochs: 2, rollouts: 12 },
  quick: { demonstrations: 32, asked: 48, heldOut: 24, maxTokens: 24, epochs: 1, rollouts: 3 },
} as const

export function realPlan({ seed, isQuick }: { readonly seed: number; readonly isQuick: boolean }): RealPlan {
  const { epochs, rollouts, ...size } = sizes[isQuick ? 'quick' : 'full']
  return {
    ...size,
    sft: parsedSettings(sftFields, { ...quiet, seed, epochs, batchExamples: 8, learningRate: 5e-4 }),
    reward: parsedSettings(rewardFields, {
      ...lora,
      seed,
      epochs: epochs + 1,
      batchPairs: 8,
      learningRate: 5e-4,
      margin: 0,
    }),
    dpo: parsedSettings(dpoFields, { ...quiet, seed, epochs: epochs + 1, batchPairs: 8, learningRate: 3e-4 }),
    ppo: parsedSettings(ppoFields, {
      ...quiet,
      seed,
      rewards: 'reward-model + 0 * lexicon',
      completions: 32,
      maxTokens: size.maxTokens,
      updates: rollouts,
      minibatches: 2,
      epochs: 2,
      criticWarmup: 1,
      critic: 'value-head',
      // the whole softmax of 49,000 tokens at every position is too much to keep
      klEstimator: 'sampled',
      klBeta: 0.05,
      learningRate: 3e-4,
    }),
  }
}
