import { afterEach, describe, expect, it } from 'vitest'
import { compiledEngine } from '../../src-main/compute/cpu/compile'
import { eagerEngine } from '../../src-main/compute/tensorflow/eager'
import type { Engine } from '../../src-main/compute/engine'
import { NumericalError } from '../../src-main/compute/numerical-error'
import { allocate, copyParameters } from '../../src-main/compute/parameters'
import * as tf from '../../src-main/compute/tf'
import { expectClose } from './differential'
import {
  adamw,
  batch,
  initial,
  logits,
  lossOf,
  type Texts,
} from '../../src-main/compute/selftest/transformer'
import { losses } from './losses'

const engines: readonly (readonly [string, () => Engine])[] = [
  ['compiled', () => compiledEngine({ threads: 2 })],
  [
    'compiled for a provider',
    () => compiledEngine({ threads: 2, provider: { target: 'cpu', device: 'a provider' } }),
  ],
  ['eager', () => eagerEngine('cpu')],
]

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
    const straight = initial()
    const straightStep = engine.trainStep(straight, lossOf, adamw)
    for (let update = 0; update < 6; update++) await straightStep.update(batch(update), 0.01)

    const half = initial()
    const firstStep = engine.trainStep(half, lossOf, adamw)
    for (let update = 0; update < 3; update++) await firstStep.update(batch(update), 0.01)
    const state = firstStep.state()
    firstStep.dispose()
    const resumed = copyParameters(half)
    const secondStep = engine.trainStep(resumed, lossOf, adamw)
    secondStep.restore(state)
    for (let update = 3; update < 6; update++) await secondStep.update(batch(update), 0.01)
    expect(resumed.flat).toEqual(straight.flat)
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
    const program = engine.program<Texts>((weights, { ids }) => ({ logits: logits(weights, ids) }))
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
