import { describe, expect, it } from 'vitest'
import { needsCheckpoint, rewardsProblem, termsOf, textOfTerms } from '../../src-shared/rewards/terms'

describe('the rewards of a run', () => {
  it('are read as the sum that they are; a weight that is not said is 1', () => {
    expect(termsOf('lexicon + 0 * wink')).toEqual([
      { source: 'lexicon', weight: 1, settings: {} },
      { source: 'wink', weight: 0, settings: {} },
    ])
    expect(
      termsOf(' -0.5*reward-model+2e-1 * lexicon').map(({ source, weight }) => [source, weight]),
    ).toEqual([
      ['reward-model', -0.5],
      ['lexicon', 0.2],
    ])
  })

  it.each([
    'lexicon',
    'reward-model + 0 * wink',
    '-2 * lexicon + 0.5 * wink',
    'reward-model + -0.5 * reward-model(model=2)',
  ])('are written as read: %s', (text) => {
    expect(textOfTerms(termsOf(text))).toBe(text)
  })

  it('say which checkpoints they need, one each', () => {
    const needs = (text: string) =>
      ['rewardModel', 'rewardModel2'].filter((input) => needsCheckpoint(text, input))
    expect(needs('reward-model')).toEqual(['rewardModel'])
    expect(needs('lexicon + -0.5 * reward-model(model=2)')).toEqual(['rewardModel2'])
    expect(needs('reward-model + 0 * reward-model(model=2)')).toEqual(['rewardModel', 'rewardModel2'])
    expect(needs('0 * wink + lexicon')).toEqual([])
    expect(needs('nonsense')).toEqual([])
  })

  it.each([
    ['', /where a reward is wanted: reward-model, judge-model, person, lexicon, wink/],
    ['oracle', /“oracle” where a reward is wanted/],
    ['0 * wink', /none with a weight/],
    ['lexicon + 2000 * wink', /weights between -1000 and 1000, not 2000/],
    ['lexicon(words=3)', /lexicon whose words is not a setting of this reward/],
    ['lexicon(words', /only as \(name=value, name=value\)/],
    ['lexicon + reward-model + reward-model', /twice with the same reward model: .* reward-model\(model=2\)/],
    ['reward-model(model=3) + 0 * reward-model(model=3)', /twice with the same reward model/],
    ['reward-model(model=5)', /reward-model whose model must be between 1 and 4/],
    ['lexicon wink', /“wink” where a \+ is wanted/],
    ['half * lexicon', /“half” where a weight is wanted: a number/],
    ['lexicon +', /“” where a reward is wanted/],
    ['lexicon ; wink', /cannot be read from “; wink” on/],
    [Array.from({ length: 9 }, () => 'lexicon').join(' + '), /at most 8/],
  ])('are refused in words: %s', (text, problem) => {
    expect(rewardsProblem(text)).toMatch(problem)
  })
})
