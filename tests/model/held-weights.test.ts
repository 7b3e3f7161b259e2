import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, afterAll, describe, expect, it, onTestFinished } from 'vitest'
import { compiledEngine } from '../../src-main/compute/cpu/compile'
import { eagerEngine } from '../../src-main/compute/tensorflow/eager'
import type { Engine, Int2D, LossAndScalars, Weights } from '../../src-main/compute/engine'
import { heldIn } from '../../src-main/compute/eight-bit-parameters'
import { allocate, type Parameters } from '../../src-main/compute/parameters'
import * as tf from '../../src-main/compute/tf'
import { seeded } from '../../src-main/maths/random'
import { projectionsOf } from '../../src-main/model/adapters/adapter-targets'
import { adapterSpec, initialiseAdapter, withAdapters } from '../../src-main/model/adapters/adapters'
import { loadModel, saveModel } from '../../src-main/model/checkpoint'
import { tokenLogProbs } from '../../src-main/model/language-model'
import type { Adapter, LanguageModel, ModelConfig } from '../../src-main/model/model'
import { modelShelf } from '../../src-main/model/model-shelf'
import { heldInEightBits } from '../../src-main/model/weights/held-weights'
import { isDecayed } from '../../src-main/model/trunk-parameters'
import { trainSft } from '../../src-main/trainers/sft'
import { architectures, wideModel } from './architectures'
import { tinyTokenizer } from './tiny'
import { run, sftSettings } from '../trainers/tiny'

function openedEngine(): Engine {
  const engine = compiledEngine({ threads: 2 })
  onTestFinished(() => engine.dispose())
  return engine
}

/** The numbers that the matrices have become, in 32 bits. */
function writtenOut(model: LanguageModel): LanguageModel {
  const parameters = allocate(model.parameters.spec)
  for (const name of Object.keys(parameters.spec)) parameters.view(name).set(model.parameters.view(name))
  return { ...model, parameters }
}

/** With an adapter on every projection, whose second matrices are not zero. */
function adapted({ config, parameters }: LanguageModel): Parameters {
  const adapter: Adapter = {
    name: 'own',
    rank: 2,
    alpha: 4,
    scaling: 'by-rank',
    dropout: 0,
    projections: projectionsOf(config),
  }
  const own = allocate(adapterSpec(config, adapter))
  const random = seeded(5)
  initialiseAdapter(own, adapter, random)
  for (const name of Object.keys(own.spec))
    own.view(name).forEach((value, i, all) => {
      all[i] = value + 0.1 * (random() - 0.5)
    })
  return withAdapters(parameters, [adapter], own)
}

const batch = {
  ids: {
    shape: [3, 7],
    data: Int32Array.from({ length: 21 }, (_, i) => (i * 5) % tinyTokenizer.vocabulary),
  },
}
const lossOf =
  (config: ModelConfig) =>
  (weights: Weights, { ids }: { readonly ids: Int2D }): LossAndScalars => ({
    loss: tf.neg(tf.mean<tf.Scalar>(tokenLogProbs(config, weights, ids))),
  })

/** Losses and gradient norms of some updates. */
async function updates(engine: Engine, model: LanguageModel, recomputes = false): Promise<number[]> {
  const step = engine.trainStep<{ ids: Int2D }>(
    adapted(model),
    lossOf(model.config),
    { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0, clipNorm: 1, isDecayed },
    { recomputes },
  )
  const found: number[] = []
  for (let update = 0; update < 3; update++) {
    const { loss, gradientNorm } = await step.update(batch, 1e-2)
    found.push(loss!, gradientNorm!)
  }
  step.dispose()
  return found
}

function expectAlmost(found: readonly number[], wanted: readonly number[]): void {
  expect(found).toHaveLength(wanted.length)
  found.forEach((value, i) =>
    expect(Math.abs(value - wanted[i]!)).toBeLessThan(2e-5 * (1 + Math.abs(wanted[i]!))),
  )
}

