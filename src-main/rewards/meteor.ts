/** METEOR against the references of a prompt. */
import { meteor as meteorSaid } from '../../src-shared/rewards/meteor'
import { meteor } from '../maths/texts/meteor'
import { rewardAgainstReferences } from './references'

export const meteorSource = rewardAgainstReferences(meteorSaid, () => meteor)
