import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { HostTensor } from '../../src-main/compute/engine'
import { table } from '../../src-main/compute/lower/table'
import { gradientsOf } from '../../src-main/compute/selftest/agreement'
import { seededDraw } from '../../src-main/compute/selftest/case'
import { cases } from '../../src-main/compute/selftest/cases'
import { simplify } from '../../src-main/compute/graph/simplify'
import { drawsOf, expectAgreement } from './differential'
import { recorded } from './recorded'
import { madeByLowering } from './made-by-lowering'

const tries = { numRuns: 10, seed: 20_240_607 }

const hasNumbers = ({ data }: HostTensor) => data.length > 0

describe('the compiled engine agrees with TensorFlow.js on', () => {
  it.each(cases)('$says', async ({ make, hasGradient }) => {
    let gradients = 0
    await fc.assert(
      fc.asyncProperty(fc.gen(), async (next) => {
        const { inputs, body } = make(drawsOf(next))
        await expectAgreement(body, inputs)
        if (!hasGradient || !inputs.every(hasNumbers)) return
        await expectAgreement(gradientsOf(body), inputs)
        gradients++
      }),
      tries,
    )
    expect(gradients > 0, 'a gradient was compared').toBe(hasGradient ?? false)
  })
})

describe('the table of kernels', () => {
  /** Rows that were asked for since the last look. */
  const asked = new Set<string>()
  beforeAll(() => {
    for (const [kernel, row] of Object.entries(table)) {
      const record = row.record
      vi.spyOn(row, 'record').mockImplementation((call, append) => {
        asked.add(kernel)
        return record(call, append)
      })
    }
  })
  afterAll(() => {
    vi.restoreAllMocks()
  })

  const samples = Array.from({ length: 6 }, (_, seed) => seed)

  it('has a case for every row, and each case asks for its row', () => {
    for (const { kernel, says, make } of cases) {
      asked.clear()
      for (const seed of samples) {
        const { inputs, body } = make(seededDraw(seed))
        recorded(body, inputs)
      }
      expect(asked, says).toContain(kernel)
    }
    expect(Object.keys(table).filter((kernel) => !cases.some((each) => each.kernel === kernel))).toEqual(
      madeByLowering,
    )
  })

  it('lowers every kernel that it can in some case', () => {
    const lowered = new Set<string>()
    for (const { make, hasGradient } of cases) {
      for (const seed of samples) {
        const { inputs, body } = make(seededDraw(seed))
        const bodies = hasGradient && inputs.every(hasNumbers) ? [body, gradientsOf(body)] : [body]
        for (const node of bodies.flatMap((each) => simplify(recorded(each, inputs)).nodes))
          lowered.add(node.kernel)
      }
    }
    expect(
      Object.entries(table).flatMap(([kernel, { lower }]) => (lower && !lowered.has(kernel) ? [kernel] : [])),
    ).toEqual(madeByLowering)
  })
})
