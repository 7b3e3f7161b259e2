/** CIDEr against the references of a prompt, with how common a row of words is counted over those of all prompts. */
import { StudioFailure } from '../../src-shared/result'
import { cider } from '../../src-shared/rewards/cider'
import { ciderOver } from '../maths/texts/cider'
import { rewardAgainstReferences } from './references'

export const ciderSource = rewardAgainstReferences(cider, (_, references) => {
  if (references.size === 1)
    throw new StudioFailure({
      kind: 'refused-settings',
      problems: [
        {
          field: 'prompts',
          problem: 'has one prompt alone: cider tells prompts apart, and would score 0 for every completion',
        },
      ],
    })
  return ciderOver(references.values())
})
