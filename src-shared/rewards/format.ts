/** A regular expression that a completion must be as a whole. */
import { choice, text } from '../fields'
import { readWhole } from './linear-pattern'
import type { RewardSource } from './reward-source'

const formatFields = {
  pattern: text({
    group: 'Format',
    default: '',
    doc:
      'A regular expression of the whole completion, as in <think>.+</think>\\s*<answer>.+</answer>. A dot is any ' +
      'character, line breaks too. Back references and looking around are not read.',
  }),
  letterCase: choice(['as-written', 'any'], {
    group: 'Format',
    default: 'as-written',
    doc: 'Whether answer is also Answer.',
  }),
} as const

export const format = {
  title: 'Format',
  doc: '1 when the whole completion is of the form of a regular expression, else 0 (DeepSeek-AI 2025, §2.2.2).',
  range: '0 or 1',
  fields: formatFields,
  check({ pattern: source = '', letterCase }) {
    if (source === '')
      return [{ field: 'pattern', problem: 'is empty: write one, as in format(pattern="[0-9]+")' }]
    try {
      readWhole(String(source), letterCase === 'any')
      return []
    } catch (error) {
      return [{ field: 'pattern', problem: (error as Error).message }]
    }
  },
} as const satisfies RewardSource