describe.each(architectures)('frozen weights in 8 bits: %s', (_, config) => {
  const held = heldInEightBits(wideModel(config))

  it('holds every matrix of the trunk, and each is off by no more than half its scale', () => {
    const plain = wideModel(config)
    const matrices = Object.entries(held.parameters.spec).filter(([, shape]) => shape.length === 2)
    expect([...heldIn(held.parameters).keys()]).toEqual(matrices.map(([name]) => name))
    for (const [name] of matrices) {
      const [before, after] = [plain.parameters.view(name), held.parameters.view(name)]
      const most = before.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
      after.forEach((value, i) => expect(Math.abs(value - before[i]!)).toBeLessThanOrEqual(most / 254 + 1e-7))
    }
  })

  it('trains an adapter as on the same numbers in 32 bits, kept or computed again', async () => {
    const engine = openedEngine()
    const wanted = await updates(engine, writtenOut(held))
    expectAlmost(await updates(engine, held), wanted)
    expectAlmost(await updates(engine, held, true), wanted)
  })

  it('reads a text as the same numbers in 32 bits, given or frozen', async () => {
    const engine = openedEngine()
    const program = engine.program<{ ids: Int2D }>((weights, { ids }) => ({
      logProbs: tokenLogProbs(config, weights, ids),
    }))
    const read = async (model: LanguageModel) => [
      ...(await program.run(model.parameters, batch))['logProbs']!.data,
    ]
    const wanted = await read(writtenOut(held))
    expectAlmost(await read(held), wanted)
    const frozen = program.freeze(held.parameters)
    expectAlmost([...(await frozen.run(batch))['logProbs']!.data], wanted)
  })
})

describe('frozen weights in 8 bits', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'held-'))
  })
  afterAll(() => rmSync(folder, { recursive: true }))
  const start = (name: string) => wideModel(architectures.find(([each]) => each === name)![1])
  const values = ({ parameters }: Pick<LanguageModel, 'parameters'>) =>
    Object.keys(parameters.spec).map((name) => [name, [...parameters.view(name)]])
  const demonstrations = ['ab', 'cd', 'ef', 'gh'].map((completion) => ({ prompt: 'a', completion }))
  const settings = sftSettings({
    adapter: 'lora',
    loraTargets: 'all',
    loraRank: 2,
    frozenWeights: '8-bit',
    epochs: 4,
    batchExamples: 4,
    heldOutFraction: 0,
  })

  it('are the same whether a model is read so from its file or held so in memory', async () => {
    const path = join(folder, 'read.safetensors')
    await saveModel(path, start('Llama'), {})
    const { model } = await modelShelf('8-bit')(path)
    expect(heldIn(model.parameters).size).toBeGreaterThan(0)
    expect(values(model)).toEqual(values(heldInEightBits(start('Llama'))))
  })

  it('goes on to the same bits, its adapters standing on the file in full', async () => {
    const base = join(folder, 'base.safetensors')
    await saveModel(base, start('Llama'), {})
    const load = async () => (await modelShelf('8-bit')(base)).model as LanguageModel
    const engine = openedEngine()
    const whole = await run(trainSft(engine, await load(), demonstrations, settings))
    const half = await run(trainSft(engine, await load(), demonstrations, settings), 2)
    const adapter = join(folder, 'half.safetensors')
    await saveModel(adapter, half.last.model, {})
    const { model } = await modelShelf('8-bit')(adapter)
    const resumed = await run(
      trainSft(engine, await load(), demonstrations, settings, { model, resume: half.last.resume }),
    )
    expect(values(resumed.last.model)).toEqual(values(whole.last.model))
    // who loads it without 8 bits has the weights of the file
    const full = (await loadModel(adapter)).model
    const trunk = start('Llama').parameters
    for (const name of Object.keys(trunk.spec)) expect(full.parameters.view(name)).toEqual(trunk.view(name))
  })

  it('are refused by a device that has no way to write them out', () => {
    const held = heldInEightBits(start('Llama'))
    const engine = eagerEngine()
    expect(() =>
      engine.trainStep<{ ids: Int2D }>(adapted(held), lossOf(held.config), {
        beta1: 0.9,
        beta2: 0.95,
        epsilon: 1e-8,
        weightDecay: 0,
        clipNorm: 1,
        isDecayed,
      }),
    ).toThrow('choose the device “cpu”, or 32-bit frozen weights')
  })
})
