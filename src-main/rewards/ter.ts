/** Minus the TER to the references of a prompt: fewer edits are better. */
import { ter as terSaid } from '../../src-shared/rewards/ter'
import { ter } from '../maths/texts/ter'
import { rewardAgainstReferences } from './references'

export const terSource = rewardAgainstReferences(
  terSaid,
  () => (completion, references) => 0 - ter(completion, references),
)
