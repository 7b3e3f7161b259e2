import { afterEach, describe, expect, it } from 'vitest'
import { compiledEngine } from '../../src-main/compute/cpu/compile'
import { eagerEngine } from '../../src-main/compute/tensorflow/eager'
import type { Engine } from '../../src-main/compute/engine'
import { NumericalError } from '../../src-main/compute/numerical-error'
import { allocate, copyParameters, type Parameters } from '../../src-main/compute/parameters'
import * as tf from '../../src-main/compute/tf'
import { expectClose } from './differential'
import { adamw, batch, initial, logits, lossOf, spec } from '../../src-main/compute/selftest/transformer'

const engines: readonly (readonly [string, () => Engine])[] = [
  ['compiled', () => compiledEngine({ threads: 2 })],
  [
    'compiled for a provider',
    () => compiledEngine({ threads: 2, provider: { target: 'cpu', device: 'a provider' } }),
  ],
  ['eager', () => eagerEngine('cpu')],
]

async function losses(
  engine: Engine,
  parameters: Parameters,
  updates: number,
): Promise<{ loss: number; gradientNorm: number }[]> {
  const step = engine.trainStep(parameters, lossOf, adamw)
  const results = []
  try {
    for (let update = 0; update < updates; update++) {
      const { loss, gradientNorm } = await step.update(batch(update), 0.01)
      results.push({ loss: loss as number, gradientNorm: gradientNorm as number })
    }
    return results
  } finally {
    step.dispose()
  }
}

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
    let start = 0
    for (const [name, shape] of Object.entries(spec)) {
      const end = start + shape.reduce((size, length) => size * length, 1)
      const difference = Math.max(
        ...compiled.subarray(start, end).map((value, i) => Math.abs(value - (eager[start + i] as number))),
      )
      expect(Math.max(...eager.subarray(start, end).map(Math.abs)), `${name} is trained`).toBeGreaterThan(
        1e-5,
      )
      expect(difference, `gradient of ${name}`).toBeLessThan(2e-6)
      start = end
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
    const program = engine.program((weights, tensors) => ({
      logits: logits(weights, tensors['ids'] as tf.Tensor),
    }))
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
    const first = one.program((_, { x }) => ({ y: tf.add(x as tf.Tensor, 1) }))
    const second = two.program((_, { x }) => ({ y: tf.mul(x as tf.Tensor, 2) }))
    const none = allocate({})
    const x = { shape: [2], data: Float32Array.of(3, 4) }
    expect((await first.run(none, { x }))['y']?.data).toEqual(Float32Array.of(4, 5))
    one.dispose()
    expect((await second.run(none, { x }))['y']?.data).toEqual(Float32Array.of(6, 8))
    two.dispose()
  })
})

