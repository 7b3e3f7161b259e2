/** Conjugate gradient: by hand, and on random equations. */
import { describe, expect, it } from 'vitest'
import { conjugateGradient } from '../../src-main/maths/conjugate-gradient'
import { normal, seeded } from '../../src-main/maths/random'

type Rows = readonly (readonly number[])[]
const times =
  (rows: Rows) =>
  async (v: Float32Array): Promise<Float32Array> =>
    Float32Array.from(rows, (row) => row.reduce((sum, each, i) => sum + each * v[i]!, 0))

describe('the conjugate gradient', () => {
  it('by hand: [[4, 1], [1, 3]] · x = (1, 2) is solved by (1/11, 7/11), in two products', async () => {
    const x = await conjugateGradient(
      times([
        [4, 1],
        [1, 3],
      ]),
      Float32Array.of(1, 2),
      2,
    )
    expect([...x]).toEqual([expect.closeTo(1 / 11, 6), expect.closeTo(7 / 11, 6)])
  })

  it('solves what is symmetric and positive, whatever it is', async () => {
    for (const seed of [1, 2, 3]) {
      const random = seeded(seed, 'matrix')
      const draw = Array.from({ length: 8 }, () => Array.from({ length: 8 }, () => normal(random)))
      const rows = draw.map((_, i) =>
        draw.map((_, j) => draw.reduce((sum, row) => sum + row[i]! * row[j]!, i === j ? 1 : 0)),
      )
      const b = Float32Array.from({ length: 8 }, () => normal(random))
      const back = await times(rows)(await conjugateGradient(times(rows), b, 30))
      expect([...back]).toEqual([...b].map((each) => expect.closeTo(each, 3)))
    }
  })

  it('has nothing to solve where nothing is asked, and stops where the matrix is flat', async () => {
    expect([...(await conjugateGradient(times([[2]]), Float32Array.of(0), 5))]).toEqual([0])
    expect([...(await conjugateGradient(times([[0]]), Float32Array.of(1), 5))]).toEqual([0])
  })
})
