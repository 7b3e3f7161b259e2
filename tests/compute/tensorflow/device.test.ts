import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { compiledEngine } from '../../../src-main/compute/cpu/compile'
import { listDevices, openEngine } from '../../../src-main/compute/devices'
import { eagerEngine } from '../../../src-main/compute/tensorflow/eager'
import type { Engine } from '../../../src-main/compute/engine'
import { differenceOf, gradientsOf, runOn } from '../../../src-main/compute/selftest/agreement'
import { seededDraw } from '../../../src-main/compute/selftest/case'
import { cases } from '../../../src-main/compute/selftest/cases'
import { specialCases } from '../../../src-main/compute/selftest/special'
import { findTensorflow, openTensorflow, tensorflowDevice } from '../../../src-main/compute/tensorflow/device'
import * as tf from '../../../src-main/compute/tf'
import { adamw, batch, initial, lossOf, logits } from '../../../src-main/compute/selftest/transformer'
import { skipped } from '../../helpers/skipping'

describe('TensorFlow in the list of devices', () => {
  const host = { memoryBytes: 8e9, mostThreads: 2 }
  const folders: string[] = []
  afterAll(() => {
    for (const folder of folders) rmSync(folder, { recursive: true })
  })

  /** A clone with these files. @returns the folder that the studio's code would be in */
  function clone(files: Readonly<Record<string, string>>): string {
    const root = mkdtempSync(join(tmpdir(), 'tensorflow-'))
    folders.push(root)
    for (const [name, text] of Object.entries({ 'out/main/app.js': '', ...files })) {
      mkdirSync(dirname(join(root, name)), { recursive: true })
      writeFileSync(join(root, name), text)
    }
    return join(root, 'out/main')
  }
  const packageOf = (place: string) =>
    `${place}/node_modules/@tensorflow/tfjs-node-gpu/lib/napi-v8/tfjs_binding.node`
  const setUp = (record: object) => ({
    '.cache/tensorflow/record.json': JSON.stringify(record),
    [packageOf('.cache/tensorflow/package')]: '',
  })

  it('is there without having been set up, and says how that is done', () => {
    expect(tensorflowDevice(host, findTensorflow(clone({})))).toEqual({
      id: 'tensorflow',
      name: 'TensorFlow, eager',
      isUsable: false,
      whyNot: 'TensorFlow is not installed. `npm run setup:cuda` installs it on Linux.',
      isDefault: false,
    })
  })

  it('has the name of what it ran on when it was set up', () => {
    const device = (record: object) => tensorflowDevice(host, findTensorflow(clone(setUp(record))))
    expect(device({ version: '2.21.0' })).toEqual({
      id: 'tensorflow',
      name: 'TensorFlow 2.21.0, CPU, eager',
      isUsable: true,
      isDefault: false,
      ...host,
    })
    expect(device({ version: '2.21.0', gpu: 'NVIDIA L4', memoryBytes: 24e9 })).toEqual({
      id: 'tensorflow',
      name: 'TensorFlow 2.21.0, NVIDIA L4, eager',
      isUsable: true,
      isDefault: false,
      isUntested: true,
      memoryBytes: 24e9,
    })
    expect(device({ version: '2.21.0', gpu: 'NVIDIA GB10' }).memoryBytes).toBeUndefined()
  })

  it('says so when its binding is gone', () => {
    const { isUsable, whyNot } = tensorflowDevice(
      host,
      findTensorflow(clone({ '.cache/tensorflow/record.json': '{"version":"2.21.0"}' })),
    )
    expect(isUsable).toBe(false)
    expect(whyNot).toMatch(/its binding is gone from .*tfjs-node-gpu\. `npm run setup:cuda`/)
  })

  it('takes the package that npm installed whole, where nothing else was set up', () => {
    expect(tensorflowDevice(host, findTensorflow(clone({ [packageOf('.')]: '' })))).toMatchObject({
      name: 'TensorFlow 2.9.1, CPU, eager',
      isUsable: true,
    })
  })
})

