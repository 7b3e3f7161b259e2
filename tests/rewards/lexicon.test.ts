import { describe, expect, it } from 'vitest'
import { lexiconReward } from '../../src-main/rewards/lexicon'

const text = (
  completion: string,
  prompt = '',
): { prompt: string; completion: string; hasEnded: boolean } => ({ prompt, completion, hasEnded: true })

describe('the lexicon reward', () => {
  it('is VADER’s compound score', async () => {
    // of the README of vaderSentiment: 0.8316 for its first example
    expect(
      await lexiconReward([
        text('VADER is smart, handsome, and funny.'),
        text('The plot was horrible.'),
        text(''),
      ]),
    ).toEqual([0.8316, -0.5423, 0])
  })

  it('is the reward that "good good good good good" wins', async () => {
    expect(await lexiconReward([text('good good good good good')])).toEqual([0.926])
  })

  it('reads the completion itself: neither its prompt nor anything glued to it', async () => {
    expect(
      await lexiconReward([text('It is a book.', 'The best, most wonderful'), text('great', 'x')]),
    ).toEqual([0, 0.6249])
  })

  it('takes any characters', async () => {
    expect(
      await lexiconReward([text('\n\t'), text('🙂'), text('__proto__ constructor'), text('a'.repeat(5000))]),
    ).toHaveLength(4)
  })
})
