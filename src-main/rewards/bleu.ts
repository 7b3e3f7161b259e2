/** BLEU against the references of a prompt. */
import { bleu as bleuSaid } from '../../src-shared/rewards/bleu'
import { bleu } from '../maths/texts/bleu'
import { rewardAgainstReferences } from './references'

export const bleuSource = rewardAgainstReferences(bleuSaid, () => bleu)
