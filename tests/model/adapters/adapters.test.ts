import { describe, expect, it } from 'vitest'
import { compiledEngine } from '../../../src-main/compute/cpu/compile'
import { allocate, trainedPart, type Parameters } from '../../../src-main/compute/parameters'
import * as tf from '../../../src-main/compute/tf'
import { fillNormal, seeded } from '../../../src-main/maths/random'
import { adapterTensors } from '../../../src-main/model/adapters/adapter-names'
import {
  idlePatterns,
  isStoredBack,
  matcher,
  projectionsOf,
} from '../../../src-main/model/adapters/adapter-targets'
import {
  adapterSpec,
  dropoutMasks,
  initialiseAdapter,
  merged,
  scaleOf,
  withAdapters,
  withoutAdapters,
} from '../../../src-main/model/adapters/adapters'
import { createLanguageModel, tokenLogProbs } from '../../../src-main/model/language-model'
import type { LlamaConfig } from '../../../src-main/model/architectures/llama-parameters'
import type { Adapter, LanguageModel, ModelConfig } from '../../../src-main/model/model'
import { weight } from '../../../src-main/model/network'
import { project } from '../../../src-main/model/layers/projection'
import { isDecayed, trunkSpec } from '../../../src-main/model/trunk-parameters'
import { architectures } from '../architectures'
import { engines, intMatrix, logits, runOnce, tinyConfig, tinyTokenizer } from '../tiny'

const llama: LlamaConfig = {
  architecture: 'llama',
  layers: 2,
  heads: 4,
  keyValueHeads: 2,
  headWidth: 6,
  width: 16,
  innerWidth: 40,
  contextTokens: 20,
  vocabulary: tinyTokenizer.vocabulary,
  normEpsilon: 1e-5,
  ropeBase: 10_000,
  ropeScaling: { type: 'none' },
  isTied: false,
  hasBiases: true,
  hasOutputBias: false,
  hasInnerBiases: false,
}
const sizes = {
  layers: 2,
  width: 16,
  innerWidth: 40,
  contextTokens: 20,
  vocabulary: tinyTokenizer.vocabulary,
}
const chosen: readonly (readonly [string, ModelConfig])[] = [
  ['GPT', tinyConfig],
  ['GPT with an output matrix of its own', { ...tinyConfig, isTied: false }],
  ['Llama', llama],
  [
    'PaLM',
    {
      ...sizes,
      architecture: 'palm',
      heads: 4,
      headWidth: 6,
      xposBase: 16,
      hasNormedQueries: true,
      isTied: false,
    },
  ],
  ['RWKV-4', { ...sizes, architecture: 'rwkv4' }],
  [
    'RWKV-7',
    { ...sizes, architecture: 'rwkv7', headWidth: 8, decayRank: 4, rateRank: 3, valueRank: 2, gateRank: 5 },
  ],
]

/** What is chosen here, and one of every other architecture. */
const configs = [
  ...chosen,
  ...architectures.filter(
    ([, { architecture }], index) =>
      !chosen.some(([, config]) => config.architecture === architecture) &&
      architectures.findIndex(([, config]) => config.architecture === architecture) === index,
  ),
]

/** Adapters on every projection, with matrices that are not zero. */
function adaptedModel(config: ModelConfig, ...adapters: readonly Partial<Adapter>[]): LanguageModel {
  const start = createLanguageModel(config, tinyTokenizer, seeded(1))
  for (const name of Object.keys(start.parameters.spec).filter(
    (name) => name.endsWith('.weight') && !/ln|norm/.test(name),
  ))
    fillNormal(start.parameters.view(name), 0.2, seeded(1, name))
  return adapters.reduce<LanguageModel>(
    (model, given) => put(model, { ...plain, projections: projectionsOf(config), ...given }, 0.3),
    start,
  )
}

const plain: Adapter = { name: 'sft', rank: 3, alpha: 6, scaling: 'by-rank', dropout: 0, projections: [] }

/** @param deviation of the second matrices; 0 leaves a new adapter as it begins */
function put(model: LanguageModel, adapter: Adapter, deviation: number): LanguageModel {
  const own = allocate(adapterSpec(model.config, adapter))
  initialiseAdapter(own, adapter, seeded(adapter.name))
  if (deviation > 0)
    for (const name of Object.keys(own.spec))
      if (name.includes('lora_B')) fillNormal(own.view(name), deviation, seeded(adapter.name, name))
  return {
    ...model,
    parameters: withAdapters(model.parameters, [adapter], own),
    adapters: [...(model.adapters ?? []), adapter],
  }
}

const ids = intMatrix([0, 3, 1, 4, 1, 5, 9], [0, 2, 2, 7, 1, 8, 10])
const open = () => compiledEngine({ threads: 1 })
const said = async (model: LanguageModel, engine = open()): Promise<number[]> =>
  (
    await runOnce(engine, model, { ids }, (weights, batch) => ({
      logits: logits(model.config, weights, weight(batch, 'ids')),
    }))
  )['logits']!
