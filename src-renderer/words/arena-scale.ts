/** The scale of a forest plot: what every interval of an arena fits into. */
import type { ArenaRow } from '../../src-shared/arena-rows'

export interface Scale {
  readonly low: number
  readonly high: number
}

/** What all intervals fit into, from and to a round number. */
export function scaleOf(rows: readonly ArenaRow[]): Scale {
  const ends = rows.flatMap(({ points }) => (points ? [points.low, points.high] : []))
  return {
    low: 50 * Math.floor(Math.max(-widest, Math.min(0, ...ends)) / 50),
    high: 50 * Math.ceil(Math.min(widest, Math.max(50, ...ends)) / 50),
  }
}
/** An interval that nothing is known of must not press all others into a dot. */
const widest = 1000

/** Where a number lies on a scale, in percent of its width. */
export const placeOn = ({ low, high }: Scale, value: number): number =>
  (100 * (Math.min(high, Math.max(low, value)) - low)) / (high - low)
