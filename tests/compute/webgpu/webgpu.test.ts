import { describe, expect, it } from 'vitest'
import { compiledEngine } from '../../../src-main/compute/cpu/compile'
import { deviceEngine } from '../../../src-main/compute/webgpu/device-engine'
import { DeviceFailure } from '../../../src-main/compute/device-failure'
import type { Engine } from '../../../src-main/compute/engine'
import { NumericalError } from '../../../src-main/compute/numerical-error'
import { allocate, overlay, type Parameters } from '../../../src-main/compute/parameters'
import { createResidence } from '../../../src-main/compute/webgpu/resident'
import { selftest, type CaseResult } from '../../../src-main/compute/selftest/selftest'
import {
  adamw,
  batch,
  initial,
  logits,
  lossOf,
  spec,
  type Texts,
} from '../../../src-main/compute/selftest/transformer'
import type { TrainingResult } from '../../../src-main/compute/selftest/training'
import * as tf from '../../../src-main/compute/tf'
import { generate } from '../../../src-main/model/writing/generation'
import { architectures, wideModel } from '../../model/architectures'
import { logits as modelLogits, tinyTokenizer } from '../../model/tiny'
import { whyNoWebgpu } from '../../helpers/software-vulkan'
import { skipped } from '../../helpers/skipping'

const whyNot = await whyNoWebgpu()

const patienceMs = 600_000

/**
 * What ONNX Runtime's webgpu provider leaves to the CPU, by kernel of TensorFlow.js. None of it stands in a
 * model.
 */
const allowedFallbacks: Readonly<Record<string, readonly string[]>> = {
  // Integers and booleans, for which it has no kernels.
  Abs: ['Abs'],
  Neg: ['Neg'],
  Equal: ['Equal'],
  NotEqual: ['Equal'],
  // From the int64 in which ONNX counts.
  ArgMax: ['Cast'],
  ArgMin: ['Cast'],
  // By way of float64, which GPUs do not have.
  FloorDiv: ['Abs', 'Cast', 'Div', 'Floor', 'Less', 'Where'],
  Pow: ['Abs', 'Cast', 'Less', 'Pow', 'Where'],
  // Half to even.
  Round: ['Round'],
}

const values = async (engine: Engine, parameters: Parameters) => {
  const program = engine.program((weights, batch) => ({ y: logits(weights, batch['ids'] as tf.Tensor) }))
  const { y } = await program.run(parameters, { ids: batch(3)['ids']! })
  program.dispose()
  return y!.data as Float32Array
}

const difference = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i]!)))

