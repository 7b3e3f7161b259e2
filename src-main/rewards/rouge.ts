/** ROUGE-1, -2 or -L against the references of a prompt. */
import { rouge as rougeSaid } from '../../src-shared/rewards/rouge'
import { rouge } from '../maths/texts/rouge'
import { rewardAgainstReferences } from './references'

export const rougeSource = rewardAgainstReferences(
  rougeSaid,
  ({ kind }) =>
    (completion, references) =>
      rouge(completion, references, kind),
)