const { isUsable, whyNot } = tensorflowDevice({})
/**
 * Numbers without which nothing is trained: on these TensorFlow has its own ways (denormal numbers are 0, the
 * sign of not-a-number is not-a-number).
 */
const ordinary = cases.filter((each) => !specialCases.includes(each))

describe.skipIf(!isUsable)(`TensorFlow as a device${skipped(whyNot)}`, () => {
  const threads = 2
  const open = (): Engine => openTensorflow(threads)
  const cpu = eagerEngine('cpu')

  it('is listed as what it is, and leaves the backend that was current', async () => {
    const before = tf.getBackend()
    const engine = await openEngine('tensorflow', threads)
    const listed = listDevices().find(({ id }) => id === 'tensorflow')
    expect(engine.device).toMatch(/^TensorFlow \d+\.\d+\.\d+, .+, eager$/)
    expect(engine.device.replace(/, \d threads?/, '')).toBe(listed?.name)
    expect(tf.getBackend() === 'tensorflow').toBe(false)
    expect([before || 'cpu']).toContain(tf.getBackend())
  })

  it.each(ordinary)('computes $says as TensorFlow.js does', async ({ make, hasGradient }) => {
    for (const seed of [1, 2, 3, 4]) {
      const { inputs, body } = make(seededDraw(seed))
      const isDifferentiable = hasGradient && inputs.every(({ data }) => data.length > 0)
      for (const each of isDifferentiable ? [body, gradientsOf(body)] : [body]) {
        const [actual, expected] = [await runOn(open(), each, inputs), await runOn(cpu, each, inputs)]
        expect(differenceOf(actual[0]!, expected[0]!)).toBeUndefined()
      }
    }
  })

  async function train(
    engine: Engine,
    updates: number,
  ): Promise<{ readonly losses: readonly number[]; readonly weights: Float32Array }> {
    const parameters = initial()
    const step = engine.trainStep(parameters, lossOf, adamw)
    const losses: number[] = []
    for (let update = 0; update < updates; update++)
      losses.push((await step.update(batch(update % 8), 0.01))['loss']!)
    step.dispose()
    return { losses, weights: parameters.flat.slice() }
  }

  it('learns as the compiled engine does, over 50 updates', async () => {
    const [eager, compiled] = [await train(open(), 50), await train(compiledEngine({ threads: 2 }), 50)]
    eager.losses.forEach((loss, update) =>
      expect(Math.abs(loss - compiled.losses[update]!)).toBeLessThan(1e-4),
    )
    expect(eager.losses.at(-1)).toBeLessThan(eager.losses[0]! - 1)
  })

  it('repeats itself to the bit', async () => {
    expect(await train(open(), 10)).toEqual(await train(open(), 10))
  })

  it('lets go of every tensor, TensorFlow’s own included', async () => {
    const inTensorflow = () =>
      (tf.findBackend('tensorflow') as unknown as { getNumOfTFTensors(): number }).getNumOfTFTensors()
    await train(open(), 1)
    const before = [inTensorflow(), tf.memory().numTensors]
    await train(open(), 5)
    const program = open().program((weights, tensors) => ({
      logits: logits(weights, tensors['ids'] as tf.Tensor),
    }))
    await program.run(initial(), batch(0))
    const frozen = program.freeze(initial())
    await frozen.run(batch(0))
    frozen.dispose()
    program.dispose()
    await expect(
      open()
        .program(() => {
          throw new Error('a bad program')
        })
        .run(initial(), batch(0)),
    ).rejects.toThrow('a bad program')
    expect([inTensorflow(), tf.memory().numTensors]).toEqual(before)
  })

  it('says what is wrong with a program that TensorFlow refuses', async () => {
    const program = open().program((_, { x }) => ({ y: tf.matMul(x as tf.Tensor2D, x as tf.Tensor2D) }))
    await expect(program.run(initial(), { x: { shape: [2, 3], data: new Float32Array(6) } })).rejects.toThrow(
      /size-incompatible: In\[0\]: \[2,3\]/,
    )
  })
})
