import { describe, expect, it } from 'vitest'
import { parseTerms, usualTerms } from '../../src-shared/rewards/terms'

const problemsOf = (...given: Parameters<typeof parseTerms>[0]) =>
  parseTerms(given).problems.map(({ field, problem }) => `${field}: ${problem}`)

describe('the rewards of a run', () => {
  it('are read over their defaults: weight 1', () => {
    expect(parseTerms([{ source: 'lexicon' }, { source: 'wink', weight: 0 }])).toEqual({
      terms: [
        { source: 'lexicon', weight: 1, settings: {} },
        { source: 'wink', weight: 0, settings: {} },
      ],
      problems: [],
    })
  })

  it('are a reward model and a judge when nothing is said, and ask for the model', () => {
    expect(problemsOf(...usualTerms)).toEqual(['rewards.0.checkpoint: Choose a reward model.'])
    const [first, ...others] = usualTerms
    expect(parseTerms([{ ...first!, checkpoint: 'checkpoint-3' }, ...others]).terms[0]).toEqual({
      source: 'reward-model',
      weight: 1,
      settings: {},
      checkpoint: 'checkpoint-3',
    })
  })

  it('forget a checkpoint that their source does not score with', () => {
    expect(parseTerms([{ source: 'lexicon', checkpoint: 'checkpoint-3' }]).terms[0]).not.toHaveProperty(
      'checkpoint',
    )
  })

  it('are refused in words when there is nothing to learn from, or nothing like it', () => {
    const nothing = 'rewards: has none with a weight: there is nothing to learn from'
    expect(problemsOf()).toEqual([nothing])
    expect(problemsOf({ source: 'wink', weight: 0 })).toEqual([nothing])
    expect(problemsOf({ source: 'oracle' })).toEqual([
      expect.stringMatching(/^rewards.0.source: must be one of .*lexicon/),
    ])
    expect(problemsOf({ source: 'lexicon' }, { source: 'wink', weight: Infinity })).toEqual([
      'rewards.1.weight: must be between −1000 and 1000',
    ])
    expect(problemsOf({ source: 'lexicon', settings: { words: 3 } })).toEqual([
      'rewards.0.words: is not a setting of this reward',
    ])
    expect(problemsOf(...Array.from({ length: 9 }, () => ({ source: 'lexicon' })))).toEqual([
      'rewards: can be at most 8',
    ])
  })
})
