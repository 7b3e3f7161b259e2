import { describe, expect, it } from 'vitest'
import { bytesText, countOf } from '../../src-shared/sizes'

describe('sizes', () => {
  it('have three digits and a unit', () => {
    expect([812, 96_000, 18_430_000, 3_260_000_000].map(bytesText)).toEqual([
      '812 bytes',
      '96.0 KB',
      '18.4 MB',
      '3.3 GB',
    ])
  })
  it('count one and many', () => {
    expect([countOf(1, 'row'), countOf(2572, 'row'), countOf(0, 'pass', 'passes')]).toEqual([
      '1 row',
      '2,572 rows',
      '0 passes',
    ])
  })
})
