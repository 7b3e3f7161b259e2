import { describe, expect, it } from 'vitest'
import { table } from '../../src-main/compute/lower/table'
import { runOn } from '../../src-main/compute/selftest/agreement'
import { seededDraw } from '../../src-main/compute/selftest/case'
import { cases } from '../../src-main/compute/selftest/cases'
import { checkGradients } from './check-gradients'
import { compiled } from './differential'
import { float64Kernels, runInFloat64 } from './float64'
import { recorded } from './recorded'
import { madeByLowering } from './made-by-lowering'

/** The gradient that `stopGradient` gives is not the slope: that is what it is for. */
const differentiable = cases.filter(
  ({ hasGradient, says }) => hasGradient && !says.startsWith('stopGradient'),
)
const SEEDS = [1, 2, 3, 4, 5, 6]
const MOST_NUMBERS = 300

describe('the gradient is the slope, in float64, of', () => {
  it.each(differentiable)('$says', async ({ make }) => {
    let compared = 0
    for (const seed of SEEDS) {
      const { inputs, body } = make(seededDraw(seed))
      const numbers = inputs.reduce((total, { data }) => total + data.length, 0)
      if (numbers <= MOST_NUMBERS && inputs.every(({ data }) => data.length > 0))
        compared += await checkGradients(body, inputs)
    }
    expect(compared).toBeGreaterThan(0)
  })
})

it('attention to a memory, which has no gradient, is what its formula says in float64', async () => {
  const { make } = cases.find(({ kernel }) => kernel === 'CachedAttention')!
  for (const seed of SEEDS) {
    const { inputs, body } = make(seededDraw(seed))
    const exact = runInFloat64(
      recorded(body, inputs),
      Object.fromEntries(inputs.map(({ data }, index) => [`x${index}`, data])),
    )
    const [rounded] = await runOn(compiled, body, inputs)
    for (const [name, values] of Object.entries(exact))
      values.forEach((value, i) => {
        expect(Math.abs((rounded?.[name]?.data[i] as number) - value), `${name}[${i}]`).toBeLessThan(1e-5)
      })
  }
})

it('there is a float64 formula for every kernel that is lowered', () => {
  const lowered = Object.entries(table).flatMap(([kernel, { lower }]) => (lower ? [kernel] : []))
  expect(lowered.filter((kernel) => !float64Kernels.has(kernel))).toEqual(madeByLowering)
})
