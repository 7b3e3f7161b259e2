/**
 * Minus the share of rows of n words that have been said before:
 *
 *   −(1 − different rows / rows)
 *
 * Source: 1 − distinct-n (Li et al. 2016, "A Diversity-Promoting Objective Function for Neural Conversation
 * Models"), within one text and in small letters.
 */
import { repetition } from '../../src-shared/rewards/repetition'
import { countRows, wordsOf } from '../maths/texts/words'
import { rewardRow } from './reward'

export const repetitionSource = rewardRow(repetition, {
  open({ settings: { rowWords } }) {
    function scoreOf(text: string): number {
      const words = wordsOf(text.toLowerCase())
      const rows = words.length - rowWords + 1
      return rows > 0 ? countRows(words, rowWords).size / rows - 1 : 0
    }
    return async (texts) => texts.map(({ completion }) => scoreOf(completion))
  },
})
