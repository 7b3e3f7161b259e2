import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seeded } from '../../../src-main/maths/random'
import { allowedMask, createSampler, type SamplingRule } from '../../../src-main/model/writing/sampling'

const plain: SamplingRule = { temperature: 1, topK: 0, topP: 1 }
const logits = Float32Array.of(Math.log(1), Math.log(2), Math.log(3), Math.log(4))

/** Shares of n draws. */
function shares(rule: SamplingRule, n = 40_000, of = logits): number[] {
  const sampler = createSampler(of.length, rule)
  const random = seeded('shares')
  const counts = new Array<number>(of.length).fill(0)
  for (let i = 0; i < n; i++) counts[sampler.draw(of, random)]!++
  return counts.map((count) => count / n)
}
const near = (values: readonly number[]): unknown[] =>
  values.map((value) => (value === 0 ? 0 : expect.closeTo(value, 1.7)))

describe('sampling', () => {
  it('draws each token as often as its probability says', () => {
    expect(shares(plain)).toEqual(near([0.1, 0.2, 0.3, 0.4]))
  })

  it('sharpens below temperature 1 and flattens above', () => {
    // squares: 1, 4, 9, 16 of 30; square roots: 1, 1.414, 1.732, 2 of 6.146
    expect(shares({ ...plain, temperature: 0.5 })).toEqual(near([1 / 30, 4 / 30, 9 / 30, 16 / 30]))
    expect(shares({ ...plain, temperature: 2 })).toEqual(near([0.163, 0.23, 0.282, 0.325]))
  })

  it('takes the likeliest token at temperature 0, without a draw', () => {
    const random = (): number => {
      throw new Error('drew')
    }
    const sampler = createSampler(4, { ...plain, temperature: 0 })
    expect(sampler.draw(logits, random)).toBe(3)
    expect(sampler.draw(Float32Array.of(5, 7, 7, 1), random)).toBe(1)
    expect([...sampler.allowed]).toEqual([0, 1, 0, 0])
  })

  it('draws from the k likeliest, in their own proportions', () => {
    expect(shares({ ...plain, topK: 2 })).toEqual(near([0, 0, 3 / 7, 4 / 7]))
  })

  it('draws from the fewest tokens that have the share p', () => {
    // 0.4 is not 0.65 yet, 0.4 + 0.3 is
    expect(shares({ ...plain, topP: 0.65 })).toEqual(near([0, 0, 3 / 7, 4 / 7]))
    expect(shares({ ...plain, topP: 0.7001 })).toEqual(near([0, 2 / 9, 3 / 9, 4 / 9]))
    expect(shares({ ...plain, topP: 1e-9 })).toEqual([0, 0, 0, 1])
  })

  it('applies p to what temperature and k have left', () => {
    // of 2 : 3 : 4 the last two have 7/9 = 0.78
    expect(shares({ temperature: 1, topK: 3, topP: 0.75 })).toEqual(near([0, 0, 3 / 7, 4 / 7]))
  })

  it('uses exactly one draw a token', () => {
    let drawn = 0
    const sampler = createSampler(4, { temperature: 0.7, topK: 3, topP: 0.9 })
    for (let i = 0; i < 10; i++) sampler.draw(logits, () => (drawn++, 0.5))
    expect(drawn).toBe(10)
  })

  it('can draw the first and the last token, and nothing beyond', () => {
    const sampler = createSampler(4, plain)
    expect(sampler.draw(logits, () => 0)).toBe(0)
    expect(sampler.draw(logits, () => 1 - 2 ** -32)).toBe(3)
  })

  it('says which tokens could have been drawn', () => {
    const sampler = createSampler(4, { temperature: 1, topK: 3, topP: 0.75 })
    sampler.draw(logits, () => 0.5)
    expect([...sampler.allowed]).toEqual([0, 0, 1, 1])
  })

  it('refuses logits that are not numbers', () => {
    expect(() => createSampler(2, plain).draw(Float32Array.of(NaN, 1), () => 0)).toThrow(
      'numbers that are not finite',
    )
    expect(() => createSampler(2, plain).draw(Float32Array.of(1, NaN), () => 0)).toThrow(
      'numbers that are not finite',
    )
  })
})

describe('what top-k leaves', () => {
  /** 1 for each token that a draw can draw. */
  const leftOf = (values: readonly number[], topK: number): number[] => {
    const sampler = createSampler(values.length, { temperature: 1, topK, topP: 1 })
    sampler.draw(Float32Array.from(values), () => 0)
    return [...sampler.allowed]
  }

  it('is the k largest, the smaller id first among equals', () => {
    expect(leftOf([1, 3, 2, 3, 2], 3)).toEqual([0, 1, 1, 1, 0])
    expect(leftOf([7, 7, 7], 2)).toEqual([1, 1, 0])
  })

  it('is all when it is off or larger than the vocabulary', () => {
    expect(leftOf([1, 2], 0)).toEqual([1, 1])
    expect(leftOf([1, 2], 9)).toEqual([1, 1])
  })

  it('agrees with sorting, ties and all', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -4, max: 4 }), { minLength: 1, maxLength: 60 }),
        fc.nat(59),
        (values, k) => {
          const wanted = 1 + (k % values.length)
          const sorted = values
            .map((_, id) => id)
            .sort((a, b) => values[b]! - values[a]! || a - b)
            .slice(0, wanted)
          expect(leftOf(values, wanted)).toEqual(values.map((_, id) => (sorted.includes(id) ? 1 : 0)))
        },
      ),
    )
  })
})

describe('the mask for log-probabilities', () => {
  it('hides, at each drawn token, what could not be drawn, and nothing elsewhere', () => {
    // T = 4: rows 0 … 2 are of tokens 1 … 3. The first text's prompt has 2 tokens, so its first draw is of
    // row 1.
    const { shape, data } = allowedMask(
      [
        { promptTokens: 2, allowed: Uint8Array.of(1, 0, 0, 1) },
        { promptTokens: 1, allowed: Uint8Array.of(0, 1) },
      ],
      4,
      2,
    )
    const H = Math.fround(-1e9)
    expect(shape).toEqual([2, 3, 2])
    expect([...data]).toEqual([0, 0, 0, H, H, 0, H, 0, 0, 0, 0, 0])
  })
})
