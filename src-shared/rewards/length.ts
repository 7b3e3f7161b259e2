/** How long a completion should be. */
import { choice, integer } from '../fields'
import type { RewardSource } from './reward-source'

const lengthFields = {
  unit: choice(['words', 'characters'], {
    group: 'Length',
    default: 'words',
    doc: 'What is counted: words between spaces, or characters.',
  }),
  atLeast: integer({
    group: 'Length',
    default: 0,
    min: 0,
    max: 100_000,
    doc: 'A shorter completion is a worse one.',
  }),
  atMost: integer({
    group: 'Length',
    default: 100,
    min: 0,
    max: 100_000,
    doc: 'A longer completion is a worse one.',
  }),
  slope: integer({
    group: 'Length',
    default: 20,
    min: 1,
    max: 100_000,
    doc:
      'How far beyond its bounds a completion is worth −1; between, the score falls evenly (Yu et al. ' +
      '2025, Eq. 13).',
  }),
} as const

export const length = {
  title: 'Length',
  doc:
    '0 within the bounds, falling evenly to −1 beyond them: DAPO’s soft punishment of what is too ' +
    'long, at both ends.',
  range: '−1 … 0',
  fields: lengthFields,
  check: ({ atLeast = 0, atMost = 0 }) =>
    Number(atLeast) > Number(atMost)
      ? [{ field: 'atLeast', problem: 'is above atMost: no length is right' }]
      : [],
} as const satisfies RewardSource
