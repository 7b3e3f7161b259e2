/** A measure as people read it: the number, half its 95 % interval, and of how many. */
import type { Measure } from '../evaluation/suites/suite'

export function measureText({ value, interval, count, unit }: Measure): string {
  const shown = unit === 'share' ? (each: number) => (100 * each).toFixed(1) : plain(value)
  const half = interval ? ` ± ${shown((interval.high - interval.low) / 2)}` : ''
  return `${shown(value)}${half}${unit === 'share' ? ' %' : ''} (${count.toLocaleString('en-US')})`
}

const plain =
  (value: number) =>
  (each: number): string =>
    each.toFixed(Math.abs(value) >= 10 ? 1 : 3)
