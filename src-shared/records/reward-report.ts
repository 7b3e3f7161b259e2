/** What a reward model was worth on examples it never saw, when it was last measured. Plain data. */

export interface RewardReport {
  /** The update after which it was measured. */
  readonly step: number
  /** In the order in which they are shown. */
  readonly rows: readonly ReportRow[]
}

export interface ReportRow {
  readonly part: ReportPart
  /** What it is of: “chosen longer by 12 or more”. */
  readonly name: string
  /** How many pairs, texts, groups: what the value is the share or the mean of. */
  readonly count: number
  readonly value: number
  /** 95 % interval, where there is one. */
  readonly low?: number
  readonly high?: number
  /** Of a bin of the calibration curve: how sure the model said it was, mean. */
  readonly said?: number
}

interface Part {
  readonly title: string
  /** What is counted. */
  readonly of: string
  readonly doc: string
}

export const reportParts = {
  accuracy: {
    title: 'Told apart',
    of: 'pairs',
    doc:
      'Share of held-out pairs whose chosen completion has the higher score; a tie counts one half. 95 % intervals ' +
      'are Wilson’s.',
  },
  margin: {
    title: 'By how much better',
    of: 'pairs',
    doc: 'The same of pairs whose chosen completion was said to be better, and of those said to be slightly better.',
  },
  length: {
    title: 'By length',
    of: 'pairs',
    doc:
      'The same by how many tokens the chosen completion is the longer one; the middle is cut at the median. Far ' +
      'better where it is longer: the model has learned length.',
  },
  calibration: {
    title: 'Calibration',
    of: 'verdicts',
    doc:
      'Of verdicts (which of a pair is better, whether a step is right) that the model was about as sure of (σ of ' +
      'the lead), the share that it was right on. The mean ' +
      'distance of the two is the calibration error (Guo et al. 2017).',
  },
  order: {
    title: 'Order',
    of: 'texts',
    doc: 'Kendall’s τ-b of scores and ratings: 1 in the same order, 0 in none.',
  },
  rankings: {
    title: 'Order of rankings',
    of: 'rankings',
    doc: 'Kendall’s τ-b within each ranking, mean over them.',
  },
  ties: {
    title: 'Ties',
    of: 'groups',
    doc:
      'Groups of equally good completions that lie closer to one another than to the better and the worse ones, in ' +
      'the right order (as in RewardBench 2).',
  },
  steps: {
    title: 'Steps',
    of: 'steps',
    doc: 'Labelled steps that are told right or wrong.',
  },
  'first-error': {
    title: 'First error',
    of: 'solutions',
    doc: 'Solutions whose first wrong step is named, or of which it is said that none is (ProcessBench).',
  },
} as const satisfies Readonly<Record<string, Part>>

export type ReportPart = keyof typeof reportParts

export const reportPartNames = Object.keys(reportParts) as readonly ReportPart[]
export const isReportPart = (name: string): name is ReportPart => Object.hasOwn(reportParts, name)
