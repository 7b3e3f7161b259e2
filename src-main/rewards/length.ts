/**
 * How far a completion is from its bounds, by n words or characters:
 *
 *   −min(1, max(0, n − most, least − n) / slope)
 *
 * Source: Yu et al. 2025, "DAPO", Eq. 13, for the upper bound; the lower one is its mirror.
 */
import { length } from '../../src-shared/rewards/length'
import { wordsOf } from '../maths/texts/words'
import { rewardRow } from './reward'

const countOf = {
  words: (text: string) => wordsOf(text).length,
  characters: (text: string) => [...text].length,
} as const

export const lengthSource = rewardRow(length, {
  open({ settings: { unit, atLeast, atMost, slope } }) {
    const beyond = (count: number): number => Math.max(0, count - atMost, atLeast - count)
    return async (texts) =>
      texts.map(({ completion }) => 0 - Math.min(1, beyond(countOf[unit](completion)) / slope))
  },
})
