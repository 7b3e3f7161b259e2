import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { WeightFormat } from '../../src-shared/records/sample'
import { compiledEngine } from '../../src-main/compute/cpu/compile'
import { eagerEngine } from '../../src-main/compute/tensorflow/eager'
import type { Engine } from '../../src-main/compute/engine'
import { allocate } from '../../src-main/compute/parameters'
import { seeded } from '../../src-main/maths/random'
import { adapterSpec, initialiseAdapter, withAdapters } from '../../src-main/model/adapters/adapters'
import { loadModel } from '../../src-main/model/checkpoint'
import { openTextWriter, type Sampling } from '../../src-main/model/writing/generation'
import { tokenLogProbs } from '../../src-main/model/language-model'
import type { Adapter, LanguageModel, ModelConfig } from '../../src-main/model/model'
import { weight } from '../../src-main/model/network'
import { importModel } from '../../src-main/model/importing/import-model'
import { architectures, wideModel } from './architectures'
import { logits } from './tiny'
import { skipped } from '../helpers/skipping'

const root = join(import.meta.dirname, '../..')

function openedEngine(): Engine {
  const engine = compiledEngine({ threads: 2 })
  onTestFinished(() => engine.dispose())
  return engine
}

/** Wide enough for matrices that are worth 8 bits. */
const wide = (config: ModelConfig): ModelConfig =>
  ({
    ...config,
    layers: 2,
    width: 256,
    ...('innerWidth' in config && { innerWidth: 512 }),
    ...('headWidth' in config && { headWidth: 64 }),
  }) as ModelConfig
const networks = architectures
  .filter(([name]) => ['GPT', 'Llama', 'PaLM', 'RWKV-4', 'RWKV-7'].includes(name))
  .map(([name, config]) => [name, wide(config)] as const)

/** `wideModel` with matrices as wide as sixteen times as many inputs ask for. */
function modelOf(config: ModelConfig): LanguageModel {
  const model = wideModel(config)
  for (const [name, shape] of Object.entries(model.parameters.spec))
    if (shape.length === 2)
      model.parameters.view(name).forEach((value, i, all) => {
        all[i] = value / 4
      })
  return model
}

/** exp of the mean −log π(token | those before it), over as many texts of so many tokens as there are. */
async function perplexities(
  engine: Engine,
  { config, parameters }: LanguageModel,
  ids: Int32Array,
  tokens: number,
): Promise<Record<WeightFormat, number>> {
  const program = engine.program((weights, batch) => ({
    logProbs: tokenLogProbs(config, weights, weight(batch, 'ids')),
  }))
  const perplexity = async (format: WeightFormat): Promise<number> => {
    const frozen = program.freeze(parameters, format)
    const read: number[] = []
    for (let start = 0; start + tokens < ids.length; start += tokens) {
      const { logProbs } = await frozen.run({
        ids: { shape: [1, tokens + 1], data: ids.slice(start, start + tokens + 1) },
      })
      read.push(...logProbs!.data)
    }
    frozen.dispose()
    return Math.exp(-read.reduce((sum, each) => sum + each, 0) / read.length)
  }
  return { 'as-they-are': await perplexity('as-they-are'), '8-bit': await perplexity('8-bit') }
}

