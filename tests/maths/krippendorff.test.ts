import { describe, expect, it } from 'vitest'
import { krippendorffsAlpha } from '../../src-main/maths/krippendorff'
import drawn from '../fixtures/agreement/agreement.json'

/** A row a person, as the reference takes it → the values of each thing. */
const unitsOf = (said: readonly (readonly (number | null)[])[]): readonly (readonly number[])[] =>
  said[0]!.map((_, thing) => said.flatMap((row) => row[thing] ?? []))

describe('Krippendorff’s alpha', () => {
  it.each(['nominal', 'ordinal', 'interval'] as const)('is that of the library, %s', (scale) => {
    for (const each of drawn.alphas)
      expect(krippendorffsAlpha(unitsOf(each.said), scale)).toBeCloseTo(each[scale], 10)
  })

  it('is 1 where all say the same of each thing, and nothing where all say one thing', () => {
    const units = [
      [1, 1],
      [2, 2, 2],
      [3, 3],
    ]
    expect(krippendorffsAlpha(units, 'nominal')).toBe(1)
    expect(
      krippendorffsAlpha(
        [
          [4, 4],
          [4, 4],
        ],
        'ordinal',
      ),
    ).toBeUndefined()
    expect(krippendorffsAlpha([[1], [2]], 'nominal')).toBeUndefined()
  })
})
