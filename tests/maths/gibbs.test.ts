import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { klBoundOfBestOfN, klOfBestOfN, meanBestOfN } from '../../src-main/maths/best-of-n'
import { mostRewardAt, tilted } from '../../src-main/maths/gibbs'

const evenly = (count: number): number[] => Array.from({ length: count }, (_, i) => (i + 0.5) / count)

describe('the policy with the most reward at a KL', () => {
  it('is by hand what two texts make of it', () => {
    // weights 1 : e, so p = e/(1 + e) = .7311; KL = Σ p ln 2p
    const { meanReward, kl } = tilted([0, 1], 1)
    expect(meanReward).toBeCloseTo(0.731059, 6)
    expect(kl).toBeCloseTo(0.731059 * Math.log(2 * 0.731059) + 0.268941 * Math.log(2 * 0.268941), 5)
  })

  it('has the rewards that integration gives for ranks, at the KL of the best of 2, 4 and 8', () => {
    const ranks = evenly(10_000)
    expect(mostRewardAt(ranks, klBoundOfBestOfN(2))).toBeCloseTo(0.6759, 3)
    expect(mostRewardAt(ranks, klBoundOfBestOfN(4))).toBeCloseTo(0.804, 3)
    expect(mostRewardAt(ranks, klBoundOfBestOfN(8))).toBeCloseTo(0.8897, 3)
  })

  it('is never below any other policy over the same texts', () => {
    const policies = fc.array(
      fc.tuple(fc.double({ min: -1, max: 1, noNaN: true }), fc.double({ min: 0.01, max: 1, noNaN: true })),
      { minLength: 30, maxLength: 60 },
    )
    fc.assert(
      fc.property(policies, (texts) => {
        const rewards = texts.map(([reward]) => reward)
        const total = texts.reduce((sum, [, weight]) => sum + weight, 0)
        const shares = texts.map(([, weight]) => weight / total)
        const reward = shares.reduce((sum, share, i) => sum + share * rewards[i]!, 0)
        const kl = shares.reduce((sum, share) => sum + share * Math.log(share * shares.length), 0)
        expect(mostRewardAt(rewards, kl) ?? Infinity).toBeGreaterThanOrEqual(reward - 1e-9)
      }),
    )
  })

  it('is the mean where nothing may be paid, and unknown beyond what the pool carries', () => {
    expect(mostRewardAt(evenly(100), 0)).toBeCloseTo(0.5, 6)
    expect(mostRewardAt(evenly(100), Math.log(100) - 1.9)).toBeUndefined()
    expect(mostRewardAt([0.3, 0.3, 0.3], 0.5)).toBeUndefined()
    expect(mostRewardAt([0.3, 0.3, 0.3], 0)).toBeCloseTo(0.3, 12)
  })
})

describe('the exact KL of the best of n', () => {
  it('is far below the bound where rewards are right or wrong', () => {
    const halves = [...Array<number>(500).fill(0), ...Array<number>(500).fill(1)]
    // P(right) = 1 − 2⁻ⁿ against ½
    for (const [n, kl] of [
      [2, 0.131],
      [4, 0.459],
      [8, 0.668],
      [16, 0.693],
    ] as const)
      expect(klOfBestOfN(halves, n)).toBeCloseTo(kl, 3)
  })

  it('nears the bound where hardly any rewards are equal', () => {
    for (const n of [1, 2, 8, 32]) expect(klOfBestOfN(evenly(50_000), n)).toBeCloseTo(klBoundOfBestOfN(n), 2)
  })

  it('lies, with its reward, never above the ceiling', () => {
    const rewards = [...Array<number>(460).fill(0), ...evenly(540).map((each) => each * 0.9)]
    for (const n of [2, 4, 8, 16])
      expect(meanBestOfN(rewards, n)).toBeLessThanOrEqual(
        mostRewardAt(rewards, klOfBestOfN(rewards, n))! + 2e-3,
      )
  })
})
