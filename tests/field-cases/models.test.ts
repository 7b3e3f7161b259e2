/** Models as people have them, by the number of the case: what they write says how their files were read. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { compiledEngine } from '../../src-main/compute/cpu/compile'
import { exportModel } from '../../src-main/model/exporting/export-model'
import { saveModel } from '../../src-main/model/checkpoint'
import type { LanguageModel } from '../../src-main/model/model'
import { generate } from '../../src-main/model/writing/generation'
import { imported } from '../model/weights/spoiled'
import { end, llamaTensors, writeGpt2, writeLlama, writeSavedHead } from './table-models'

const engine = compiledEngine({ threads: 1 })
const parent = await mkdtemp(join(tmpdir(), 'field-cases-'))
afterAll(async () => {
  engine.dispose()
  await rm(parent, { recursive: true })
})

async function readModel(path: string, base?: string): Promise<LanguageModel> {
  const { model } = await imported(path, base)
  if (model.kind === 'reward-model') throw new Error('these are language models')
  return model
}

/** `sample … --temperature 0 --max-tokens 40` */
async function written(model: LanguageModel, prompt = 'Egg?') {
  const rule = { temperature: 0, topK: 0, topP: 1, maxTokens: 40, seed: 7 }
  const [{ text, completionTokens, hasEnded } = {}] = await generate(engine, model, [prompt], rule)
  return { text, tokens: completionTokens, hasEnded }
}

const variants = JSON.parse(
  await readFile(join(import.meta.dirname, '../fixtures/field-cases/35-config-variants.json'), 'utf8'),
) as Record<string, Record<string, unknown>>
const names = { eos_token: undefined, pad_token: undefined }

describe('case 25: a text ends', () => {
  it('a: by every end that config.json and generation_config.json list', async () => {
    const path = await writeLlama(join(parent, '25a'), {
      says: { '*': 'a', a: '<|endoftext|>' },
      config: { eos_token_id: [2, 0] },
      more: { 'generation_config.json': { bos_token_id: 0, eos_token_id: [2, 0], pad_token_id: 0 } },
    })
    expect(await written(await readModel(path))).toEqual({ text: 'a', tokens: 1, hasEnded: true })
  })

  it.each([
    [
      'special_tokens_map.json',
      { 'special_tokens_map.json': { eos_token: end, pad_token: '<|endoftext|>' } },
    ],
    ['config.json', {}],
  ])('c: by the end that %s alone names', async (file, more) => {
    const says = { '*': 'a', a: end }
    const path = await writeLlama(join(parent, `25c-${file}`), { says, names, more })
    expect(await written(await readModel(path))).toEqual({ text: 'a', tokens: 1, hasEnded: true })
  })
})

describe('case 34: a head of its own beside tied embeddings', () => {
  it('is used', async () => {
    const path = await writeLlama(join(parent, '34'), { config: { tie_word_embeddings: true } })
    expect(await written(await readModel(path))).toEqual({ text: 'y', tokens: 1, hasEnded: true })
  })
})

describe('case 35: variants of a Llama', () => {
  it.each(Object.entries(variants))('%s is followed', async (name, config) => {
    const biases = config['attention_bias'] === true ? ['q', 'k', 'v', 'o'] : []
    const path = await writeLlama(join(parent, `35-${name}`), {
      config,
      tensors: llamaTensors({ '*': 'y', y: end }, biases),
    })
    expect(await written(await readModel(path))).toEqual({ text: 'y', tokens: 1, hasEnded: true })
  })

  it.each(['_orig_mod.', 'module.'])('names that begin with %s are read without', async (prefix) => {
    const named = Object.entries(llamaTensors({ '*': 'y', y: end })).map(([name, held]) => [
      prefix + name,
      held,
    ])
    const path = await writeLlama(join(parent, prefix), { tensors: Object.fromEntries(named) })
    expect(await written(await readModel(path))).toEqual({ text: 'y', tokens: 1, hasEnded: true })
  })
})

describe('case 36: a head that is saved with an adapter', () => {
  it('is what writes', async () => {
    const says = { '*': 'y', y: end, n: end }
    const plain = await readModel(await writeLlama(join(parent, 'plain'), { says }))
    expect(await written(plain)).toMatchObject({ text: 'y' })
    const base = join(parent, 'plain.safetensors')
    await saveModel(base, plain, {})
    const file = join(import.meta.dirname, '../fixtures/field-cases/36-adapter_config.json')
    const config = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>
    const path = await writeSavedHead(join(parent, '36'), config, { '*': 'n', y: end, n: end })
    expect(await written(await readModel(path, base))).toEqual({ text: 'n', tokens: 1, hasEnded: true })
  })
})

describe('case 38: a tokenizer that adds no begin token', () => {
  it('a: has none put before a text, here and in what goes out', async () => {
    const model = await readModel(await writeGpt2(join(parent, '38a')))
    expect(await written(model, 'E')).toEqual({ text: 'ab', tokens: 2, hasEnded: true })
    const wish = { format: 'hugging-face', parent, name: 'out', licence: '', lineage: {} } as const
    const { folder } = await exportModel(model, wish)
    const read = JSON.parse(await readFile(join(folder, 'tokenizer.json'), 'utf8')) as object
    expect(read).toMatchObject({ post_processor: null })
    expect(await written(await readModel(folder), 'E')).toMatchObject({ text: 'ab' })
  })
})

describe('case 39: out', () => {
  it.each([
    ['gguf', 'BF16'],
    ['hugging-face', 'BF16'],
  ] as const)('as %s in %s, and in again, it writes the same', async (format, numbers) => {
    const model = await readModel(await writeLlama(join(parent, `39-${format}`), {}))
    const { folder } = await exportModel(model, {
      format,
      numbers,
      parent,
      name: `39 ${format} out`,
      licence: '',
      lineage: {},
    })
    expect(await written(await readModel(folder))).toEqual({ text: 'y', tokens: 1, hasEnded: true })
  })
})
