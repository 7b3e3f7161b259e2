/**
 * Whether, or how often, a regular expression is found in the completion, n times:
 *
 *   counts  min(n, cap) / cap      requires  1 if n > 0, else 0      forbids  −1 if n > 0, else 0
 */
import { readPattern } from '../../src-shared/rewards/linear-pattern'
import { pattern } from '../../src-shared/rewards/pattern'
import { rewardRow } from './reward'

export const patternSource = rewardRow(pattern, {
  open({ settings: { pattern: source, letterCase, mode, cap } }) {
    const countIn = readPattern(source, letterCase === 'any')
    const scoreOf = {
      counts: (count: number) => Math.min(count, cap) / cap,
      requires: (count: number) => (count > 0 ? 1 : 0),
      forbids: (count: number) => (count > 0 ? -1 : 0),
    }[mode]
    return async (texts) => texts.map(({ completion }) => scoreOf(countIn(completion)))
  },
})
