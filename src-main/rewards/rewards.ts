/** The table of reward sources at work: a row for every one that can be said (src-shared/rewards). */
import type { RewardSourceName } from '../../src-shared/rewards/rewards'
import { afinnSource } from './afinn'
import { bleuSource } from './bleu'
import { chrfSource } from './chrf'
import { ciderSource } from './cider'
import { exactSource } from './exact'
import { formatSource } from './format'
import { judgeModelSource } from './judge-model'
import { lengthSource } from './length'
import { lexiconSource } from './lexicon'
import { meteorSource } from './meteor'
import { numericSource } from './numeric'
import { patternSource } from './pattern'
import { personSource } from './person'
import { repetitionSource } from './repetition'
import type { RewardRow } from './reward'
import { rewardModelSource } from './reward-model'
import { rougeSource } from './rouge'
import { ruleSource } from './rule'
import { terSource } from './ter'
import { winkSource } from './wink'

export const rewardRows: Readonly<Record<RewardSourceName, RewardRow>> = {
  'reward-model': rewardModelSource,
  'judge-model': judgeModelSource,
  person: personSource,
  lexicon: lexiconSource,
  wink: winkSource,
  afinn: afinnSource,
  rule: ruleSource,
  pattern: patternSource,
  format: formatSource,
  length: lengthSource,
  repetition: repetitionSource,
  exact: exactSource,
  numeric: numericSource,
  rouge: rougeSource,
  bleu: bleuSource,
  chrf: chrfSource,
  meteor: meteorSource,
  ter: terSource,
  cider: ciderSource,
}
