/** chrF against the references of a prompt. */
import { chrf as chrfSaid } from '../../src-shared/rewards/chrf'
import { chrf } from '../maths/texts/chrf'
import { rewardAgainstReferences } from './references'

export const chrfSource = rewardAgainstReferences(chrfSaid, () => chrf)
