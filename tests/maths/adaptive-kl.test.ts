import { describe, expect, it } from 'vitest'
import { steeredKlBeta } from '../../src-main/maths/adaptive-kl'

const steering = { target: 6, horizon: 10_000 }

describe('the steered KL coefficient', () => {
  it('stays where the KL is on target', () => {
    expect(steeredKlBeta(0.2, 6, 256, steering)).toBe(0.2)
  })

  it('moves by the error times the completions over the horizon', () => {
    // KL 10 % over: 0.2 · (1 + 0.1 · 1000 / 10000) = 0.202
    expect(steeredKlBeta(0.2, 6.6, 1000, steering)).toBeCloseTo(0.202, 10)
  })

  it('never sees an error beyond a fifth', () => {
    // 0.2 · (1 ± 0.2 · 1000 / 10000)
    expect(steeredKlBeta(0.2, 600, 1000, steering)).toBeCloseTo(0.204, 10)
    expect(steeredKlBeta(0.2, 0, 1000, steering)).toBeCloseTo(0.196, 10)
  })

  it('brings a process whose KL falls as β rises to its target', () => {
    let beta = 0.01
    for (let rollout = 0; rollout < 400; rollout++) beta = steeredKlBeta(beta, 1 / beta, 1000, steering)
    expect(1 / beta).toBeCloseTo(6, 1)
  })
})
