/** What the types of a program promise; the compiler is the test, and running it shows that it is so. */
import { describe, expect, it } from 'vitest'
import { compiledEngine } from '../../src-main/compute/cpu/compile'
import type { Float1D, Int1D } from '../../src-main/compute/engine'
import { allocate } from '../../src-main/compute/parameters'
import * as tf from '../../src-main/compute/tf'

const rewards = { shape: [2], data: Float32Array.of(1, 2) }
const lengths = { shape: [2], data: Int32Array.of(3, 4) }

describe('a program that says what its batch holds', () => {
  it('is run on that batch, what is optional given or not', async () => {
    const engine = compiledEngine({ threads: 1 })
    const program = engine.program<{ rewards: Float1D; lengths?: Int1D }>((_, batch) => ({
      y: batch.lengths ? tf.mul(batch.rewards, tf.cast(batch.lengths, 'float32')) : batch.rewards,
    }))
    const none = allocate({})
    expect([...(await program.run(none, { rewards }))['y']!.data]).toEqual([1, 2])
    expect([...(await program.run(none, { rewards, lengths }))['y']!.data]).toEqual([1 * 3, 2 * 4])
    // @ts-expect-error what is not optional must be there
    await expect(program.run(none, { lengths })).rejects.toThrow()
    // @ts-expect-error a name of no tensor of the batch
    await program.run(none, { rewards, lenghts: lengths })
    engine.dispose()
  })

  it('trains on that batch, or on parts of it', async () => {
    const engine = compiledEngine({ threads: 1 })
    const parameters = allocate({ x: [2] })
    const adamw = {
      beta1: 0.9,
      beta2: 0.99,
      epsilon: 1e-8,
      weightDecay: 0,
      isDecayed: () => false,
      clipNorm: 1,
    }
    const step = engine.trainStep<{ rewards: Float1D }>(
      parameters,
      ({ x }, { rewards }) => ({ loss: tf.sum(tf.add(x!, rewards)) as tf.Scalar }),
      adamw,
    )
    expect((await step.update({ rewards }, 0)).loss).toBe(3)
    expect((await step.update([{ rewards }, { rewards }], 0)).loss).toBe(3 + 3)
    // @ts-expect-error another batch
    await expect(step.update({ lengths }, 0)).rejects.toThrow()
    engine.dispose()
  })
})
