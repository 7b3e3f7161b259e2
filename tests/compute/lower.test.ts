import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { HostTensor } from '../../src-main/compute/engine'
import type { Graph, Input } from '../../src-main/compute/graph'
import { table } from '../../src-main/compute/lower/table'
import { simplify } from '../../src-main/compute/simplify'
import type * as tf from '../../src-main/compute/tf'
import { trace } from '../../src-main/compute/trace'
import { elementwiseCases } from './cases/elementwise'
import { fusedCases } from './cases/fused'
import { indexingCases } from './cases/indexing'
import { matmulCases } from './cases/matmul'
import { reductionCases } from './cases/reduction'
import { shapeCases } from './cases/shape'
import { drawFrom, expectAgreement, gradientsOf, type Case } from './differential'

const cases: readonly Case[] = [...elementwiseCases, ...reductionCases, ...matmulCases, ...shapeCases, ...indexingCases, ...fusedCases]
const tries = { numRuns: 8, seed: 20_240_607 }

function recorded(body: (...inputs: tf.Tensor[]) => tf.Tensor | tf.Tensor[], inputs: readonly HostTensor[]): Graph {
  const declared = inputs.map(({ shape, data }, index): Input => ({ kind: 'input', name: `x${index}`, shape, dtype: data instanceof Float32Array ? 'float32' : 'int32' }))
  return trace(declared, tensors => Object.fromEntries([body(...Object.values(tensors))].flat().map((output, index) => [`y${index}`, output])))
}

describe('the compiled engine agrees with TensorFlow.js on', () => {
  it.each(cases)('$says', async ({ kernel, make, hasGradient }) => {
    const kernels = new Set<string>()
    await fc.assert(fc.asyncProperty(fc.gen(), async next => {
      const { inputs, body } = make(drawFrom(next))
      for (const node of simplify(recorded(body, inputs)).nodes) kernels.add(node.kernel)
      await expectAgreement(body, inputs)
      if (hasGradient) await expectAgreement(gradientsOf(body), inputs)
    }), tries)
    expect(kernels).toContain(kernel)
  })
})

describe('the table of kernels', () => {
  it('has a differential test for every kernel it lowers', () => {
    const tested = new Set<string>()
    for (const { make, hasGradient } of cases) {
      for (const { inputs, body } of fc.sample(fc.gen().map(next => make(drawFrom(next))), { ...tries, numRuns: 4 })) {
        const bodies = hasGradient ? [body, gradientsOf(body)] : [body]
        for (const node of bodies.flatMap(of => simplify(recorded(of, inputs)).nodes)) tested.add(node.kernel)
      }
    }
    const lowered = Object.entries(table).flatMap(([kernel, { lower }]) => (lower ? [kernel] : []))
    expect(lowered.filter(kernel => !tested.has(kernel))).toEqual([])
  })
})
