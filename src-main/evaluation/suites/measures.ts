/** Numbers with their intervals, as suites report them. */
import { meanWithInterval, shareWithInterval } from '../../maths/interval'
import { jackknifed } from '../jackknife'
import type { Measure } from './suite'

type Described = Pick<Measure, 'name' | 'doc' | 'better' | 'unit'>

export function meanOf(values: readonly number[], described: Described): Measure {
  const count = values.length
  const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, count)
  return {
    ...described,
    count,
    value: mean,
    ...(count > 1 && { interval: meanWithInterval(values).interval }),
  }
}

export const shareOf = (counted: readonly boolean[], described: Omit<Described, 'unit'>): Measure => {
  const { share, interval } = shareWithInterval(counted.filter(Boolean).length, counted.length)
  return { ...described, unit: 'share', count: counted.length, value: share, interval }
}

/** The jackknife's groups: of fewer there is no interval. */
const fewest = 25

export const ofTheSet = <T>(
  items: readonly T[],
  statistic: (items: readonly T[]) => number,
  described: Described & { readonly count?: number },
): Measure =>
  items.length < fewest
    ? { count: items.length, ...described, value: statistic(items) }
    : { count: items.length, ...described, ...jackknifed(items, statistic) }
