import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { compiledEngine } from '../../src-main/compute/cpu/compile'
import { allocate } from '../../src-main/compute/parameters'
import { seeded } from '../../src-main/maths/random'
import { adapterSpec, withAdapters } from '../../src-main/model/adapters/adapters'
import { createRewardModel } from '../../src-main/model/heads'
import { createLanguageModel } from '../../src-main/model/language-model'
import type { Adapter, LanguageModel, Model } from '../../src-main/model/model'
import { gpt2Tokenizer } from '../../src-main/model/tokenizers/gpt2'
import { trainBpeTokenizer } from '../../src-main/model/tokenizers/train-bpe'
import { exportModel } from '../../src-main/model/exporting/export-model'
import type { ExportFormat } from '../../src-shared/records/checkpoint'
import { architectures, wideModel } from '../model/architectures'
import { tinyConfig, tinyModel } from '../model/tiny'
import { logitsOf } from '../model/weights/logits'
import { scoreTexts } from '../model/weights/scores'
import { wideLlama } from '../model/weights/wide'
import { skipped } from '../helpers/skipping'
import { saidBy, whyNoPython } from './peers'

const ids = [
  [1, 5, 3, 8, 2, 2, 7, 4],
  [9, 1, 1, 6, 3, 10, 0, 2],
]
const texts = ['bad cab.', 'a', 'cab  bad']
const bpe = trainBpeTokenizer(['bad cab. cab bad a bad cab'], { vocabulary: 262 })

function adapted(
  model: LanguageModel,
  scaling: Adapter['scaling'],
  ...projections: readonly string[]
): LanguageModel {
  const adapter: Adapter = { name: 'x', rank: 3, alpha: 5, scaling, dropout: 0.1, projections }
  const own = allocate(adapterSpec(model.config, adapter))
  const random = seeded(5)
  for (const name of Object.keys(own.spec))
    own.view(name).forEach((_, i, all) => {
      all[i] = random() - 0.5
    })
  return { ...model, parameters: withAdapters(model.parameters, [adapter], own), adapters: [adapter] }
}

/** On other projections the rank and alpha are others, as PEFT's patterns say. */
function adaptedTwice(model: LanguageModel): LanguageModel {
  const once = adapted(model, 'by-rank', 'transformer.h.0.attn.c_attn')
  const second: Adapter = {
    ...once.adapters![0]!,
    name: 'y',
    rank: 2,
    alpha: 7,
    projections: ['transformer.h.1.mlp.c_fc'],
  }
  const own = allocate(adapterSpec(model.config, second))
  const random = seeded(6)
  for (const name of Object.keys(own.spec)) own.view(name).forEach((_, i, all) => (all[i] = random() - 0.5))
  return {
    ...once,
    parameters: withAdapters(once.parameters, [second], own),
    adapters: [...once.adapters!, second],
  }
}

function reward(): Model {
  const model = createRewardModel(tinyModel(), seeded(2))
  model.parameters.view('score.bias')[0] = 1.5
  return model
}

const smallModel = (title: string): LanguageModel =>
  wideModel(architectures.find(([name]) => name === title)![1])

/** By the folder's name. */
const exported: Readonly<
  Record<string, { readonly model: Model; readonly format?: ExportFormat; readonly base?: string }>