describe.skipIf(whyNot !== undefined)(`WebGPU${skipped(whyNot)}`, () => {
  it(
    'passes the self-test, and leaves to the CPU only what the list allows',
    { timeout: patienceMs },
    async () => {
      const engine = deviceEngine('GPU')
      const cases: CaseResult[] = []
      let training: TrainingResult | undefined
      for await (const event of selftest(engine, { isStrict: false })) {
        if (event.kind === 'case') cases.push(event.result)
        if (event.kind === 'training') training = event.result
      }
      engine.dispose()
      expect(cases.filter(({ problem, isAllowed }) => problem !== undefined && !isAllowed)).toEqual([])
      expect(training).toMatchObject({ problems: [], onCpu: {} })
      const fallen: Record<string, string[]> = {}
      for (const { kernel, onCpu } of cases)
        if (Object.keys(onCpu).length > 0)
          fallen[kernel] = [...new Set([...(fallen[kernel] ?? []), ...Object.keys(onCpu)])].sort()
      expect(fallen).toEqual(allowedFallbacks)
    },
  )

  it(
    'trains with nothing crossing the bus but the batch, six scalars and the report',
    { timeout: patienceMs },
    async () => {
      const engine = deviceEngine('GPU')
      const parameters = initial()
      const step = engine.trainStep(parameters, lossOf, adamw)
      await step.update(batch(0), 0.01) // uploads the weights
      const before = engine.crossed()
      await step.update(batch(1), 0.01)
      const after = engine.crossed()
      const names = Object.keys(spec).length
      // Two int32 batches of 3 × 6 ids and six floats go in; two scalars and a sum of squares for each
      // parameter come back.
      expect(after.toDeviceBytes - before.toDeviceBytes).toBe(4 * (2 * 18 + 6))
      expect(after.toHostBytes - before.toHostBytes).toBe(4 * (2 + names))
      expect(engine.placement()).toMatchObject({ onCpu: {}, copiedBytes: 0 })
      step.dispose()
      engine.dispose()
    },
  )

  it(
    'shows what it trained to whoever reads the parameters, whenever they do',
    { timeout: patienceMs },
    async () => {
      const engine = deviceEngine('GPU')
      const cpu = compiledEngine({ threads: 1 })
      const onGpu = initial()
      const onCpu = initial()
      const gpuStep = engine.trainStep(onGpu, lossOf, { ...adamw, clipNorm: 0.1 })
      const cpuStep = cpu.trainStep(onCpu, lossOf, { ...adamw, clipNorm: 0.1 })
      const start = onGpu.flat.slice()
      for (let update = 0; update < 3; update++) {
        await Promise.all([gpuStep.update(batch(update), 0.01), cpuStep.update(batch(update), 0.01)])
        expect(difference(onGpu.view('gain'), onCpu.view('gain'))).toBeLessThan(1e-4)
      }
      expect(difference(onGpu.flat, start)).toBeGreaterThan(0.01)
      await gpuStep.update(batch(4), 0.01)
      // the CPU's engine keeps views
      expect(await values(cpu, onGpu)).toEqual(await values(compiledEngine({ threads: 1 }), onGpu))
      expect(difference(await values(engine, onGpu), await values(cpu, onGpu))).toBeLessThan(1e-4)
      onGpu.view('gain').fill(0) // written on the host: the device must not go on with its own
      onGpu.view('bias').fill(0)
      expect(Math.max(...(await values(engine, onGpu)))).toBe(0)
      gpuStep.dispose()
      engine.dispose()
    },
  )

  it('keeps a frozen program as it was, and lets go of everything', { timeout: patienceMs }, async () => {
    const engine = deviceEngine('GPU')
    const parameters = initial()
    const before = engine.memory()
    const program = engine.program((weights, tensors) => ({
      y: logits(weights, tensors['ids'] as tf.Tensor),
    }))
    const step = engine.trainStep(parameters, lossOf, adamw)
    const frozen = program.freeze(parameters)
    const ids = { ids: batch(1)['ids']! }
    const first = await frozen.run(ids)
    await step.update(batch(0), 0.1)
    expect(await frozen.run(ids)).toEqual(first)
    expect(await program.run(parameters, ids)).not.toEqual(first)
    frozen.dispose()
    program.dispose()
    step.dispose()
    expect(engine.memory()).toEqual(before)
    engine.dispose()
  })

  it('goes on from a stored state as if it had never stopped', { timeout: patienceMs }, async () => {
    const engine = deviceEngine('GPU')
    const straight = initial()
    const step = engine.trainStep(straight, lossOf, adamw)
    for (let update = 0; update < 2; update++) await step.update(batch(update), 0.01)
    const state = step.state()
    const stored = straight.flat.slice()
    const { loss } = await step.update(batch(2), 0.01)
    const resumed = initial()
    resumed.flat.set(stored)
    const second = engine.trainStep(resumed, lossOf, adamw)
    second.restore(state)
    expect((await second.update(batch(2), 0.01))['loss']).toBe(loss)
    expect(resumed.flat).toEqual(straight.flat)
    step.dispose()
    second.dispose()
    engine.dispose()
  })

  it(
    'trains parameters in several memories as those in one, and brings each memory home',
    { timeout: patienceMs },
    async () => {
      const engine = deviceEngine('GPU')
      const one = initial()
      const several = allocate(spec, 1024)
      for (const name of Object.keys(spec)) several.view(name).set(one.view(name))
      const steps = [engine.trainStep(one, lossOf, adamw), engine.trainStep(several, lossOf, adamw)] as const
      for (let update = 0; update < 2; update++)
        expect(await steps[1].update(batch(update), 0.01)).toEqual(await steps[0].update(batch(update), 0.01))
      expect(steps[1].state()).toEqual(steps[0].state())
      for (const name of Object.keys(spec)) expect(several.view(name), name).toEqual(one.view(name))
      for (const step of steps) step.dispose()
      engine.dispose()
    },
  )

  it('trains what lies on top and leaves the rest alone', { timeout: patienceMs }, async () => {
    const engine = deviceEngine('GPU')
    const frozen = initial()
    const own = allocate({ gain: spec['gain']!, bias: spec['bias']! })
    own.view('gain').fill(1)
    const before = frozen.flat.slice()
    const step = engine.trainStep(overlay(frozen, own), lossOf, adamw)
    await step.update(batch(0), 0.1)
    expect(frozen.flat).toEqual(before)
    expect(difference(own.view('gain'), new Float32Array(own.view('gain').length).fill(1))).toBeGreaterThan(
      0.05,
    )
    step.dispose()
    engine.dispose()
  })

  it('does not apply an update whose loss is no number', { timeout: patienceMs }, async () => {
    const engine = deviceEngine('GPU')
    const parameters = initial()
    const step = engine.trainStep(
      parameters,
      (weights, texts: Texts) => {
        const { loss } = lossOf(weights, texts)
        return { loss: tf.log(tf.sub(loss, 1e6)) as tf.Scalar }
      },
      adamw,
    )
    const before = parameters.flat.slice()
    await expect(step.update(batch(0), 0.1)).rejects.toThrow(NumericalError)
    expect(parameters.flat).toEqual(before)
    step.dispose()
    engine.dispose()
  })

  it(
    'refuses parameters that are trained already, and says when a tensor is too large for it',
    { timeout: patienceMs },
    async () => {
      const engine = deviceEngine('GPU')
      const parameters = initial()
      const step = engine.trainStep(parameters, lossOf, adamw)
      expect(() => engine.trainStep(parameters, lossOf, adamw)).toThrow(/already being trained/)
      step.dispose()
      engine.trainStep(parameters, lossOf, adamw).dispose()
      const residence = createResidence({ toDeviceBytes: 0, toHostBytes: 0 })
      expect(() => residence.upload(new Float32Array(2 ** 28 + 2 ** 24))).toThrow(
        new DeviceFailure('A tensor is larger than the device takes in one piece.'),
      )
      residence.dispose()
      engine.dispose()
    },
  )

  it.each(architectures)(
    'runs %s whole, forward, backward and writing, without the CPU',
    { timeout: patienceMs },
    async (_, config) => {
      const engine = deviceEngine('GPU')
      const model = wideModel(config)
      const step = engine.trainStep(
        model.parameters,
        (weights, { ids }) => ({
          loss: tf.mean(tf.square(modelLogits(config, weights, ids as tf.Tensor))) as tf.Scalar,
        }),
        adamw,
      )
      const { loss } = await step.update(
        { ids: { shape: [1, 6], data: Int32Array.of(0, 3, 1, 4, 1, 5) } },
        1e-3,
      )
      expect(loss).toBeGreaterThan(0)
      step.dispose()
      const sampling = { temperature: 1, topK: 0, topP: 1, maxTokens: 4, seed: 7 }
      const texts = async (on: Engine) =>
        (await generate(on, wideModel(config), ['ab', 'c'], sampling)).map(({ text }) => text)
      expect(await texts(engine)).toEqual(await texts(compiledEngine({ threads: 1 })))
      expect(engine.placement().onCpu).toEqual({})
      engine.dispose()
      expect(tinyTokenizer.vocabulary).toBe(config.vocabulary)
    },
  )
})
