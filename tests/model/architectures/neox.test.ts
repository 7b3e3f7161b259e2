/** GPT-NeoX against Hugging Face's library: `tests/fixtures/models/neox.py` made the models and their logits. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compiledEngine } from '../../../src-main/compute/cpu/compile'
import { seeded } from '../../../src-main/maths/random'
import { neox } from '../../../src-main/model/architectures/neox'
import { exportModel } from '../../../src-main/model/exporting/export-model'
import { createRewardModel } from '../../../src-main/model/heads'
import { decodeSafetensors } from '../weights/memory-file'
import { expectedOf, fixture } from '../weights/fixtures'
import { logitsOf } from '../weights/logits'
import { scoreTexts } from '../weights/scores'
import { imported } from '../weights/spoiled'

const engine = compiledEngine({ threads: 1 })

let parent: string
beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'neox-'))
})
afterAll(() => rm(parent, { recursive: true }))

const wish = (name: string) => ({ format: 'hugging-face', parent, name, licence: '', lineage: {} }) as const

describe.each([
  ['as Pythia is', 'neox', { rotatedWidth: 4, isParallel: true, hasExactGelu: true, isTied: false }],
  [
    'with everything the other way',
    'neox-sequential',
    {
      rotatedWidth: 8,
      ropeBase: 500,
      normEpsilon: 1e-3,
      isParallel: false,
      hasExactGelu: false,
      hasAttentionBiases: false,
      isTied: true,
    },
  ],
])('a GPT-NeoX %s', (_, name, settings) => {
  it('says to every position what Hugging Face’s library says, to 1e-5', async () => {
    const { model } = await imported(fixture(name))
    expect(model.config).toMatchObject({ architecture: 'neox', layers: 2, heads: 2, width: 32, ...settings })
    const { ids, logits, encoded } = await expectedOf(`${name}/expected.safetensors`)
    const read = await logitsOf(engine, model.config, model.parameters, ids)
    expect(read.length).toBe(2 * 12 * 288)
    const largest = Math.max(...logits.map(Math.abs))
    expect(largest).toBeGreaterThan(1)
    expect(Math.max(...read.map((value, i) => Math.abs(value - logits[i]!)))).toBeLessThan(1e-5 * largest)
    for (const [text, want] of encoded) expect([...model.tokenizer.encode(text)]).toEqual(want)
  })

  it('goes back as it came: the same tensors bit for bit, the same config.json in what matters', async () => {
    const { model } = await imported(fixture(name))
    const { folder } = await exportModel(model, wish(`${name}-again`))
    const tensorsIn = async (path: string) =>
      (await decodeSafetensors(await readFile(join(path, 'model.safetensors')))).tensors
    const [written, published] = [await tensorsIn(folder), await tensorsIn(fixture(name))]
    expect([...written.keys()].sort()).toEqual([...published.keys()].sort())
    for (const [tensor, { shape, data }] of published)
      expect(written.get(tensor), tensor).toEqual({ shape, data })
    const jsonIn = async (path: string): Promise<Record<string, unknown>> =>
      JSON.parse(await readFile(join(path, 'config.json'), 'utf8'))
    const [said, wanted] = [await jsonIn(folder), await jsonIn(fixture(name))]
    for (const field of [
      'architectures',
      'model_type',
      'hidden_size',
      'intermediate_size',
      'num_attention_heads',
      'layer_norm_eps',
      'hidden_act',
      'use_parallel_residual',
      'attention_bias',
      'tie_word_embeddings',
      'rope_parameters',
    ])
      expect(said[field], field).toEqual(wanted[field])
    expect((await imported(folder)).model.config).toEqual(model.config)
  })
})

describe('a GPT-NeoX', () => {
  const json = {
    hidden_size: 32,
    num_attention_heads: 2,
    max_position_embeddings: 48,
    num_hidden_layers: 2,
    vocab_size: 288,
    intermediate_size: 64,
  }
  const read = (more: Record<string, unknown>) => neox.huggingFace!.read({ ...json, ...more }, 'gpt_neox')

  it('is read by the older names of its settings, as Pythia was published', () => {
    const published = read({ rotary_pct: 0.5, rotary_emb_base: 1000, use_parallel_residual: true })
    expect(published).toMatchObject({ rotatedWidth: 8, ropeBase: 1000, isParallel: true })
    // a quarter of 16 numbers, θ = 10,000 where nothing is said
    expect(read({})).toMatchObject({ rotatedWidth: 4, ropeBase: 10_000, hasAttentionBiases: true })
  })

  it('whose heads are rotated by an odd number, or bent by another function, is refused', () => {
    expect(() => read({ rotary_pct: 0.2 })).toThrow('3 of each head’s 16 numbers are rotated')
    expect(() => read({ hidden_act: 'relu' })).toThrow('its hidden_act is "relu"')
  })

  it('writes the share that is read as the same width, whatever rounding does to it', () => {
    for (const headWidth of [14, 22, 46, 96, 98]) {
      for (let rotatedWidth = 2; rotatedWidth <= headWidth; rotatedWidth += 2) {
        const config = { ...read({}), heads: 1, width: headWidth, rotatedWidth }
        const { rotary_pct: share } = neox.huggingFace!.written(config)
        expect(Math.floor(headWidth * Number(share))).toBe(rotatedWidth)
      }
    }
  })

  it('as a reward model scores the same after an export, which has no bias of its own', async () => {
    const { model } = await imported(fixture('neox'))
    if (model.kind === 'reward-model') throw new Error('the fixture is a language model')
    const reward = createRewardModel(model, seeded(2))
    reward.parameters.view('score.bias')[0] = 1.5
    const { folder } = await exportModel(reward, wish('reward'))
    const { model: again } = await imported(folder)
    if (again.kind !== 'reward-model') throw new Error('a reward model was written')
    expect(again.config).toMatchObject({ isTied: true })
    const ids = [
      [1, 5, 3, 8, 2],
      [9, 1, 1, 6, 3],
    ]
    const [before, after] = [await scoreTexts(engine, reward, ids), await scoreTexts(engine, again, ids)]
    before.forEach((score, i) => expect(after[i]).toBeCloseTo(score, 4))
  })
})
