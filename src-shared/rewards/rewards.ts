/** The table of reward sources: what can score the completions of a run. */
import { lexicon } from './lexicon'
import { pattern } from './pattern'
import type { RewardSource } from './reward-source'
import { rewardModel } from './reward-model'
import { wink } from './wink'

const table = {
  'reward-model': rewardModel,
  lexicon,
  wink,
  pattern,
} as const

export type RewardSourceName = keyof typeof table

export const rewardSources: Readonly<Record<RewardSourceName, RewardSource>> = table

export const rewardSourceNames = Object.keys(table) as readonly RewardSourceName[]
