/** A rule that a person writes: a small JavaScript function that scores a completion. */
import { text } from '../fields'
import type { RewardSource } from './reward-source'

export const longestRule = 10_000

const example = 'function reward({ completion }) { return completion.length < 80 ? 1 : 0 }'

export const rule = {
  title: 'Rule',
  doc:
    'What a JavaScript function named reward returns for the completion. It runs by itself, without files, network, ' +
    'clock or chance, for at most a second and in 16 MB.',
  range: 'whatever number it returns',
  references: 'offered',
  fields: {
    code: text({
      group: 'Rule',
      default: '',
      isCode: true,
      most: longestRule,
      doc:
        'JavaScript with a function named reward. It is given { prompt, completion, references, hasEnded } and ' +
        `returns a finite number, higher for what is better, as in ${example}`,
    }),
  },
  check: ({ code = '' }) =>
    String(code).trim() === ''
      ? [{ field: 'code', problem: `is empty: write a function named reward, as in ${example}` }]
      : [],
} as const satisfies RewardSource