describe('a model in 8 bits', () => {
  it.each(networks)('says nearly what it says with all digits: %s', async (_, config) => {
    const engine = openedEngine()
    const model = modelOf(config)
    const program = engine.program((weights, batch) => ({
      logits: logits(config, weights, weight(batch, 'ids')),
    }))
    const ids = {
      shape: [2, 12],
      data: Int32Array.from({ length: 24 }, (_, i) => (i * 7) % config.vocabulary),
    }
    const [plain, inBits] = [program.freeze(model.parameters), program.freeze(model.parameters, '8-bit')]
    const expected = (await plain.run({ ids }))['logits']!.data
    const actual = (await inBits.run({ ids }))['logits']!.data
    const size = Math.hypot(...expected)
    const apart = Math.hypot(...expected.map((each, i) => each - actual[i]!))
    expect(apart / size).toBeGreaterThan(0)
    expect(apart / size).toBeLessThan(0.04)
  })

  it('is within 1 % of the bundled checkpoint’s perplexity, on a text it was not trained on', async () => {
    const { model } = await loadModel(join(root, 'resources/checkpoint/pretrained.safetensors'))
    const text = readFileSync(join(root, 'resources/datasets/austen-pride-and-prejudice.txt'), 'utf8')
      .slice(20_000, 26_000)
      .replace(/[^\x20-\x7e]/g, ' ')
    const { config, tokenizer } = model as LanguageModel
    const found = await perplexities(
      openedEngine(),
      model as LanguageModel,
      tokenizer.encodeFirst(text),
      config.contextTokens,
    )
    expect(found['8-bit']).not.toBe(found['as-they-are'])
    expect(Math.abs(found['8-bit'] / found['as-they-are'] - 1)).toBeLessThan(0.01)
  })

  const smolLm = join(root, '.cache/models/SmolLM2-135M-Instruct.Q4_1.gguf')
  const whyNot = existsSync(smolLm)
    ? undefined
    : 'SmolLM2-135M-Instruct is not here; npm run fixtures:smollm fetches it'
  it.skipIf(whyNot !== undefined)(
    `is within 1 % of SmolLM2-135M-Instruct’s perplexity${skipped(whyNot)}`,
    { timeout: 300_000 },
    async () => {
      const { model } = await importModel(smolLm, new AbortController().signal)
      const text = readFileSync(join(root, 'resources/datasets/moby-dick.txt'), 'utf8').slice(20_000, 24_000)
      const found = await perplexities(
        openedEngine(),
        model as LanguageModel,
        (model as LanguageModel).tokenizer.encodeFirst(text),
        256,
      )
      expect(Math.abs(found['8-bit'] / found['as-they-are'] - 1)).toBeLessThan(0.01)
    },
  )
})

describe('a text writer in 8 bits', () => {
  const sampling: Sampling = { temperature: 1, topK: 0, topP: 1, maxTokens: 20, seed: 7 }
  const prompts = Array.from({ length: 16 }, (_, i) => ['', 'ab', 'cafe bad.'][i % 3]!)
  const written = async (
    engine: Engine,
    model: LanguageModel,
    format?: WeightFormat,
  ): Promise<readonly string[]> => {
    const writer = openTextWriter(engine, model, format)
    try {
      return (await writer.generate(prompts, sampling)).map(({ text }) => text)
    } finally {
      writer.dispose()
    }
  }

  it.each(networks.slice(0, 2))(
    'writes the same each time, now and then another word than with all digits, and leaves nothing ' +
      'behind: %s',
    async (_, config) => {
      const engine = openedEngine()
      const model = wideModel(config)
      const before = engine.memory()
      const texts = await written(engine, model, '8-bit')
      expect(await written(engine, model, '8-bit')).toEqual(texts)
      const plain = await written(engine, model)
      expect(texts).not.toEqual(plain)
      // What is drawn first comes from nearly the same distribution.
      expect(texts.filter((text, i) => text[0] === plain[i]![0]).length).toBeGreaterThan(prompts.length / 2)
      expect(engine.memory()).toEqual(before)
    },
  )

  it('streams what it writes at once, of the weights as they were when it was opened', async () => {
    const engine = openedEngine()
    const model = wideModel(networks[0]![1])
    const writer = openTextWriter(engine, model, '8-bit')
    const [completion] = await writer.generate([''], sampling)
    model.parameters.flat.fill(0)
    let text = ''
    for await (const piece of writer.stream('', sampling)) text += piece.text
    expect(text).toBe(completion!.text)
    writer.dispose()
  })

  it('leaves adapters on their projections', async () => {
    const engine = openedEngine()
    const model = wideModel(networks[0]![1])
    const plain = await written(engine, model, '8-bit')
    const adapter: Adapter = {
      name: 'own',
      rank: 2,
      alpha: 2,
      scaling: 'by-rank',
      dropout: 0,
      projections: ['transformer.h.0.attn.c_attn', 'transformer.h.1.mlp.c_fc'],
    }
    const own = allocate(adapterSpec(model.config, adapter))
    initialiseAdapter(own, adapter, seeded(1))
    const adapted = {
      ...model,
      parameters: withAdapters(model.parameters, [adapter], own),
      adapters: [adapter],
    }
    expect(await written(engine, adapted, '8-bit')).toEqual(plain) // its second matrices start at 0
    for (const name of Object.keys(own.spec)) if (name.includes('lora_B')) own.view(name).fill(0.5)
    expect(await written(engine, adapted, '8-bit')).not.toEqual(plain)
  })

  it('is not opened on a device that cannot', () => {
    expect(() => openTextWriter(eagerEngine(), wideModel(networks[0]![1]), '8-bit')).toThrow(
      'Only the compiled CPU writes with 8-bit weights',
    )
  })
})
