/** The table of reward sources at work: a row for every one that can be said (src-shared/rewards). */
import type { RewardSourceName } from '../../src-shared/rewards/rewards'
import { lexiconSource } from './lexicon'
import { patternSource } from './pattern'
import type { RewardRow } from './reward'
import { rewardModelSource } from './reward-model'
import { winkSource } from './wink'

export const rewardRows: Readonly<Record<RewardSourceName, RewardRow>> = {
  'reward-model': rewardModelSource,
  lexicon: lexiconSource,
  wink: winkSource,
  pattern: patternSource,
}
