import { describe, expect, it } from 'vitest'
import { agreementOf, type Opinion } from '../../src-main/evaluation/agreement'

const opinion = (person: Opinion['person'], lead: number): Opinion => ({ person, lead })

describe('the agreement of a judge with people', () => {
  it('counts pairs on which both named a side, those scored alike apart', () => {
    const found = agreementOf([
      ...[opinion('left', 2), opinion('left', 1), opinion('right', -1), opinion('right', 3)],
      ...[opinion('left', 0), opinion('right', 0)],
    ])
    expect(found).toMatchObject({ judged: 4, alike: 2, agreed: { value: 0.75 } })
    // κ = (¾ − ½) / (1 − ½): people said left twice of four, the judge three times
    expect(found.kappa!.value).toBeCloseTo(0.5, 12)
    expect(found.kappa!.low).toBeLessThan(0)
    expect(found.kappa!.high).toBe(1)
  })

  it('is no number while there is nothing to agree on', () => {
    expect(agreementOf([])).toEqual({ judged: 0, alike: 0 })
    expect(agreementOf([opinion('left', 0)])).toEqual({ judged: 0, alike: 1 })
  })

  it('has no κ while all say the same, and still its share', () => {
    expect(agreementOf([opinion('left', 1), opinion('left', 2)])).toMatchObject({
      judged: 2,
      agreed: { value: 1 },
    })
    expect(agreementOf([opinion('left', 1), opinion('left', 2)])).not.toHaveProperty('kappa')
  })
})