> = {
  gpt: { model: tinyModel() },
  'gpt-of-learned-bpe': {
    model: createLanguageModel({ ...tinyConfig, vocabulary: bpe.vocabulary, isTied: false }, bpe, seeded(1)),
  },
  'gpt-of-gpt-2s-tokens': {
    model: createLanguageModel({ ...tinyConfig, width: 8, vocabulary: 50_257 }, gpt2Tokenizer(), seeded(1)),
  },
  llama: {
    model: wideLlama({
      hasBiases: false,
      isTied: true,
      ropeScaling: {
        type: 'llama3',
        factor: 8,
        lowFrequencyFactor: 1,
        highFrequencyFactor: 4,
        originalContextTokens: 16,
      },
    }),
  },
  qwen2: { model: wideLlama() },
  neox: { model: smallModel('GPT-NeoX') },
  'neox-sequential': { model: smallModel('GPT-NeoX, one part after the other, whole heads rotated') },
  rwkv4: { model: smallModel('RWKV-4') },
  reward: { model: reward() },
  'gpt-adapter': {
    model: adapted(tinyModel(), 'by-rank', 'transformer.h.0.attn.c_attn', 'transformer.h.1.mlp.c_proj'),
    format: 'peft',
    base: 'gpt',
  },
  'gpt-merged': {
    model: adapted(tinyModel(), 'by-rank', 'transformer.h.0.attn.c_attn', 'transformer.h.1.mlp.c_proj'),
  },
  'qwen2-adapter': {
    model: adapted(
      wideLlama(),
      'by-root-of-rank',
      'model.layers.0.self_attn.q_proj',
      'model.layers.1.mlp.down_proj',
      'lm_head',
    ),
    format: 'peft',
    base: 'qwen2',
  },
  'qwen2-adapter-and-base': {
    model: adapted(wideLlama(), 'by-rank', 'model.layers.0.self_attn.q_proj', 'model.layers.1.mlp.up_proj'),
    format: 'peft-with-base',
    base: 'inside',
  },
  'gpt-adapters-of-two-ranks': { model: adaptedTwice(tinyModel()), format: 'peft', base: 'gpt' },
  'neox-adapter': {
    model: adapted(
      smallModel('GPT-NeoX'),
      'by-rank',
      'gpt_neox.layers.0.attention.query_key_value',
      'gpt_neox.layers.1.mlp.dense_4h_to_h',
    ),
    format: 'peft',
    base: 'neox',
  },
  'qwen2-merged': {
    model: adapted(
      wideLlama(),
      'by-root-of-rank',
      'model.layers.0.self_attn.q_proj',
      'model.layers.1.mlp.down_proj',
      'lm_head',
    ),
  },
}

const engine = compiledEngine({ threads: 1 })
const parent = await mkdtemp(join(tmpdir(), 'exported-'))
afterAll(async () => {
  engine.dispose()
  await rm(parent, { recursive: true })
})

async function said(model: Model, base: string | undefined): Promise<object> {
  if (model.kind === 'reward-model') {
    // as the studio reads a text that has ended; there they stand in one batch, padded
    const { beginToken, endToken } = model.tokenizer
    const rows = texts.map((text) => [beginToken, ...model.tokenizer.encode(text), endToken])
    const all = [...(await scoreTexts(engine, model, ids)), ...(await scoreTexts(engine, model, rows))]
    return { ids, texts, scores: all }
  }
  const logits = [...(await logitsOf(engine, model.config, model.parameters, ids))]
  return base === undefined
    ? { ids, logits, encoded: texts.map((text) => [text, [...model.tokenizer.encodeFirst(text)]]) }
    : { ids, logits, base }
}

describe.skipIf(whyNoPython !== undefined)(
  `what the studio exports, in Hugging Face’s own libraries${skipped(whyNoPython)}`,
  () => {
    it('computes, scores and tokenizes as in the studio', { timeout: 300_000 }, async () => {
      const expected: Record<string, object> = {}
      for (const [name, { model, format = 'hugging-face', base }] of Object.entries(exported)) {
        await exportModel(model, { format, parent, name, licence: 'mit', lineage: {} })
        expected[name] = await said(model, base)
      }
      await writeFile(join(parent, 'expected.json'), JSON.stringify(expected))
      const found = saidBy('check.py', parent) as {
        name: string
        difference: number
        unfit: string[]
        tokenizes: boolean
      }[]
      expect(found.map(({ name }) => name)).toEqual(Object.keys(exported))
      for (const { difference, ...rest } of found) {
        expect(rest).toEqual({ name: rest.name, unfit: [], tokenizes: true })
        expect(difference, rest.name).toBeLessThan(1e-4)
      }
    })
  },
)
