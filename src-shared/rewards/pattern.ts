/** A regular expression that a completion should have, should have often, or must not have. */
import { choice, integer, text } from '../fields'
import { readPattern } from './linear-pattern'
import type { RewardSource } from './reward-source'

const patternFields = {
  pattern: text({
    group: 'Pattern',
    default: '',
    doc:
      'A regular expression. Without back references, looking around and lazy quantifiers: one that could ' +
      'hang a run is not read.',
  }),
  letterCase: choice(['as-written', 'any'], {
    group: 'Pattern',
    default: 'as-written',
    doc: 'Whether great also finds Great.',
  }),
  mode: choice(['counts', 'requires', 'forbids'], {
    group: 'Pattern',
    default: 'counts',
    doc:
      'Counts: matches over the cap, at most 1. Requires: 1 when there is a match, else 0. Forbids: −1 when ' +
      'there is one, else 0.',
  }),
  cap: integer({
    group: 'Pattern',
    default: 1,
    min: 1,
    max: 1000,
    unit: 'matches',
    doc: 'How many matches are worth a whole reward when they are counted; more are worth no more.',
  }),
} as const

export const pattern = {
  title: 'Pattern',
  doc: 'Whether, or how often, a regular expression is found in the completion.',
  range: '0 … 1, or −1 … 0 for what is forbidden',
  fields: patternFields,
  check({ pattern: source = '', letterCase }) {
    if (source === '')
      return [{ field: 'pattern', problem: 'is empty: write one, as in pattern(pattern="great")' }]
    try {
      readPattern(String(source), letterCase === 'any')
      return []
    } catch (error) {
      return [{ field: 'pattern', problem: (error as Error).message }]
    }
  },
} as const satisfies RewardSource
