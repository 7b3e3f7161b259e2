/** Whether an automatic judge says what people say: on the same pairs, those with a tie on either side left out. */
import type { Estimate } from '../../src-shared/records/arena'
import { shareWithInterval } from '../maths/interval'
import { cohensKappa } from '../maths/kappa'

/** One pair that a person gave to a side. */
export interface Opinion {
  readonly person: 'left' | 'right'
  /** The judge's score of the left completion less that of the right one. */
  readonly lead: number
}

export interface Agreement {
  /** Pairs on which both named a side. */
  readonly judged: number
  /** Pairs that the judge scored alike: no opinion. */
  readonly alike: number
  readonly agreed?: Estimate
  /** Beyond chance: 1 always, 0 as chance would. */
  readonly kappa?: Estimate
}

/** 97.5 % of a standard normal lies below. */
const z = 1.959963984540054

export function agreementOf(opinions: readonly Opinion[]): Agreement {
  const named = opinions.filter(({ lead }) => lead !== 0)
  const judged = named.length
  const alike = opinions.length - judged
  if (judged === 0) return { judged, alike }
  const count = (person: Opinion['person'], judge: Opinion['person']): number =>
    named.filter((each) => each.person === person && each.lead > 0 === (judge === 'left')).length
  const table = [
    [count('left', 'left'), count('left', 'right')],
    [count('right', 'left'), count('right', 'right')],
  ] as const
  const { share, interval } = shareWithInterval(table[0][0] + table[1][1], judged)
  const kappa = cohensKappa(table)
  const half = kappa && z * Math.sqrt(kappa.variance)
  return {
    judged,
    alike,
    agreed: { value: share, ...interval },
    ...(kappa &&
      half !== undefined && {
        kappa: {
          value: kappa.value,
          low: Math.max(-1, kappa.value - half),
          high: Math.min(1, kappa.value + half),
        },
      }),
  }
}
