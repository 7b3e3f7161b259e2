/**
 * What the demo runs: the whole job, or a small one with the same stages. Everything that is not said here is
 * a recipe's default.
 */
import { parseSettings, type Fields, type SettingsValues } from '../../src-shared/fields'
import { ppoFields } from '../../src-shared/recipes/ppo'
import { pretrainFields } from '../../src-shared/recipes/pretrain'
import { rewardFields } from '../../src-shared/recipes/reward-fields'
import { sftFields } from '../../src-shared/recipes/sft'

export interface DemoPlan {
  readonly pretrain: SettingsValues
  readonly sft: SettingsValues
  readonly reward: SettingsValues
  readonly ppoLexicon: SettingsValues
  readonly ppoRewardModel: SettingsValues
  /** Completions that each stage is measured on. */
  readonly texts: number
  /** Completions of the fine-tuned model that the best-of-n line is made from. */
  readonly pool: number
}

/** How completions are drawn when a stage is measured: as in the seed's own program. */
export const measuredSampling = { temperature: 1, topK: 30, topP: 1, maxTokens: 64 } as const

const full = {
  pretrain: {},
  sft: { label: '1' },
  // Nobody said of these pairs by how much: one margin for all would only spread the scores.
  reward: { readPrompt: 'completion-only', centering: 0.1, margin: 0 },
  ppoLexicon: { rewards: 'lexicon + 0 * wink', topK: 30 },
  // A reward model's scores are not VADER's: they spread wider, and are gamed sooner.
  ppoRewardModel: { rewards: 'reward-model + 0 * wink', topK: 30, klBeta: 0.3 },
} as const

/** Every setting that makes the whole job long, made small. */
const small = {
  pretrain: {
    layers: 2,
    width: 96,
    updates: 1700,
    batchRows: 16,
    learningRate: 4e-3,
    samplesEvery: 500,
    checkpointEvery: 1000,
  },
  sft: {},
  reward: {},
  ppoLexicon: { updates: 19, criticWarmup: 3, learningRate: 3e-4 },
  ppoRewardModel: { updates: 19, criticWarmup: 3, learningRate: 3e-4 },
} as const

export function demoPlan({ seed, isQuick }: { readonly seed: number; readonly isQuick: boolean }): DemoPlan {
  const settingsOf = (fields: Fields, stage: keyof typeof full): SettingsValues =>
    parsedSettings(fields, { ...full[stage], ...(isQuick ? small[stage] : {}), seed })
  return {
    pretrain: settingsOf(pretrainFields, 'pretrain'),
    sft: settingsOf(sftFields, 'sft'),
    reward: settingsOf(rewardFields, 'reward'),
    ppoLexicon: settingsOf(ppoFields, 'ppoLexicon'),
    ppoRewardModel: settingsOf(ppoFields, 'ppoRewardModel'),
    texts: 1000,
    pool: isQuick ? 2048 : 4096,
  }
}

export function parsedSettings(fields: Fields, given: SettingsValues): SettingsValues {
  const { settings, problems } = parseSettings(fields, given)
  if (problems.length > 0)
    throw new Error(problems.map(({ field, problem }) => `${field} ${problem}`).join('; '))
  return settings
}
