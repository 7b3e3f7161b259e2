import { describe, expect, it } from 'vitest'
import { ageText, durationText, leftText, paceText } from '../../../src-renderer/words/durations'
import { stepNumber } from '../../../src-renderer/composables/step-number'
import { integer, number } from '../../../src-shared/fields'

describe('a time', () => {
  it.each([
    [400, '0.4 s'],
    [9960, '10 s'],
    [39_000, '39 s'],
    [59_600, '1 min'],
    [260_000, '4 min 20 s'],
    [7_500_000, '2 h 5 min'],
    [3_599_900, '1 h'],
  ])('of %i ms took %s', (ms, text) => {
    expect(durationText(ms)).toBe(text)
  })
  it.each([
    [3000, '10 s'],
    [34_000, '40 s'],
    [170_000, '3 min'],
    [9_000_000, '3 h'],
  ])('of %i ms is left as about %s', (ms, text) => {
    expect(leftText(ms)).toBe(text)
  })
  it.each([
    [5000, 'now'],
    [330_000, '5 min'],
    [7_300_000, '2 h'],
    [90_000_000, '1 d'],
  ])('of %i ms ago is %s old', (ms, text) => {
    expect(ageText(ms)).toBe(text)
  })
  it('of one update is its pace', () => {
    expect([paceText(1300, 'an update'), paceText(24.4, 'a rollout')]).toEqual([
      '1.3 s an update',
      '24 ms a rollout',
    ])
  })
})

describe('the arrows in a number field', () => {
  const beta = number({ group: '', doc: '', default: 0.05, min: 0, max: 10 })
  const updates = integer({ group: '', doc: '', default: 400, min: 1, max: 1000 })

  it('step a whole number by one, with Shift by ten', () => {
    expect([stepNumber(updates, 400, 1, false), stepNumber(updates, 400, -1, true)]).toEqual([401, 390])
  })
  it('step another number by one of its second digit, with Shift by one of its first', () => {
    expect([
      stepNumber(beta, 0.05, 1, false),
      stepNumber(beta, 0.05, 1, true),
      stepNumber(beta, 3e-4, -1, false),
    ]).toEqual([0.051, 0.06, 2.9e-4])
  })
  it('stay within the bounds', () => {
    expect([
      stepNumber(updates, 1, -1, true),
      stepNumber(updates, 999, 1, true),
      stepNumber(beta, 0, -1, false),
    ]).toEqual([1, 1000, 0])
  })
  it('begin at the default where no number stands', () => {
    expect(stepNumber(updates, NaN, 1, false)).toBe(401)
  })
})
