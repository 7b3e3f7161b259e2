/** Whether the whole completion is of a form: 1, else 0. */
import { format } from '../../src-shared/rewards/format'
import { readWhole } from '../../src-shared/rewards/linear-pattern'
import { rewardRow } from './reward'

export const formatSource = rewardRow(format, {
  open({ settings: { pattern, letterCase } }) {
    const isOfForm = readWhole(pattern, letterCase === 'any')
    return async (texts) => texts.map(({ completion }) => (isOfForm(completion) ? 1 : 0))
  },
})
