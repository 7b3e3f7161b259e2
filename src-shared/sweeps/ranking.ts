/** Runs of a sweep, the best first. */
import { labelOf } from '../fields'
import { metrics, type MetricName } from '../metrics'
import { recipeOf } from '../recipes/recipes'
import type { Run } from '../records/run'
import type { Sweep } from '../records/sweep'

/** What they are held against each other by. */
export const measuredBy = ({ plan, recipe }: Pick<Sweep, 'plan' | 'recipe'>): MetricName =>
  plan.metric ?? recipeOf(recipe).headline

/** `loss/train` → “Loss, training”: what it is called where its group does not stand above it. */
export function metricTitle(name: MetricName): string {
  const group = name.split('/')[0] ?? ''
  return `${labelOf(group)}, ${metrics[name].label}`
}

export interface Ranked {
  readonly run: Run
  /** As it was last; undefined before the first. */
  readonly value?: number
}

/** By what they measured last; what has no value, or was stopped early, stands behind what has come to its end. */
export function bestFirst(rows: readonly Ranked[], metric: MetricName): readonly Ranked[] {
  const sign = metrics[metric].better === 'lower' ? 1 : -1
  const rank = ({ run, value }: Ranked): number =>
    value === undefined ? 2 : run.state === 'finished' ? 0 : 1
  return rows.toSorted((a, b) => rank(a) - rank(b) || sign * ((a.value ?? 0) - (b.value ?? 0)))
}

/** The best of those that have come to their end; none where more is neither better nor worse. */
export function bestOf(rows: readonly Ranked[], metric: MetricName): Ranked | undefined {
  if (metrics[metric].better === 'neither') return undefined
  const [first] = bestFirst(rows, metric)
  return first?.run.state === 'finished' && first.value !== undefined ? first : undefined
}
