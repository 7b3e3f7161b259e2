import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { compiledEngine } from '../../../src-main/compute/cpu/compile'
import { seeded } from '../../../src-main/maths/random'
import { exportModel, type ExportWish } from '../../../src-main/model/exporting/export-model'
import { ggufTokenizer } from '../../../src-main/model/exporting/gguf-tokenizer'
import { tokenizerOfGguf } from '../../../src-main/model/importing/gguf-tokenizer'
import { importModel } from '../../../src-main/model/importing/import-model'
import { createRewardModel } from '../../../src-main/model/heads'
import { tokenizerOf } from '../../../src-main/model/tokenizers/definitions'
import { byteTokenizer } from '../../../src-main/model/tokenizers/byte'
import { readGguf } from '../../../src-main/model/weights/gguf'
import { ggufMetadata } from '../../../src-main/model/weights/gguf-metadata'
import type { GgufFields } from '../../../src-main/model/weights/gguf-writing'
import { loaded, made, texts } from '../tokenizers/fixtures'
import { tinyModel } from '../tiny'
import { logitsOf } from '../weights/logits'
import { expectedOf, fixture } from '../weights/fixtures'
import { memoryFile, numbersOf } from '../weights/memory-file'

let parent: string
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'gguf-'))
})
afterEach(() => rm(parent, { recursive: true }))

const going = new AbortController().signal
const wish = (change: Partial<ExportWish> = {}): ExportWish => ({
  format: 'gguf',
  parent,
  name: 'Tiny',
  licence: 'mit',
  lineage: {},
  ...change,
})

/** What llama.cpp has a network for, and no other of the same name. */
const families = [
  'gemma2',
  'granite',
  'lfm2',
  'linear',
  'llama-biases',
  'minicpm',
  'mistral',
  'olmo2',
  'phi',
  'qwen3',
  'smollm3',
  'stablelm',
  'stablelm-parallel',
  'yarn-mscale',
].map((name) => `families/${name}`)

async function written(name: string, numbers?: ExportWish['numbers']): Promise<string> {
  const { model } = await importModel(fixture(name), going)
  const { folder, files } = await exportModel(model, wish({ name: `${name} ${numbers}`, numbers }))
  return join(
    folder,
    files.find((file) => file.endsWith('.gguf'))!,
  )
}

describe('an exported GGUF file', () => {
  it.each(['qwen2', 'smol'])('is read back as it was: %s', async (name) => {
    const { model } = await importModel(fixture(name), going)
    const again = await importModel(await written(name, 'F32'), going)
    expect(again.licence).toBe('mit')
    expect(again.model.config).toEqual(model.config)
    for (const tensor of Object.keys(model.parameters.spec))
      expect(again.model.parameters.view(tensor), tensor).toEqual(model.parameters.view(tensor))
    const { beginToken, endToken, encode } = model.tokenizer
    expect(again.model.tokenizer).toMatchObject({ beginToken, endToken })
    for (const text of texts().slice(0, 40)) expect(again.model.tokenizer.encode(text)).toEqual(encode(text))
  })

  it.each(['gpt2', 'neox'])('is read back as it was, of another network: %s', async (name) => {
    const { model } = await importModel(fixture(name), going)
    const again = await importModel(await written(name, 'F32'), going)
    expect(again.model.config).toEqual(model.config)
    for (const tensor of Object.keys(model.parameters.spec))
      expect(again.model.parameters.view(tensor), tensor).toEqual(model.parameters.view(tensor))
  })

  it.each(families)('is read again, and says what Hugging Face’s library says, to 1e-4: %s', async (name) => {
    const { model } = await importModel(await written(name, 'F32'), going)
    const { ids, logits } = await expectedOf(`${name}/expected.safetensors`)
    const engine = compiledEngine({ threads: 1 })
    const read = await logitsOf(engine, model.config, model.parameters, ids)
    engine.dispose()
    expect(read.length).toBe(logits.length)
    expect(Math.max(...read.map((value, i) => Math.abs(value - logits[i]!)))).toBeLessThan(1e-4)
    const { tokenizer } = (await importModel(fixture(name), going)).model
    for (const text of texts().slice(0, 20))
      expect(model.tokenizer.encode(text)).toEqual(tokenizer.encode(text))
  })

  it('has matrices in the kind that was asked for, gains in 32 bits, tables of tokens in 8 at least', async () => {
    const kinds = async (numbers?: ExportWish['numbers']): Promise<readonly string[]> => {
      const { tensors, metadata } = await readGguf(memoryFile(await readFile(await written('smol', numbers))))
      expect(metadata.get('general.architecture')).toBe('llama')
      return ['blk.0.attn_q.weight', 'blk.0.attn_norm.weight', 'token_embd.weight'].map(
        (name) => tensors.get(name)!.type,
      )
    }
    expect(await kinds()).toEqual(['F16', 'F32', 'F16'])
    expect(await kinds('Q8_0')).toEqual(['Q8_0', 'F32', 'Q8_0'])
    expect(await kinds('Q4_0')).toEqual(['Q4_0', 'F32', 'Q8_0'])
    expect(await kinds('BF16')).toEqual(['BF16', 'F32', 'BF16'])
  })

  it('in 8 bits has each number to half a step of its block', async () => {
    const plain = await readGguf(memoryFile(await readFile(await written('smol', 'F32'))))
    const eight = await readGguf(memoryFile(await readFile(await written('smol', 'Q8_0'))))
    const name = 'blk.1.ffn_up.weight'
    const [wanted, found] = [
      await numbersOf(plain.tensors.get(name)!),
      await numbersOf(eight.tensors.get(name)!),
    ]
    for (let start = 0; start < wanted.length; start += 32) {
      const step = Math.max(...wanted.slice(start, start + 32).map(Math.abs)) / 127
      for (let i = start; i < start + 32; i++)
        expect(Math.abs(found[i]! - wanted[i]!)).toBeLessThanOrEqual(step * 0.57 + 1e-9)
    }
  })
})

