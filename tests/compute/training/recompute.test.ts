import { describe, expect, it } from 'vitest'
import { compiledEngine } from '../../../src-main/compute/cpu/compile'
import { liveBytes } from '../../../src-main/compute/graph/footprint'
import { liveNodes, type Graph, type Node } from '../../../src-main/compute/graph/graph'
import { recordingsOf, withAddedGradients, withGradients } from '../../../src-main/compute/recording/graphs'
import { allocate, overlay, type Parameters } from '../../../src-main/compute/parameters'
import { recomputing } from '../../../src-main/compute/training/recompute'
import { seeded } from '../../../src-main/maths/random'
import { createLanguageModel } from '../../../src-main/model/language-model'
import type { LanguageModel, ModelConfig } from '../../../src-main/model/model'
import { isDecayed } from '../../../src-main/model/trunk-parameters'
import { nextTokenLoss, type NextTokenBatch } from '../../../src-main/trainers/next-token'
import { tinyTokenizer } from '../../model/tiny'

const sizes = { layers: 6, width: 16, contextTokens: 16, vocabulary: tinyTokenizer.vocabulary }
const configs: readonly (readonly [string, ModelConfig])[] = [
  ['GPT', { ...sizes, architecture: 'gpt', heads: 2, isTied: true }],
  [
    'Llama',
    {
      ...sizes,
      architecture: 'llama',
      heads: 4,
      keyValueHeads: 2,
      headWidth: 4,
      innerWidth: 40,
      normEpsilon: 1e-5,
      ropeBase: 10_000,
      ropeScaling: { type: 'none' },
      isTied: false,
      hasBiases: true,
      hasOutputBias: false,
      hasInnerBiases: false,
    },
  ],
  [
    'PaLM',
    {
      ...sizes,
      architecture: 'palm',
      heads: 2,
      headWidth: 8,
      innerWidth: 40,
      xposBase: 16,
      hasNormedQueries: true,
      isTied: true,
    },
  ],
  ['RWKV-4', { ...sizes, architecture: 'rwkv4', innerWidth: 40 }],
  [
    'RWKV-7',
    {
      ...sizes,
      architecture: 'rwkv7',
      headWidth: 8,
      innerWidth: 40,
      decayRank: 4,
      rateRank: 3,
      valueRank: 2,
      gateRank: 5,
    },
  ],
]

const modelOf = (config: ModelConfig): LanguageModel => createLanguageModel(config, tinyTokenizer, seeded(1))
const rows = 4
const random = seeded('ids')
const batch = {
  ids: {
    shape: [rows, 17],
    data: Int32Array.from({ length: rows * 17 }, () => Math.floor(random() * sizes.vocabulary)),
  },
  mask: { shape: [rows, 16], data: new Float32Array(rows * 16).fill(1) },
}
const optimizer = { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1, isDecayed, clipNorm: 1 }

function recorded(config: ModelConfig): Graph {
  const { parameters } = modelOf(config)
  return recordingsOf(
    withGradients(
      (weights, tensors: NextTokenBatch) => ({ loss: nextTokenLoss(config, weights, tensors) }),
      Object.keys(parameters.spec),
    ),
  )(parameters.spec, batch)
}

async function trained(
  config: ModelConfig,
  recomputes: boolean,
  parameters: Parameters,
  batches: readonly (typeof batch)[] = [batch],
) {
  const engine = compiledEngine({ threads: 2 })
  const step = engine.trainStep(
    parameters,
    (weights, tensors: NextTokenBatch) => ({ loss: nextTokenLoss(config, weights, tensors) }),
    optimizer,
    { recomputes },
  )
  const said = [
    await step.update(batches.length > 1 ? batches : batch, 0.01),
    await step.update(batches.length > 1 ? batches : batch, 0.01),
  ]
  step.dispose()
  engine.dispose()
  return said
}

describe.each(configs)('computing again what %s computed', (name, config) => {
  const plain = recorded(config)
  const again = recomputing(plain)

  it('takes much less memory, and computes nothing more than twice', () => {
    expect(liveBytes(again)).toBeLessThan((name.startsWith('RWKV') ? 0.75 : 0.6) * liveBytes(plain))
    const forward = liveNodes({ nodes: plain.nodes, outputs: { loss: plain.outputs['scalar/loss']! } })
    const count = (nodes: readonly Node[]) =>
      nodes.reduce(
        (counts, { kernel }) => counts.set(kernel, (counts.get(kernel) ?? 0) + 1),
        new Map<string, number>(),
      )
    const [once, forwardOnly, twice] = [count(plain.nodes), count(forward), count(again.nodes)]
    const waits = twice.get('Slice')! - (once.get('Slice') ?? 0)
    for (const [kernel, times] of twice)
      expect(times, kernel).toBeLessThanOrEqual(
        (once.get(kernel) ?? 0) +
          (forwardOnly.get(kernel) ?? 0) +
          (['Slice', 'Reshape', 'Multiply', 'Add'].includes(kernel) ? waits : 0),
      )
  })

  it('changes no number', async () => {
    const [one, other] = [modelOf(config).parameters, modelOf(config).parameters]
    const [expected, said] = [await trained(config, false, one), await trained(config, true, other)]
    said.forEach(({ loss, gradientNorm }, update) => {
      expect(loss).toBeCloseTo(expected[update]!['loss']!, 5)
      expect(gradientNorm! / expected[update]!['gradientNorm']!).toBeCloseTo(1, 5)
    })
  })
})

describe('computing again', () => {
  const [, config] = configs[0]!

  it('goes with batches in parts, and over frozen parameters', async () => {
    const over = () => {
      const { parameters } = modelOf(config)
      const names = Object.keys(parameters.spec).filter((name) => name.includes('.h.0.mlp'))
      const own = allocate(Object.fromEntries(names.map((name) => [name, parameters.spec[name]!])))
      for (const name of names) own.view(name).set(parameters.view(name))
      return overlay(parameters, own)
    }
    const parts = [batch, { ...batch, tokens: { shape: [], data: Float32Array.of(128) } }].map((part) => ({
      ...part,
      tokens: { shape: [], data: Float32Array.of(128) },
    }))
    const [expected, said] = [
      await trained(config, false, over(), parts),
      await trained(config, true, over(), parts),
    ]
    said.forEach(({ loss, gradientNorm }, update) => {
      expect(loss).toBeCloseTo(expected[update]!['loss']!, 5)
      expect(gradientNorm! / expected[update]!['gradientNorm']!).toBeCloseTo(1, 5)
    })
  })

  it('leaves alone what holds nothing to spare', () => {
    const small = recordingsOf(
      withAddedGradients((weights) => ({ loss: weights['a']!.square().sum() }), ['a']),
    )({ a: [2] }, { 'sum/a': { shape: [2], data: new Float32Array(2) } })
    expect(recomputing(small)).toBe(small)
  })
})
