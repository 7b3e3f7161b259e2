import { describe, expect, it } from 'vitest'
import { embeddingNoise } from '../../src-main/maths/neftune'
import { seeded } from '../../src-main/maths/random'

const draws = (row: number) => seeded(1, 'noise', row)
const noise = (lengths: readonly number[], time: number, alpha = 5) =>
  embeddingNoise(lengths, { rows: 2, time, width: 16 }, alpha, draws)

describe('noise on embeddings', () => {
  it('is uniform up to α/√(L·d), and smaller for longer texts', () => {
    // α = 5, d = 16: up to 5/√(4·16) = 0.625 for 4 tokens, 5/√(25·16) = 0.25 for 25
    const values = noise([4, 25], 25)
    const [short, long] = [values.subarray(0, 4 * 16), values.subarray(25 * 16)]
    for (const [row, bound] of [
      [short, 0.625],
      [long, 0.25],
    ] as const) {
      const sizes = [...row].map(Math.abs)
      expect(Math.max(...sizes)).toBeLessThanOrEqual(bound)
      expect(Math.max(...sizes)).toBeGreaterThan(0.9 * bound)
      // E|U| = ½ of the bound
      expect(sizes.reduce((sum, size) => sum + size, 0) / sizes.length / bound).toBeCloseTo(0.5, 1)
    }
  })

  it('is a row’s own, however long it is padded, and nothing behind its end', () => {
    const [tight, wide] = [noise([3, 3], 3), noise([3, 3], 7)]
    expect(wide.subarray(0, 48)).toEqual(tight.subarray(0, 48))
    expect(wide.subarray(7 * 16, 7 * 16 + 48)).toEqual(tight.subarray(48))
    expect(wide.subarray(48, 7 * 16)).toEqual(new Float32Array(4 * 16))
  })
})