describe.each(engines)('the %s engine', (_, create) => {
  const opened: Engine[] = []
  const open = () => {
    const engine = create()
    opened.push(engine)
    return engine
  }
  afterEach(() => {
    for (const engine of opened.splice(0)) engine.dispose()
  })

  it('learns', async () => {
    const step = open().trainStep(initial(), lossOf, adamw)
    const first = await step.update(batch(0), 0.01)
    for (let update = 0; update < 20; update++) await step.update(batch(0), 0.01)
    const last = await step.update(batch(0), 0.01)
    expect(first['loss']).toBeGreaterThan(2)
    expect(last['loss']).toBeLessThan((first['loss'] as number) / 2)
    expect(last['worst']).toBeGreaterThan(first['worst'] as number)
  })

  it('holds nothing once its step is disposed', async () => {
    const engine = open()
    const before = engine.memory()
    await losses(engine, initial(), 2)
    const program = engine.program((_, { x }) => ({ y: tf.exp(x as tf.Tensor) }))
    await program.run(allocate({}), { x: { shape: [1], data: Float32Array.of(0) } })
    program.dispose()
    expect(engine.memory()).toEqual(before)
    expect(tf.memory().numTensors).toBe(0)
  })

  it('continues from a stored state as if it had never stopped', async () => {
    const engine = open()
    const whole = initial()
    const wholeStep = engine.trainStep(whole, lossOf, adamw)
    for (let update = 0; update < 6; update++) await wholeStep.update(batch(update), 0.01)

    const half = initial()
    const firstStep = engine.trainStep(half, lossOf, adamw)
    for (let update = 0; update < 3; update++) await firstStep.update(batch(update), 0.01)
    const state = firstStep.state()
    firstStep.dispose()
    const resumed = copyParameters(half)
    const secondStep = engine.trainStep(resumed, lossOf, adamw)
    secondStep.restore(state)
    for (let update = 3; update < 6; update++) await secondStep.update(batch(update), 0.01)
    expect(resumed.flat).toEqual(whole.flat)
    expect(secondStep.state().updates).toBe(6)
  })

  it('refuses a state of another model', () => {
    const step = open().trainStep(initial(), lossOf, adamw)
    expect(() =>
      step.restore({ updates: 1, firstMoment: new Float32Array(3), secondMoment: new Float32Array(3) }),
    ).toThrow(/state is of 3 numbers/)
  })

  it('leaves parameters alone that the loss does not depend on, also when they decay', async () => {
    const parameters = allocate({ used: [2], unused: [3], stopped: [2] })
    parameters.flat.fill(1)
    const step = open().trainStep(
      parameters,
      ({ used, stopped }) => ({
        loss: tf.sum(
          tf.mul(tf.square(used as tf.Tensor), tf.stopGradient(tf.exp(stopped as tf.Tensor))),
        ) as tf.Scalar,
      }),
      { ...adamw, isDecayed: () => true },
    )
    await step.update({}, 0.5)
    expect(parameters.view('unused')).toEqual(Float32Array.of(1, 1, 1))
    expect(parameters.view('stopped')).toEqual(Float32Array.of(1, 1))
    expect(parameters.view('used')[0]).toBeLessThan(1)
  })

  it.each([
    ['NaN', NaN],
    ['Infinity', Infinity],
  ])('does not apply an update whose loss is %s, and says at which it happened', async (word, factor) => {
    const parameters = allocate({ x: [1] })
    parameters.flat.fill(2)
    const step = open().trainStep(
      parameters,
      ({ x }, { factor }) => ({ loss: tf.sum(tf.mul(x as tf.Tensor, factor as tf.Tensor)) as tf.Scalar }),
      adamw,
    )
    const times = (value: number) => ({ factor: { shape: [1], data: Float32Array.of(value) } })
    await step.update(times(1), 0.1)
    const before = parameters.flat.slice()
    const state = step.state()
    await expect(step.update(times(factor), 0.1)).rejects.toThrow(
      new NumericalError(`the loss became ${word} at update 2; the update was not applied`),
    )
    expect(parameters.flat).toEqual(before)
    expect(step.state()).toEqual(state)
    await step.update(times(1), 0.1)
    expect(step.state().updates).toBe(2)
  })

  it('does not apply an update whose gradient is not finite', async () => {
    const parameters = allocate({ x: [1] })
    // The loss √0 is 0, its gradient 1/(2√0) is infinite.
    const step = open().trainStep(
      parameters,
      ({ x }) => ({ loss: tf.sum(tf.sqrt(x as tf.Tensor)) as tf.Scalar }),
      adamw,
    )
    await expect(step.update({}, 0.1)).rejects.toThrow(/gradient norm became Infinity at update 1/)
    expect(parameters.flat).toEqual(Float32Array.of(0))
  })

  it('refuses to train the same parameters twice at once, and trains them again after', () => {
    const engine = open()
    const parameters = initial()
    const step = engine.trainStep(parameters, lossOf, adamw)
    expect(() => engine.trainStep(parameters, lossOf, adamw)).toThrow(/already being trained/)
    step.dispose()
    engine.trainStep(parameters, lossOf, adamw)
  })

  it('refuses a second update while one is running', async () => {
    const step = open().trainStep(initial(), lossOf, adamw)
    const running = step.update(batch(0), 0.01)
    await expect(step.update(batch(0), 0.01)).rejects.toThrow(/still running/)
    await running
  })

  it('refuses a loss that is no scalar, and one that depends on no parameter', async () => {
    const engine = open()
    const vectorLoss = engine.trainStep(
      allocate({ x: [2] }),
      ({ x }) => ({ loss: tf.square(x as tf.Tensor) as unknown as tf.Scalar }),
      adamw,
    )
    await expect(vectorLoss.update({}, 0.1)).rejects.toThrow(
      '"loss" has shape [2]: a train step returns scalars',
    )
    const constantLoss = engine.trainStep(allocate({ x: [2] }), () => ({ loss: tf.scalar(1) }), adamw)
    await expect(constantLoss.update({}, 0.1)).rejects.toThrow('the loss depends on no parameter')
    expect(tf.memory().numTensors).toBe(0)
  })

  it('gives integers and bools back as int32', async () => {
    const program = open().program((_, { x }) => ({
      rounded: tf.cast(x as tf.Tensor, 'int32'),
      isBig: tf.greater(x as tf.Tensor, 1),
      same: x as tf.Tensor,
      constant: tf.scalar(5, 'int32'),
    }))
    const result = await program.run(allocate({}), { x: { shape: [2], data: Float32Array.of(0.5, 2.5) } })
    expect(result).toEqual({
      rounded: { shape: [2], data: Int32Array.of(0, 2) },
      isBig: { shape: [2], data: Int32Array.of(0, 1) },
      same: { shape: [2], data: Float32Array.of(0.5, 2.5) },
      constant: { shape: [], data: Int32Array.of(5) },
    })
  })

  it('keeps no reference to a batch, and gives arrays that are the caller’s', async () => {
    const program = open().program((_, { x }) => ({ y: tf.mul(x as tf.Tensor, 2) }))
    const none = allocate({})
    const data = Float32Array.of(1, 2)
    const first = await program.run(none, { x: { shape: [2], data } })
    data.fill(10)
    const second = await program.run(none, { x: { shape: [2], data } })
    expect(first['y']?.data).toEqual(Float32Array.of(2, 4))
    expect(second['y']?.data).toEqual(Float32Array.of(20, 20))
  })

  it('freezes parameters, to the bit where the device allows, and lets them go', async () => {
    const engine = open()
    const parameters = initial()
    const program = engine.program((weights, tensors) => ({
      logits: logits(weights, tensors['ids'] as tf.Tensor),
    }))
    const [live, liveOfFive] = [
      await program.run(parameters, batch(0)),
      await program.run(parameters, batch(0, 5)),
    ]
    const held = engine.memory().bytes
    const frozen = program.freeze(parameters)
    expectClose(await frozen.run(batch(0)), live, 1e-5)
    expectClose(await frozen.run(batch(0, 5)), liveOfFive, 1e-5)
    frozen.dispose()
    expect(engine.memory().bytes).toBe(held)
    await expect(frozen.run(batch(0))).rejects.toThrow(/disposed/)
    program.dispose()
  })

  it('says so when it is used after it was disposed', async () => {
    const engine = open()
    const program = engine.program((_, { x }) => ({ y: x as tf.Tensor }))
    const step = engine.trainStep(initial(), lossOf, adamw)
    program.dispose()
    step.dispose()
    await expect(program.run(allocate({}), { x: { shape: [1], data: Float32Array.of(1) } })).rejects.toThrow(
      /disposed/,
    )
    await expect(step.update(batch(0), 0.1)).rejects.toThrow(/disposed/)
  })
})
