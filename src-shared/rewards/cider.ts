/** Whether a completion says what its references say and those of other prompts do not: CIDEr. */
import type { RewardSource } from './reward-source'

export const cider = {
  title: 'CIDEr',
  doc:
    'Rows of one to four words that the completion and its references share, those that stand beside many prompts ' +
    'counting little (Vedantam et al. 2015), as pycocoevalcap computes it. It needs many different prompts.',
  range: '0 … 10',
  references: 'needed',
  fields: {},
} as const satisfies RewardSource
