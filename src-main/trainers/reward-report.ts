/** What a reward model is worth, from what it never saw: numbers for charts, rows to keep, and sentences. */
import type { ReportRow } from '../../src-shared/records/reward-report'
import { calibration } from '../maths/calibration'
import { meanWithInterval, shareWithInterval } from '../maths/interval'
import { heldOutAccuracy } from './held-out-accuracy'
import type { MetricValues } from './trainer'

/** A held-out pair, scored. */
export interface ScoredPair {
  /** r⁺ − r⁻ */
  readonly lead: number
  /** By how many tokens the chosen completion is the longer one. */
  readonly lengthLead: number
  /** Whether a person said no more than “slightly better”. */
  readonly isSlight: boolean
}

/** A held-out ranking whose completions have a worth each. */
export interface ScoredOrder {
  /** Kendall’s τ-b */
  readonly tau: number
  /** Groups of equally good completions, and those that are told. */
  readonly groups: number
  readonly told: number
}

interface Group {
  readonly name: string
  readonly pairs: readonly ScoredPair[]
}

/** A tie counts one half. */
const rightOf = (pairs: readonly ScoredPair[]): number =>
  pairs.reduce((sum, { lead }) => sum + (Math.sign(lead) + 1) / 2, 0)

const longer = ({ lengthLead }: ScoredPair): boolean => lengthLead > 0
const shorter = ({ lengthLead }: ScoredPair): boolean => lengthLead < 0

/** Accuracy with its interval, calibration, and accuracy by which is longer; what has no pairs is not there. */
export function rewardMetrics(pairs: readonly ScoredPair[]): MetricValues {
  const [ofLonger, ofShorter] = [pairs.filter(longer), pairs.filter(shorter)]
  return {
    ...heldOutAccuracy(rightOf(pairs), pairs.length),
    'accuracy/calibration-error': calibration(pairs.map(({ lead }) => lead)).error,
    ...(ofLonger.length > 0 && { 'accuracy/chosen-longer': rightOf(ofLonger) / ofLonger.length }),
    ...(ofShorter.length > 0 && { 'accuracy/chosen-shorter': rightOf(ofShorter) / ofShorter.length }),
  }
}

/** How each ranking is kept, and what is told of ties; of none nothing. */
export function orderMetrics(orders: readonly ScoredOrder[]): MetricValues {
  const { groups, told } = tiesIn(orders)
  return {
    ...(orders.length > 0 && {
      'accuracy/rank-correlation': orders.reduce((sum, { tau }) => sum + tau, 0) / orders.length,
    }),
    ...(groups > 0 && { 'accuracy/ties': told / groups }),
  }
}

/** All that is known, to be kept. @param pairs not empty */
export function rewardReport(
  pairs: readonly ScoredPair[],
  orders: readonly ScoredOrder[],
): readonly ReportRow[] {
  const { groups, told } = tiesIn(orders)
  return [
    accuracyRow('accuracy', { name: 'all', pairs }),
    ...byMargin(pairs).map((group) => accuracyRow('margin', group)),
    ...byLength(pairs).map((group) => accuracyRow('length', group)),
    ...calibrationRows(pairs.map(({ lead }) => lead)),
    ...(orders.length > 0 ? [orderRow(orders)] : []),
    ...(groups > 0 ? [shareRow('ties', 'told', told, groups)] : []),
  ]
}

/** @param right may count halves */
export function shareRow(part: ReportRow['part'], name: string, right: number, count: number): ReportRow {
  const { share, interval } = shareWithInterval(right, count)
  return { part, name, count, value: share, ...interval }
}

/** The curve bin by bin, and its mean distance. @param leads above 0 where it is right */
export function calibrationRows(leads: readonly number[]): readonly ReportRow[] {
  const { bins, error } = calibration(leads)
  return [
    ...bins.map(({ said, right, pairs }) => ({
      ...shareRow('calibration', `${percent(said)} sure`, right * pairs, pairs),
      said,
    })),
    { part: 'calibration', name: 'mean distance', count: leads.length, value: error },
  ]
}

function orderRow(orders: readonly ScoredOrder[]): ReportRow {
  const all = orders.map(({ tau }) => tau)
  const { mean, interval } = all.length > 1 ? meanWithInterval(all) : { mean: all[0]!, interval: undefined }
  return {
    part: 'rankings',
    name: 'Kendall’s τ, mean',
    count: all.length,
    value: mean,
    ...(interval && { low: Math.max(-1, interval.low), high: Math.min(1, interval.high) }),
  }
}

const accuracyRow = (part: ReportRow['part'], { name, pairs }: Group): ReportRow =>
  shareRow(part, name, rightOf(pairs), pairs.length)

/** Nothing where all are said to be as much better. */
function byMargin(pairs: readonly ScoredPair[]): readonly Group[] {
  const slight = pairs.filter(({ isSlight }) => isSlight)
  if (slight.length === 0 || slight.length === pairs.length) return []
  return [
    { name: 'said to be better', pairs: pairs.filter(({ isSlight }) => !isSlight) },
    { name: 'said to be slightly better', pairs: slight },
  ]
}

/** Two groups on either side of the same length, cut at the median difference; those with no pairs are left out. */
function byLength(pairs: readonly ScoredPair[]): readonly Group[] {
  const differences = pairs
    .map(({ lengthLead }) => Math.abs(lengthLead))
    .filter((difference) => difference > 0)
    .sort((a, b) => a - b)
  const middle = differences[Math.floor(differences.length / 2)] ?? 0
  const within = (from: number, to: number): readonly ScoredPair[] =>
    pairs.filter(({ lengthLead }) => lengthLead >= from && lengthLead <= to)
  return [
    { name: `chosen longer by ${middle} or more`, pairs: within(Math.max(1, middle), Infinity) },
    { name: 'chosen longer by less', pairs: within(1, middle - 1) },
    { name: 'of the same length', pairs: within(0, 0) },
    { name: 'chosen shorter by less', pairs: within(1 - middle, -1) },
    { name: `chosen shorter by ${middle} or more`, pairs: within(-Infinity, -Math.max(1, middle)) },
  ].filter((group) => group.pairs.length > 0)
}

const tiesIn = (orders: readonly ScoredOrder[]): Pick<ScoredOrder, 'groups' | 'told'> => ({
  groups: orders.reduce((sum, order) => sum + order.groups, 0),
  told: orders.reduce((sum, order) => sum + order.told, 0),
})

/** The rows in words, with their intervals. */
export function reportSentences(rows: readonly ReportRow[]): readonly string[] {
  const of = (...parts: readonly ReportRow['part'][]): readonly ReportRow[] =>
    rows.filter(({ part }) => parts.includes(part))
  const sure = of('calibration').filter(({ said }) => said !== undefined)
  const distance = of('calibration').find(({ said }) => said === undefined)
  return [
    `Held-out pairs told apart: ${of('accuracy', 'margin', 'length').map(shareText).join('; ')}. The brackets hold ` +
      '95 % intervals (Wilson).',
    ...(distance
      ? [
          'How sure it is against how right it is: ' +
            sure.map(({ name, value, count }) => `${name}, ${percent(value)} right (${count})`).join('; ') +
            `. Mean distance ${distance.value.toFixed(3)}.`,
        ]
      : []),
  ]
}

const shareText = ({ name, value, low, high, count }: ReportRow): string =>
  `${name} ${percent(value)} (${percent(low ?? value)} to ${percent(high ?? value)}, ${count} pairs)`

const percent = (share: number): string => `${Math.round(100 * share)} %`