const largestDifference = (a: readonly number[], b: readonly number[]): number =>
  Math.max(...a.map((value, i) => Math.abs(value - b[i]!)))
const valuesOf = (parameters: Parameters, names = Object.keys(parameters.spec)) =>
  Object.fromEntries(names.map((name) => [name, [...parameters.view(name)]]))

describe.each(configs)('an adapter on %s', (_, config) => {
  it('changes nothing to the bit while it is new', async () => {
    const start = adaptedModel(config)
    expect(await said(put(start, { ...plain, projections: projectionsOf(config) }, 0))).toEqual(
      await said(start),
    )
  })

  it('says the same compiled and eager, several stacked', async () => {
    const model = adaptedModel(config, {}, { name: 'ppo', rank: 2, scaling: 'by-root-of-rank' })
    const [eager, compiled] = await Promise.all(engines.map(([, create]) => said(model, create())))
    expect(largestDifference(eager!, compiled!)).toBeLessThan(1e-5 * Math.max(...eager!.map(Math.abs)))
    expect(largestDifference(eager!, await said(withoutAdapters(model)))).toBeGreaterThan(0.1)
  })

  it('leaves the logits as they are when it is merged', async () => {
    const model = adaptedModel(config, {}, { name: 'ppo', rank: 2, scaling: 'by-root-of-rank' })
    const before = await said(model)
    const scale = Math.max(...before.map(Math.abs))
    const one = merged(model)
    expect(Object.keys(one.parameters.spec)).toEqual(Object.keys(trunkSpec(config)))
    expect(one.adapters).toEqual([])
    expect(largestDifference(await said(one), before)).toBeLessThan(1e-5 * scale)
  })

  it('is the model below it to the bit when it is off, one of several or all', async () => {
    const start = adaptedModel(config)
    const first = put(start, { ...plain, projections: projectionsOf(config) }, 0.3)
    const both = put(first, { ...plain, name: 'ppo', projections: projectionsOf(config) }, 0.3)
    expect(await said(withoutAdapters(both))).toEqual(await said(start))
    expect(await said(withoutAdapters(both, ['ppo']))).toEqual(await said(first))
    expect(withoutAdapters(both, ['sft']).adapters?.map(({ name }) => name)).toEqual(['ppo'])
    expect(withoutAdapters(both).parameters.view(Object.keys(trunkSpec(config))[0]!).buffer).toBe(
      start.parameters.flat.buffer,
    )
  })

  it('alone is trained, the same compiled and eager', async () => {
    // so large an ε leaves a step along the gradient itself
    const flat = { beta1: 0, beta2: 0, epsilon: 1e10, weightDecay: 0, isDecayed, clipNorm: Infinity }
    const after = await Promise.all(
      engines.map(async ([, create]) => {
        const engine = create()
        const start = adaptedModel(config, {})
        const model = put(start, { ...plain, name: 'ppo', projections: projectionsOf(config) }, 0.3)
        const before = valuesOf(start.parameters)
        const own = valuesOf(trainedPart(model.parameters))
        const step = engine.trainStep(
          model.parameters,
          (weights, batch) => ({
            loss: tf.neg(tf.mean(tokenLogProbs(config, weights, weight(batch, 'ids')))) as tf.Scalar,
          }),
          flat,
        )
        await step.update({ ids }, 1e10)
        expect(step.state().firstMoment.length).toBe(trainedPart(model.parameters).count)
        engine.dispose()
        expect(valuesOf(start.parameters)).toEqual(before)
        expect(Object.keys(own).length).toBe(2 * projectionsOf(config).length)
        return Object.entries(valuesOf(trainedPart(model.parameters))).map(([name, values]) => ({
          name,
          moved: values.map((value, i) => value - own[name]![i]!),
        }))
      }),
    )
    after[0]!.forEach(({ name, moved }, i) => {
      const size = Math.hypot(...moved)
      expect(size, name).toBeGreaterThan(1e-5)
      expect(Math.hypot(...after[1]![i]!.moved.map((value, k) => value - moved[k]!)), name).toBeLessThan(
        1e-4 * size + 1e-6,
      )
    })
  })
})

