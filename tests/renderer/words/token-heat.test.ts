import { describe, expect, it } from 'vitest'
import { chanceText, heatStep, tokenReading, tokenText } from '../../../src-renderer/words/token-heat'

describe('the heat of a token', () => {
  it.each([
    [1, 0],
    [0.91, 0],
    [0.89, 1],
    [0.49, 2],
    [0.19, 3],
    [0.04, 4],
    [0.004, 5],
    [0, 5],
  ])('of probability %d is %d', (probability, step) => expect(heatStep(Math.log(probability))).toBe(step))

  it('of what is no number is the hottest', () => expect(heatStep(NaN)).toBe(5))

  it('is read out with the likeliest in its place', () => {
    // ln 0.1 = −2.30, ln 0.41 = −0.89
    const token = { text: ' cold', logProb: Math.log(0.1), top: [{ text: ' warm', logProb: Math.log(0.41) }] }
    expect(tokenReading(token)).toBe(
      '“ cold”: log-probability −2.30 nats, 10 %. Likeliest here: “ warm” 41 %.',
    )
  })

  it('shows white space, and small chances as what they are', () => {
    expect(tokenText('\n')).toBe('“⏎”')
    expect(tokenText('')).toBe('nothing')
    expect(chanceText(Math.log(0.0034))).toBe('0.34 %')
    expect(chanceText(-20)).toBe('under 0.01 %')
  })
})
