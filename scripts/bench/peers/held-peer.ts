/**
 * `held-peer.js SHAPE FORMAT [TOKENS]`: one update of an adapter (rank 8 on queries, keys, values and what attention
 * gives) on frozen weights in 8 or 32 bits, of a model as large as people have, activations computed again. Its
 * weights are drawn, piece by piece: no more of them is in memory than a run would hold.
 */
import { compiledEngine } from '../../../src-main/compute/cpu/compile'
import { allocateInEightBits } from '../../../src-main/compute/eight-bit-parameters'
import { rowsTogether, writeRows } from '../../../src-main/compute/eight-bits'
import { allocate, type Parameters } from '../../../src-main/compute/parameters'
import { fillUniform, seeded, type Random } from '../../../src-main/maths/random'
import { adapterSpec, initialiseAdapter, withAdapters } from '../../../src-main/model/adapters/adapters'
import { projectionsOf } from '../../../src-main/model/adapters/adapter-targets'
import { plainDesign } from '../../../src-main/model/architectures/decoder-config'
import type { Adapter, ModelConfig } from '../../../src-main/model/model'
import { isDecayed, trunkSpec } from '../../../src-main/model/trunk-parameters'
import { wayRoundOf } from '../../../src-main/model/weights/held-weights'
import { nextTokenLoss, type NextTokenBatch } from '../../../src-main/trainers/next-token'
import { learningRate, optimizer } from '../work/work'
import { servePeer } from './serve-peer'

const rope = { ropeBase: 10_000, ropeScaling: { type: 'none' } } as const

const shapes: Readonly<Record<string, ModelConfig>> = {
  /** TinyLlama 1.1B (Zhang et al. 2024). */
  tinyllama: {
    architecture: 'llama',
    layers: 22,
    heads: 32,
    keyValueHeads: 4,
    headWidth: 64,
    width: 2048,
    innerWidth: 5632,
    contextTokens: 2048,
    vocabulary: 32_000,
    normEpsilon: 1e-5,
    ...rope,
    isTied: false,
    hasBiases: false,
    hasOutputBias: false,
    hasInnerBiases: false,
  },
  /** Qwen3 0.6B (Yang et al. 2025). */
  qwen3: {
    architecture: 'decoder',
    family: 'qwen3',
    layers: 28,
    heads: 16,
    keyValueHeads: 8,
    headWidth: 128,
    width: 1024,
    innerWidth: 3072,
    contextTokens: 40_960,
    vocabulary: 151_936,
    normEpsilon: 1e-6,
    isTied: true,
    design: { ...plainDesign(28, 128, { ...rope, ropeBase: 1_000_000 }), queryNorm: 'a-head' },
  },
}

/** As deep networks are initialised: within ±√3 · 0.02, of which the deviation is 0.02. */
const BOUND = Math.sqrt(3) * 0.02
const ROWS_AT_ONCE = 32

function drawn(config: ModelConfig, format: string): Parameters {
  const spec = trunkSpec(config)
  const parameters = format === '8-bit' ? allocateInEightBits(spec, wayRoundOf(config)) : allocate(spec)
  const random = seeded('bench', 'weights')
  for (const [name, shape] of Object.entries(spec)) fill(parameters, name, shape, random)
  return parameters
}

function fill(parameters: Parameters, name: string, shape: readonly number[], random: Random): void {
  if (shape.length < 2) return void parameters.view(name).fill(1)
  const [rows = 0, columns = 0] = shape
  const held = parameters.held(name)
  if (!held) return fillUniform(parameters.view(name), BOUND, random)
  const count = Math.ceil(ROWS_AT_ONCE / rowsTogether(held)) * rowsTogether(held)
  for (let first = 0; first < rows; first += count) {
    const piece = new Float32Array(Math.min(count, rows - first) * columns)
    fillUniform(piece, BOUND, random)
    writeRows(held, piece, first)
  }
}

function adapted(config: ModelConfig, frozen: Parameters): Parameters {
  const adapter: Adapter = {
    name: 'bench',
    rank: 8,
    alpha: 16,
    scaling: 'by-rank',
    dropout: 0,
    projections: projectionsOf(config).filter((name) => name.includes('self_attn')),
  }
  const own = allocate(adapterSpec(config, adapter))
  initialiseAdapter(own, adapter, seeded('bench', 'adapter'))
  return withAdapters(frozen, [adapter], own)
}

const [, , shape = '', format = '8-bit', tokens = '512'] = process.argv
const config = shapes[shape]!
const engine = compiledEngine({ threads: 2 })
const parameters = adapted(config, drawn(config, format))
const random = seeded('bench', 'ids')
const time = Number(tokens)
const step = engine.trainStep<NextTokenBatch>(
  parameters,
  (weights, batch) => ({ loss: nextTokenLoss(config, weights, batch) }),
  { ...optimizer, isDecayed },
  { recomputes: true },
)
const batch = {
  ids: {
    shape: [1, time + 1],
    data: Int32Array.from({ length: time + 1 }, () => Math.floor(random() * config.vocabulary)),
  },
  mask: { shape: [1, time], data: new Float32Array(time).fill(1) },
}
await step.update(batch, learningRate)
const { loss } = await step.update(batch, learningRate) // the first has changed the adapter
await servePeer(
  { name: engine.device, check: loss!, mebibytes: Math.round(process.resourceUsage().maxRSS / 1024) },
  async () => {
    await step.update(batch, learningRate)
  },
)