describe('a tokenizer in a GGUF file', () => {
  const values = (fields: GgufFields): Map<string, never> =>
    new Map(Object.entries(fields).map(([name, value]) => [name, Object.values(value)[0] as never]))
  const field = (fields: GgufFields, name: string): unknown =>
    Object.values(fields[`tokenizer.ggml.${name}`] ?? {})[0]

  it.each([
    ['llama3', 'gpt2', 'llama-bpe'],
    ['qwen2', 'gpt2', 'qwen2'],
    ['smollm', 'gpt2', 'smollm'],
    ['llama2', 'llama', 'default'],
  ])('like %s’s is of the kind %s, cuts as %s, and is read back to the same', (name, kind, cut) => {
    const tokenizer = loaded(made(name))
    const fields = ggufTokenizer(tokenizer, tokenizer.vocabulary)
    expect([field(fields, 'model'), field(fields, 'pre')]).toEqual([kind, cut])
    const again = tokenizerOf({
      type: 'hugging-face',
      prompts: 'plain',
      ...tokenizerOfGguf(ggufMetadata(values(fields))),
    })
    for (const text of texts().slice(0, 200))
      expect([...again.encode(text)]).toEqual([...tokenizer.encode(text)])
  })

  it.each([
    ['deepseek-r1-qwen', 'qwen2'],
    ['llama-v3', 'llama-bpe'],
    ['phi-2', 'gpt-2'],
    ['refact', 'smollm'],
    ['dbrx', 'smaug-bpe'],
  ])('is read under another name of the same cut: %s as %s (case 37)', (alias, cut) => {
    const tokenizer = loaded(made('qwen2'))
    const fields = ggufTokenizer(tokenizer, tokenizer.vocabulary)
    const read = (pre: string) =>
      tokenizerOfGguf(ggufMetadata(values({ ...fields, 'tokenizer.ggml.pre': { text: pre } })))
    expect(read(alias)).toEqual(read(cut))
  })

  it('has a name for each row of the embedding, and says where several tokens end a text', () => {
    const fields = ggufTokenizer(byteTokenizer, 260)
    const { endToken } = byteTokenizer
    expect(field(fields, 'tokens')).toHaveLength(260)
    expect((field(fields, 'token_type') as number[]).slice(256)).toEqual([3, 5, 5, 5])
    expect(field(fields, 'eos_token_id')).toBe(endToken)
    const two = ggufTokenizer({ ...byteTokenizer, endTokens: [endToken, 65] }, 257)
    expect([field(two, 'eos_token_id'), field(two, 'eot_token_id')]).toEqual([endToken, 65])
  })
})

describe('GGUF is refused in words', () => {
  it.each([
    ['families/opt', 'cannot hold a opt: llama.cpp knows llama, mistral'],
    ['families/longrope-long', 'cannot hold rotary positions of the kind longrope'],
    ['families/mistral-window', 'cannot hold this model: llama.cpp’s Mistral has no window'],
    ['neox-sequential', 'cannot hold this GPT-NeoX'],
  ])('of %s', async (name, problem) => {
    await expect(written(name)).rejects.toThrow(problem)
  })

  it('of a reward model, of characters, and of numbers that another form holds', async () => {
    await expect(exportModel(createRewardModel(tinyModel(), seeded(1)), wish())).rejects.toThrow(
      'holds language models only',
    )
    await expect(exportModel(tinyModel(), wish())).rejects.toThrow('cannot hold this tokenizer')
    await expect(exportModel(tinyModel(), wish({ format: 'hugging-face', numbers: 'Q8_0' }))).rejects.toThrow(
      'numbers must be F32, BF16 or F16 in the form hugging-face, not Q8_0',
    )
    expect(await readdir(parent)).toEqual([])
  })
})
