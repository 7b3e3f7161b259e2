import { describe, expect, it } from 'vitest'
import { maskedMean } from '../../src-main/maths/masked'
import { matrix, numberOf } from './tensors'

describe('the masked mean', () => {
  it('counts each real token alike, however they are spread over rows', () => {
    // (1 + 2 + 6) / 3, not the mean of the rows' means
    expect(numberOf(() => maskedMean(matrix([1, 2], [6, 99]), matrix([1, 1], [1, 0])))).toBeCloseTo(3, 6)
  })
})
