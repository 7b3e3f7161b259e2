import { describe, expect, it } from 'vitest'
import { compiledEngine } from '../../../src-main/compute/cpu/compile'
import type { Engine, Float1D } from '../../../src-main/compute/engine'
import { allocate, copyParameters, spansOf } from '../../../src-main/compute/parameters'
import {
  adamw,
  batch,
  initial,
  logits,
  lossOf,
  spec,
  type Texts,
} from '../../../src-main/compute/selftest/transformer'
import { eagerEngine } from '../../../src-main/compute/tensorflow/eager'
import * as tf from '../../../src-main/compute/tf'
import { losses } from '../losses'

/**
 * The gradient of every parameter, read off the first moment of one update without clipping: m = (1 − β₁)·g.
 */
async function gradients(engine: Engine): Promise<Float32Array> {
  const step = engine.trainStep(initial(), lossOf, { ...adamw, beta1: 0.5, clipNorm: Infinity })
  await step.update(batch(0), 0)
  const { firstMoment } = step.state()
  step.dispose()
  return firstMoment.map((m) => m / 0.5)
}

describe('the compiled engine', () => {
  it('has the gradients of the eager engine, parameter by parameter', async () => {
    const [compiled, eager] = [
      await gradients(compiledEngine({ threads: 2 })),
      await gradients(eagerEngine('cpu')),
    ]
    for (const { name, start, end } of spansOf(spec)) {
      const [own, reference] = [compiled.subarray(start, end), eager.subarray(start, end)]
      const differences = own.map((value, index) => Math.abs(value - reference[index]!))
      expect(Math.max(...reference.map(Math.abs)), `${name} is trained`).toBeGreaterThan(1e-5)
      expect(Math.max(...differences), `gradient of ${name}`).toBeLessThan(2e-6)
    }
  })

  it('has the losses and gradient norms of the eager engine over 30 updates', async () => {
    const [compiled, eager] = [
      await losses(compiledEngine({ threads: 2 }), initial(), 30),
      await losses(eagerEngine('cpu'), initial(), 30),
    ]
    compiled.forEach(({ loss, gradientNorm }, update) => {
      const reference = eager[update] as { loss: number; gradientNorm: number }
      expect(Math.abs(loss - reference.loss)).toBeLessThan(1e-5)
      expect(Math.abs(gradientNorm / reference.gradientNorm - 1)).toBeLessThan(1e-4)
    })
  })

  it('repeats itself bit by bit', async () => {
    const engine = compiledEngine({ threads: 2 })
    expect(await losses(engine, initial(), 5)).toEqual(await losses(engine, initial(), 5))
  })

  it('compiles once per set of shapes, whatever the parameters', async () => {
    const engine = compiledEngine({ threads: 1 })
    const program = engine.program<Texts>((weights, { ids }) => ({ logits: logits(weights, ids) }))
    const policy = initial()
    const reference = copyParameters(policy)
    const { logits: before } = await program.run(policy, batch(0))
    await program.run(reference, batch(1))
    expect(engine.memory().graphs).toBe(1)
    await program.run(reference, batch(0, 5))
    expect(engine.memory().graphs).toBe(2)
    policy.flat.fill(0.1)
    expect(await program.run(reference, batch(0))).toEqual({ logits: before })
    expect(await program.run(policy, batch(0))).not.toEqual({ logits: before })
    engine.dispose()
  })

  it('can be had several times in one process, each with programs of its own', async () => {
    const [one, two] = [compiledEngine({ threads: 1 }), compiledEngine({ threads: 2 })]
    const first = one.program<{ x: Float1D }>((_, { x }) => ({ y: tf.add(x, 1) }))
    const second = two.program<{ x: Float1D }>((_, { x }) => ({ y: tf.mul(x, 2) }))
    const none = allocate({})
    const x = { shape: [2], data: Float32Array.of(3, 4) }
    expect((await first.run(none, { x }))['y']?.data).toEqual(Float32Array.of(4, 5))
    one.dispose()
    expect((await second.run(none, { x }))['y']?.data).toEqual(Float32Array.of(6, 8))
    two.dispose()
  })
})
