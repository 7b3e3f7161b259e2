import { describe, expect, it } from 'vitest'
import { normal, randomIndex, seeded, seedOf, shuffled, type Random } from '../../src-main/maths/random'
import { mean } from './tensors'

const draws = (random: Random, n: number): number[] => Array.from({ length: n }, random)

/** Σ (observed − expected)² / expected over equally likely bins. */
function chiSquared(values: readonly number[], bins: number): number {
  const counts = new Array<number>(bins).fill(0)
  for (const value of values) counts[Math.floor(value * bins)]!++
  const expected = values.length / bins
  return counts.reduce((total, count) => total + (count - expected) ** 2 / expected, 0)
}

describe('a seeded stream', () => {
  it('repeats itself exactly from the same parts', () => {
    expect(draws(seeded(424242, 'rollout', 3), 20)).toEqual(draws(seeded(424242, 'rollout', 3), 20))
  })

  it('keeps parts, their borders and their types apart', () => {
    const keys = [[1, 23], [12, 3], [123], ['1', 23], [1, '23'], ['1,23'], [1, 2, 3]]
    expect(new Set(keys.map((parts) => draws(seeded(...parts), 4).join())).size).toBe(keys.length)
  })

  it('stays in [0, 1)', () => {
    const values = draws(seeded('range'), 100_000)
    expect(Math.min(...values.slice(0, 50_000))).toBeGreaterThanOrEqual(0)
    expect(Math.max(...values.slice(50_000))).toBeLessThan(1)
  })

  it('is uniform', () => {
    // 99 degrees of freedom: 99.99 % of true streams stay below 161
    for (const seed of [0, 1, 424242]) expect(chiSquared(draws(seeded(seed), 100_000), 100)).toBeLessThan(161)
  })

  it('is uniform in pairs of neighbouring draws, too', () => {
    const random = seeded('pairs')
    const pairs = Array.from({ length: 100_000 }, () => Math.floor(random() * 10) / 10 + random() / 10)
    expect(chiSquared(pairs, 100)).toBeLessThan(161)
  })

  it('has first draws that are uniform over neighbouring seeds', () => {
    const first = Array.from({ length: 20_000 }, (_, seed) => seeded(seed)())
    expect(chiSquared(first, 100)).toBeLessThan(161)
  })

  it('shares nothing with the stream of the next seed', () => {
    // the correlation of 10,000 independent pairs lies within ±0.04 in 99.99 % of cases
    for (const seed of [0, 7, 1e6, 4_294_967_294]) {
      const a = draws(seeded(seed, 'x'), 10_000)
      const b = draws(seeded(seed + 1, 'x'), 10_000)
      const correlation = mean(a.map((value, i) => (value - 0.5) * (b[i]! - 0.5))) * 12
      expect(Math.abs(correlation)).toBeLessThan(0.04)
    }
  })

  it('gives seeds that are whole numbers of 32 bits, all different for neighbouring parts', () => {
    const seeds = Array.from({ length: 1000 }, (_, step) => seedOf(424242, 'rollout', step))
    expect(seeds.every((seed) => Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32)).toBe(true)
    expect(new Set(seeds).size).toBe(1000)
  })
})

describe('a normal draw', () => {
  it('has mean 0, variance 1 and the tails of a bell', () => {
    const random = seeded('bell')
    const values = Array.from({ length: 100_000 }, () => normal(random))
    expect(mean(values)).toBeCloseTo(0, 1)
    expect(mean(values.map((value) => value ** 2))).toBeCloseTo(1, 1)
    // 4.55 % of a normal lie beyond 2 deviations
    expect(mean(values.map((value) => (Math.abs(value) > 2 ? 1 : 0)))).toBeCloseTo(0.0455, 2)
  })

  it('is finite even when the stream says 0', () => {
    expect(normal(() => 0)).toBeCloseTo(0, 12)
  })
})

describe('a random index', () => {
  it('reaches every place and no other', () => {
    const random = seeded('index')
    expect(new Set(Array.from({ length: 200 }, () => randomIndex(5, random)))).toEqual(
      new Set([0, 1, 2, 3, 4]),
    )
  })

  it('refuses to choose from nothing', () => {
    expect(() => randomIndex(0, seeded(1))).toThrow('cannot draw one of 0')
  })
})

describe('a random order', () => {
  it('holds each place once', () => {
    expect([...shuffled(100, seeded(1))].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 100 }, (_, i) => i),
    )
    expect(shuffled(0, seeded(1))).toHaveLength(0)
  })

  it('makes each of the 24 orders of four equally likely', () => {
    const random = seeded('orders')
    const counts = new Map<string, number>()
    for (let i = 0; i < 24_000; i++) {
      const order = shuffled(4, random).join()
      counts.set(order, (counts.get(order) ?? 0) + 1)
    }
    expect(counts.size).toBe(24)
    // 23 degrees of freedom: 99.99 % stay below 56
    expect([...counts.values()].reduce((total, count) => total + (count - 1000) ** 2 / 1000, 0)).toBeLessThan(
      56,
    )
  })
})
