/** Metrics of what a judge model says of a rollout, and what it costs. */
import type { Metric } from './metric'

export const judgeMetrics = {
  'judge/inconsistent': {
    label: 'inconsistent',
    unit: 'fraction',
    better: 'lower',
    doc:
      'Comparisons of which the judge model said one thing in one order and another in the other; they count for ' +
      'nothing. At one half it chooses by place.',
  },
  'judge/unreadable': {
    label: 'unreadable',
    unit: 'fraction',
    better: 'lower',
    doc: 'Answers of the judge model that say nothing; above a fifth of a rollout the run stops.',
  },
  'judge/tokens-read': {
    label: 'read',
    unit: 'tokens a rollout',
    better: 'lower',
    doc: 'What the judge model read for a rollout, as its server counts.',
  },
  'judge/tokens-written': {
    label: 'written',
    unit: 'tokens a rollout',
    better: 'lower',
    doc: 'What the judge model wrote for a rollout, as its server counts, thoughts too.',
  },
  'judge/cost': {
    label: 'cost',
    unit: 'a rollout',
    better: 'lower',
    doc: 'Tokens read and written by the judge model for a rollout, times the prices that were said.',
  },
} as const satisfies Record<string, Metric>
