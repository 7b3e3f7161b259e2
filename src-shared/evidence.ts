/** How much stands behind an accuracy: of how many it is the share, and where it lies with 95 %. */
import type { MetricName } from './metrics'

export interface Evidence {
  readonly count: number
  readonly low: number
  readonly high: number
}

/** Metrics that mean nothing without them, and the metrics that keep them. */
export const evidenceMetrics = {
  'accuracy/held-out': {
    count: 'accuracy/held-out-count',
    low: 'accuracy/held-out-low',
    high: 'accuracy/held-out-high',
  },
} as const satisfies Partial<Record<MetricName, Readonly<Record<keyof Evidence, MetricName>>>>

type EvidenceMetrics = Readonly<Record<keyof Evidence, MetricName>>

export const evidenceMetricsOf = (metric: MetricName): EvidenceMetrics | undefined =>
  (evidenceMetrics as Partial<Record<MetricName, EvidenceMetrics>>)[metric]

/** @param valueOf the newest value of a metric of the same run */
export function evidenceFrom(
  metric: MetricName,
  valueOf: (name: MetricName) => number | undefined,
): Evidence | undefined {
  const names = evidenceMetricsOf(metric)
  const [count, low, high] = names ? [names.count, names.low, names.high].map(valueOf) : []
  return count === undefined || low === undefined || high === undefined ? undefined : { count, low, high }
}

/** Even if all of so many are right, the interval reaches down to 0.84. */
export const fewestHeldOut = 20

/** What speaks against relying on it, as the end of a sentence; undefined where nothing does. */
export function weaknessOf({ count, low }: Evidence): string | undefined {
  if (count < fewestHeldOut) return `only ${count} held out`
  return low <= 0.5 ? 'it may be chance' : undefined
}

export const intervalText = ({ low, high }: Pick<Evidence, 'low' | 'high'>): string =>
  `${low.toFixed(2)} to ${high.toFixed(2)}`

/** "of 62, 95 %: 0.77 to 0.93" */
export const evidenceText = (evidence: Evidence): string =>
  `of ${evidence.count.toLocaleString('en-US')}, 95 %: ${intervalText(evidence)}`
