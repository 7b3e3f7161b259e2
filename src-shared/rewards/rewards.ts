/** The table of reward sources: what can score the completions of a run. */
import { afinn } from './afinn'
import { bleu } from './bleu'
import { chrf } from './chrf'
import { cider } from './cider'
import { exact } from './exact'
import { format } from './format'
import { judgeModel } from './judge-model'
import { length } from './length'
import { lexicon } from './lexicon'
import { meteor } from './meteor'
import { numeric } from './numeric'
import { pattern } from './pattern'
import { person } from './person'
import { repetition } from './repetition'
import { rewardModel } from './reward-model'
import type { RewardSource } from './reward-source'
import { rouge } from './rouge'
import { rule } from './rule'
import { ter } from './ter'
import { wink } from './wink'

const table = {
  'reward-model': rewardModel,
  'judge-model': judgeModel,
  person,
  lexicon,
  wink,
  afinn,
  rule,
  pattern,
  format,
  length,
  repetition,
  exact,
  numeric,
  rouge,
  bleu,
  chrf,
  meteor,
  ter,
  cider,
} as const

export type RewardSourceName = keyof typeof table

export const rewardSources: Readonly<Record<RewardSourceName, RewardSource>> = table

export const rewardSourceNames = Object.keys(table) as readonly RewardSourceName[]
