/** What no policy can pass, and what a way of training attains. */
import { describe, expect, it } from 'vitest'
import { rewardAttained } from '../../src-main/evaluation/attained'
import { ceilingLine, exactBestOfNLine } from '../../src-main/evaluation/ceiling'
import { seeded } from '../../src-main/maths/random'

const random = seeded('ceiling')
const rewards = Array.from({ length: 2000 }, () => (random() < 0.46 ? 0 : random()))

describe('the ceiling', () => {
  const line = ceilingLine(rewards)

  it('begins at the mean, rises, and bends', () => {
    const mean = rewards.reduce((sum, each) => sum + each, 0) / rewards.length
    expect(line[0]).toMatchObject({ kl: 0 })
    expect(line[0]!.meanReward).toBeCloseTo(mean, 6)
    const steps = line.slice(1).map(({ meanReward }, index) => meanReward - line[index]!.meanReward)
    expect(steps.every((step) => step > 0)).toBe(true)
    expect(steps.every((step, index) => index === 0 || step < steps[index - 1]!)).toBe(true)
  })

  it('goes as far as the pool carries it, each point within its interval', () => {
    expect(line.at(-1)!.kl).toBeLessThan(Math.log(2000) - 2)
    for (const { meanReward, ci95 } of line) {
      expect(ci95.meanReward.low).toBeLessThan(meanReward)
      expect(ci95.meanReward.high).toBeGreaterThan(meanReward)
    }
  })

  it('stands above the best of n, whose exact KL is less than its bound where rewards tie', () => {
    const two = exactBestOfNLine(rewards).find(({ n }) => n === 2)!
    expect(two.kl).toBeLessThan(Math.log(2) - 0.5 - 0.01)
    expect(exactBestOfNLine(rewards)[0]).toMatchObject({ n: 1, kl: 0 })
  })
})

describe('what a way of training attains', () => {
  const policies = [
    { kl: 0, meanReward: 0.2 },
    { kl: 2, meanReward: 0.4 },
    { kl: 4, meanReward: 0.8 },
  ]

  it('is between two policies what drawing from both by turns gives', () => {
    // 0 and 4 nats make 0.5 at 2, more than the policy there
    expect(rewardAttained(policies, 2)).toBeCloseTo(0.5, 12)
    expect(rewardAttained(policies, 1)).toBeCloseTo(0.35, 12)
  })

  it('is at a policy its own where no mixture is better', () => {
    expect(rewardAttained(policies, 4)).toBeCloseTo(0.8, 12)
    expect(rewardAttained(policies, 0)).toBeCloseTo(0.2, 12)
  })

  it('is nothing beyond the furthest', () => {
    expect(rewardAttained(policies, 4.1)).toBeUndefined()
  })
})
