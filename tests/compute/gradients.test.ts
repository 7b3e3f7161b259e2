import { describe, expect, it } from 'vitest'
import { table } from '../../src-main/compute/lower/table'
import { seededDraw } from '../../src-main/compute/selftest/case'
import { cases } from '../../src-main/compute/selftest/cases'
import { checkGradients } from './check-gradients'
import { float64Kernels } from './float64'

/** The gradient that `stopGradient` gives is not the slope: that is what it is for. */
const differentiable = cases.filter(({ hasGradient, says }) => hasGradient && !says.startsWith('stopGradient'))
const SEEDS = [1, 2, 3, 4, 5, 6]
const MOST_NUMBERS = 300

describe('the gradient is the slope, in float64, of', () => {
  it.each(differentiable)('$says', async ({ make }) => {
    let compared = 0
    for (const seed of SEEDS) {
      const { inputs, body } = make(seededDraw(seed))
      const numbers = inputs.reduce((total, { data }) => total + data.length, 0)
      if (numbers <= MOST_NUMBERS && inputs.every(({ data }) => data.length > 0)) compared += await checkGradients(body, inputs)
    }
    expect(compared).toBeGreaterThan(0)
  })
})

it('there is a float64 formula for every kernel that is lowered', () => {
  const lowered = Object.entries(table).flatMap(([kernel, { lower }]) => (lower ? [kernel] : []))
  expect(lowered.filter(kernel => !float64Kernels.has(kernel))).toEqual([])
})
