/** What a reward model is worth, from pairs it never saw: numbers for charts, and sentences at the end. */
import { calibration } from '../maths/calibration'
import { shareWithInterval } from '../maths/interval'
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

interface Group {
  readonly name: string
  readonly pairs: readonly ScoredPair[]
}

/** A tie counts one half. */
const rightOf = (pairs: readonly ScoredPair[]): number =>
  pairs.reduce((sum, { lead }) => sum + (Math.sign(lead) + 1) / 2, 0)

const longer = ({ lengthLead }: ScoredPair): boolean => lengthLead > 0
const shorter = ({ lengthLead }: ScoredPair): boolean => lengthLead < 0

/** Interval and calibration, and accuracy by which completion is longer; what has no pairs is not there. */
export function rewardMetrics(pairs: readonly ScoredPair[]): MetricValues {
  const { interval } = shareWithInterval(rightOf(pairs), pairs.length)
  const [ofLonger, ofShorter] = [pairs.filter(longer), pairs.filter(shorter)]
  return {
    'accuracy/held-out-low': interval.low,
    'accuracy/held-out-high': interval.high,
    'accuracy/calibration-error': calibration(pairs.map(({ lead }) => lead)).error,
    ...(ofLonger.length > 0 && { 'accuracy/chosen-longer': rightOf(ofLonger) / ofLonger.length }),
    ...(ofShorter.length > 0 && { 'accuracy/chosen-shorter': rightOf(ofShorter) / ofShorter.length }),
  }
}

/** The same in words, with its intervals. @param pairs not empty */
export function rewardReport(pairs: readonly ScoredPair[]): readonly string[] {
  const groups = [
    { name: 'chosen longer', pairs: pairs.filter(longer) },
    { name: 'chosen shorter', pairs: pairs.filter(shorter) },
    ...(pairs.some(({ isSlight }) => isSlight)
      ? [
          { name: 'said to be better', pairs: pairs.filter(({ isSlight }) => !isSlight) },
          { name: 'said to be slightly better', pairs: pairs.filter(({ isSlight }) => isSlight) },
        ]
      : []),
  ].filter((group) => group.pairs.length > 0)
  const { bins, error } = calibration(pairs.map(({ lead }) => lead))
  const sure = bins.map((bin) => `${percent(bin.said)} sure, ${percent(bin.right)} right (${bin.pairs})`)
  return [
    `Held-out pairs told apart: ${[{ name: 'all', pairs }, ...groups].map(shareText).join('; ')}. The brackets hold ` +
      '95 % intervals (Wilson).',
    `How sure it is against how right it is: ${sure.join('; ')}. Mean distance ${error.toFixed(3)}.`,
  ]
}

function shareText({ name, pairs }: Group): string {
  const { share, interval } = shareWithInterval(rightOf(pairs), pairs.length)
  return `${name} ${percent(share)} (${percent(interval.low)} to ${percent(interval.high)}, ${pairs.length} pairs)`
}

const percent = (share: number): string => `${Math.round(100 * share)} %`