describe('a projection', () => {
  it('adds s · dropout(x)·A·B to x·W + b', async () => {
    // x = [1, 2]; x·W + b = [1 + 10, 2 + 20]; the mask leaves [2·1, 0]; ·A = 2·3 = 6; ·s = 1.5; ·B = [1.5·4,
    // 1.5·5]
    const { A, B, scale, mask } = adapterTensors('p', 'one')
    const parameters = allocate({ 'p.weight': [2, 2], 'p.bias': [2], [A]: [2, 1], [B]: [1, 2], [scale]: [] })
    parameters.flat.set([1, 0, 0, 1, 10, 20, 3, 7, 4, 5, 0.25])
    const body = (drops: boolean) =>
      runOnce(
        open(),
        { parameters },
        {
          x: { shape: [1, 2], data: Float32Array.of(1, 2) },
          ...(drops ? { mask: { shape: [1, 2], data: Float32Array.of(2, 0) } } : {}),
        },
        (weights, { x, mask: drop }) => ({
          y: project(drop ? { ...weights, [mask]: drop } : weights, 'p', x as tf.Tensor2D),
        }),
      )
    expect((await body(true))['y']).toEqual([11 + 6, 22 + 7.5])
    expect((await body(false))['y']).toEqual([11 + 4.25 * 4, 22 + 4.25 * 5])
  })

  it('is scaled by alpha over the rank, or over its root', () => {
    expect(scaleOf({ ...plain, rank: 16, alpha: 8 })).toBe(0.5)
    expect(scaleOf({ ...plain, rank: 16, alpha: 8, scaling: 'by-root-of-rank' })).toBe(2)
  })

  it('is dropped out of at the rate that is asked for, the rest made up for it', () => {
    const masks = dropoutMasks(
      tinyConfig,
      { ...plain, dropout: 0.2, projections: ['transformer.h.0.attn.c_attn', 'transformer.h.1.mlp.c_proj'] },
      { rows: 4, time: 50, first: 0 },
      (row) => seeded(1, row),
    )
    expect(Object.entries(masks).map(([name, { shape }]) => [name, shape])).toEqual([
      ['transformer.h.0.attn.c_attn.lora_mask.sft', [200, 16]],
      ['transformer.h.1.mlp.c_proj.lora_mask.sft', [200, 64]],
    ])
    for (const { data } of Object.values(masks)) {
      expect(new Set(data)).toEqual(new Set([0, Math.fround(1.25)]))
      expect(data.filter((value) => value === 0).length / data.length).toBeCloseTo(0.2, 1)
    }
  })

  it('begins uniformly within ± 1/√in, and with zeros after it', () => {
    const adapter = { ...plain, rank: 8, projections: ['transformer.h.0.mlp.c_proj'] }
    const own = allocate(adapterSpec(tinyConfig, adapter))
    const { A, B } = adapterTensors('transformer.h.0.mlp.c_proj', 'sft')
    initialiseAdapter(own, adapter, seeded(1))
    expect(own.spec).toEqual({ [A]: [64, 8], [B]: [8, 16] })
    expect(Math.max(...own.view(A).map(Math.abs))).toBeGreaterThan(0.12)
    expect(Math.max(...own.view(A).map(Math.abs))).toBeLessThanOrEqual(1 / 8)
    expect(new Set(own.view(B))).toEqual(new Set([0]))
  })
})

describe('names of projections', () => {
  const of = (config: ModelConfig, patterns: string) => projectionsOf(config).filter(matcher(patterns))

  it('are those of all linear layers, and of an output matrix that is not the embedding', () => {
    expect(projectionsOf({ ...tinyConfig, layers: 1 })).toEqual(
      ['attn.c_attn', 'attn.c_proj', 'mlp.c_fc', 'mlp.c_proj'].map((name) => `transformer.h.0.${name}`),
    )
    expect(projectionsOf({ ...llama, layers: 1 }).at(-1)).toBe('lm_head')
    expect(projectionsOf(llama).filter(isStoredBack)).toEqual(['lm_head'])
  })

  it('are meant by words in every architecture', () => {
    expect(of(tinyConfig, 'q, o').slice(0, 2)).toEqual([
      'transformer.h.0.attn.c_attn',
      'transformer.h.0.attn.c_proj',
    ])
    expect(of(tinyConfig, 'up,down').slice(0, 2)).toEqual([
      'transformer.h.0.mlp.c_fc',
      'transformer.h.0.mlp.c_proj',
    ])
    expect(of({ ...llama, layers: 1 }, 'q, k, v, o').map((name) => name.split('.').at(-1))).toEqual([
      'q_proj',
      'k_proj',
      'v_proj',
      'o_proj',
    ])
    expect(of({ ...llama, layers: 1 }, 'gate, up, down').map((name) => name.split('.').at(-1))).toEqual([
      'gate_proj',
      'up_proj',
      'down_proj',
    ])
    expect(of(llama, 'all')).toEqual(projectionsOf(llama))
  })

  it('are meant by whole parts of them, with a star for anything', () => {
    expect(of(tinyConfig, 'h.1.*')).toEqual(
      projectionsOf(tinyConfig).filter((name) => name.includes('.h.1.')),
    )
    expect(of(tinyConfig, 'mlp')).toEqual(projectionsOf(tinyConfig).filter((name) => name.includes('.mlp.')))
    expect(of(tinyConfig, 'c_a*, h.0.mlp.c_fc')).toHaveLength(3)
    expect(of(tinyConfig, 'c')).toEqual([])
    expect(of(tinyConfig, '(')).toEqual([])
  })

  it('say which pattern means none', () => {
    expect(idlePatterns('q, gate, h.7.*, mlp', projectionsOf(tinyConfig))).toEqual(['gate', 'h.7.*'])
  })
})
