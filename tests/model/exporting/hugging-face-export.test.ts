import { listed } from '../../../src-shared/words'
import { architectures } from '../../../src-main/model/architectures/architectures'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AutoTokenizer, env } from '@huggingface/transformers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { compiledEngine } from '../../../src-main/compute/cpu/compile'
import { seeded } from '../../../src-main/maths/random'
import { createRewardModel } from '../../../src-main/model/heads'
import { createLanguageModel } from '../../../src-main/model/language-model'
import type { LlamaConfig } from '../../../src-main/model/architectures/llama-parameters'
import type { Tokenizer } from '../../../src-main/model/model'
import { byteTokenizer } from '../../../src-main/model/tokenizers/byte'
import { trainCharacterTokenizer } from '../../../src-main/model/tokenizers/character'
import { gpt2Tokenizer } from '../../../src-main/model/tokenizers/gpt2'
import { trainBpeTokenizer } from '../../../src-main/model/tokenizers/train-bpe'
import { exportModel, type ExportWish } from '../../../src-main/model/exporting/export-model'
import { importModel } from '../../../src-main/model/importing/import-model'
import { tinyConfig, tinyModel } from '../tiny'
import { fixture } from '../weights/fixtures'
import { largestDifference } from '../weights/logits'
import { decodeSafetensors } from '../weights/memory-file'
import { scoreTexts } from '../weights/scores'
import { llamaConfig } from '../weights/wide'

let parent: string
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'export-'))
})
afterEach(() => rm(parent, { recursive: true }))

const wish = (change: Partial<ExportWish> = {}): ExportWish => ({
  format: 'hugging-face',
  parent,
  name: 'Tiny model',
  licence: 'mit',
  lineage: { run: 'A run', data: 'Some\ntexts' },
  ...change,
})
const going = new AbortController().signal
const jsonIn = async (folder: string, file: string): Promise<Record<string, unknown>> =>
  JSON.parse(await readFile(join(folder, file), 'utf8')) as Record<string, unknown>

describe('an exported Hugging Face folder', () => {
  it.each(['F16', 'BF16'] as const)('holds its numbers in %s when asked to, and says so', async (numbers) => {
    const { model } = await importModel(fixture('llama'), going)
    const { folder, bytes } = await exportModel(model, wish({ numbers }))
    const whole = await exportModel(model, wish({ name: 'Whole' }))
    expect(bytes).toBeLessThan(0.6 * whole.bytes)
    expect((await jsonIn(folder, 'config.json'))['dtype']).toBe(numbers === 'F16' ? 'float16' : 'bfloat16')
    const { model: again } = await importModel(folder, going)
    for (const tensor of Object.keys(model.parameters.spec)) {
      const [wanted, found] = [model.parameters.view(tensor), again.parameters.view(tensor)]
      const most = Math.max(...wanted.map(Math.abs))
      const step = numbers === 'F16' ? 2 ** -11 : 2 ** -8
      wanted.forEach((value, i) => expect(Math.abs(found[i]! - value)).toBeLessThanOrEqual(most * step))
    }
  })

  it.each(['gpt2', 'llama', 'qwen2', 'smol'])(
    'is what Hugging Face’s library itself wrote: %s',
    async (name) => {
      const { model } = await importModel(fixture(name), going)
      const { folder } = await exportModel(model, wish())
      const theirs = new Map(
        (
          await Promise.all(
            (await readdir(fixture(name)))
              .filter((file) => /^model.*\.safetensors$/.test(file))
              .map(async (file) => [
                ...(await decodeSafetensors(await readFile(join(fixture(name), file)))).tensors,
              ]),
          )
        ).flat(),
      )
      const { tensors, metadata } = await decodeSafetensors(await readFile(join(folder, 'model.safetensors')))
      expect(metadata).toEqual({ format: 'pt' })
      expect([...tensors.keys()].sort()).toEqual([...theirs.keys()].sort())
      for (const [tensor, held] of tensors)
        expect({ tensor, ...held }).toEqual({ tensor, ...theirs.get(tensor) })

      const config = await jsonIn(folder, 'config.json')
      const original = await jsonIn(fixture(name), 'config.json')
      for (const field of Object.keys(config).filter(
        (field) => field in original && !/dropout|pdrop|dtype|head_dim/.test(field),
      ))
        expect({ [field]: config[field] }).toEqual({ [field]: original[field] })
      expect(Object.keys(config)).toEqual(
        expect.arrayContaining([
          'model_type',
          'architectures',
          'vocab_size',
          'tie_word_embeddings',
          'bos_token_id',
          'eos_token_id',
        ]),
      )
      expect(await jsonIn(folder, 'tokenizer.json')).toEqual(await jsonIn(fixture(name), 'tokenizer.json'))
    },
  )

  it('is imported again as the model it was', async () => {
    const model = tinyModel()
    const { folder, files, bytes } = await exportModel(model, wish())
    expect(folder).toBe(join(parent, 'Tiny-model'))
    expect(files).toEqual([
      'README.md',
      'config.json',
      'generation_config.json',
      'model.safetensors',
      'tokenizer.json',
      'tokenizer_config.json',
    ])
    expect(bytes).toBeGreaterThan(model.parameters.count * 4)
    const again = await importModel(folder, going)
    expect(again.licence).toBe('mit')
    expect(again.model.config).toEqual(model.config)
    expect(again.model.parameters.flat).toEqual(model.parameters.flat)
    const text = 'bad cab.'
    expect(again.model.tokenizer.encode(text)).toEqual(model.tokenizer.encode(text))
    expect(again.model.tokenizer.encodeFirst(text)).toEqual(model.tokenizer.encodeFirst(text))
    expect([again.model.tokenizer.beginToken, again.model.tokenizer.endToken]).toEqual([
      model.tokenizer.beginToken,
      model.tokenizer.endToken,
    ])
  })

  it('says what it is and where it comes from', async () => {
    const { folder } = await exportModel(tinyModel(), wish())
    expect(await readFile(join(folder, 'README.md'), 'utf8')).toBe(`---
library_name: transformers
license: mit
---
# Tiny model

- Language model, gpt, ${tinyModel().parameters.count.toLocaleString('en')} parameters, 20 tokens of context
- Tokenizer: 10 characters
- run: A run
- data: Some texts

Written by RLHF Studio.
`)
  })

  it.each<[string, () => Tokenizer]>([
    ['characters', () => trainCharacterTokenizer(['The cat 🙂 sat.\n"é" 0123456789'])],
    ['bytes', () => byteTokenizer],
    [
      'learned BPE',
      () =>
        trainBpeTokenizer(['the cat sat on the mat, the cat sat', "don't  stop\n\n12345 🙂"], {
          vocabulary: 280,
        }),
    ],
    ['GPT-2’s BPE', gpt2Tokenizer],
  ])('has a tokenizer that other programs read alike: %s', async (_, tokenizerOf) => {
    const tokenizer = tokenizerOf()
    const model = createLanguageModel(
      { ...tinyConfig, vocabulary: tokenizer.vocabulary },
      tokenizer,
      seeded(1),
    )
    const { folder } = await exportModel(model, wish())
    env.allowRemoteModels = false
    env.localModelPath = parent
    const theirs = await AutoTokenizer.from_pretrained('Tiny-model')
    const ours = (await importModel(folder, going)).model.tokenizer
    for (const text of ['The cat sat.', '"é" 12 🙂', 'T', '']) {
      const known = [...text].filter((character) => tokenizer.knows(character)).join('')
      expect([...theirs.encode(known)]).toEqual([...tokenizer.encodeFirst(known)])
      expect(ours.encode(known)).toEqual(tokenizer.encode(known))
      if (known !== '')
        expect(
          theirs.decode([...tokenizer.encode(known)], {
            skip_special_tokens: true,
            clean_up_tokenization_spaces: false,
          }),
        ).toBe(known)
      expect(ours.decode(tokenizer.encode(known))).toBe(known)
    }
  })

  const llama: LlamaConfig = { ...llamaConfig, hasBiases: false }

  it('keeps the settings of rotary positions', async () => {
    for (const ropeScaling of [{ type: 'none' }, { type: 'linear', factor: 3 }, llama.ropeScaling] as const) {
      const { folder } = await exportModel(
        createLanguageModel({ ...llama, ropeScaling }, byteTokenizer, seeded(1)),
        wish({ name: ropeScaling.type }),
      )
      expect((await importModel(folder, going)).model.config).toEqual({ ...llama, ropeScaling })
    }
  })

  it('of a reward model scores as it did: its bias goes into the last norm', async () => {
    const reward = createRewardModel(tinyModel(), seeded(2))
    reward.parameters.view('score.bias')[0] = 1.5
    const { folder } = await exportModel(reward, wish())
    expect(await jsonIn(folder, 'config.json')).toMatchObject({
      architectures: ['GPT2ForSequenceClassification'],
      num_labels: 1,
    })
    const stored = (await decodeSafetensors(await readFile(join(folder, 'model.safetensors')))).tensors
    expect(stored.get('score.weight')!.shape).toEqual([1, 16])
    expect(stored.has('score.bias')).toBe(false)

    const { model } = await importModel(folder, going)
    expect(model.kind).toBe('reward-model')
    expect(model.parameters.view('score.bias')[0]).toBe(0)
    const engine = compiledEngine({ threads: 1 })
    try {
      const texts = ['bad', 'a cab.', 'a'].map((text) => [...reward.tokenizer.encodeFirst(text)])
      expect(
        largestDifference(await scoreTexts(engine, model, texts), await scoreTexts(engine, reward, texts)),
      ).toBeLessThan(1e-5)
    } finally {
      engine.dispose()
    }
  })

  it('of a Llama that scores says what is added to every score', async () => {
    const reward = createRewardModel(createLanguageModel(llama, byteTokenizer, seeded(1)), seeded(2))
    reward.parameters.view('score.bias')[0] = 0.25
    const { folder } = await exportModel(reward, wish())
    expect(await jsonIn(folder, 'config.json')).toMatchObject({
      architectures: ['LlamaForSequenceClassification'],
      score_offset: 0.25,
    })
    const { model } = await importModel(folder, going)
    // a row of its own for the pad token
    expect(model.config).toEqual({ ...llama, vocabulary: llama.vocabulary + 1, isTied: true })
    expect(model.parameters.view('score.bias')[0]).toBe(0.25)
    expect(model.parameters.view('score.weight')).toEqual(reward.parameters.view('score.weight'))
  })
})

describe('exporting a model', () => {
  it('never writes over anything', async () => {
    await mkdir(join(parent, 'Tiny-model'))
    await writeFile(join(parent, 'Tiny-model/mine.txt'), 'mine')
    await expect(exportModel(tinyModel(), wish())).rejects.toThrow(
      'Tiny-model is there already, and nothing was written',
    )
    expect(await readdir(parent, { recursive: true })).toEqual(['Tiny-model', join('Tiny-model', 'mine.txt')])
  })

  it.each([
    ['../../etc/x', 'etc-x'],
    ['A "name": of, a/run?', 'A-name-of-a-run'],
    ['...', 'model'],
    ['', 'model'],
    ['日本 語', '日本-語'],
    ['PPO, update 12', 'PPO-update-12'],
  ])('calls the folder of %j "%s"', async (name, folder) => {
    expect((await exportModel(tinyModel(), wish({ name }))).folder).toBe(join(parent, folder))
  })

  it('leaves nothing when it cannot be finished', async () => {
    const model = tinyModel()
    const broken = {
      ...model,
      parameters: {
        ...model.parameters,
        view: (name: string) => {
          if (name.includes('h.1')) throw new Error('the device is gone')
          return model.parameters.view(name)
        },
      },
    }
    await expect(exportModel(broken, wish())).rejects.toThrow('the device is gone')
    expect(await readdir(parent)).toEqual([])
  })

  it('refuses what a form cannot hold', async () => {
    const reward = createRewardModel(tinyModel(), seeded(1))
    await expect(exportModel(reward, wish({ format: 'onnx' }))).rejects.toThrow(
      'format holds language models only',
    )
    await expect(exportModel(tinyModel(), wish({ format: 'peft' }))).rejects.toThrow(
      'format holds an adapter alone, and this model has none',
    )
    const palm = createLanguageModel(
      {
        ...{ architecture: 'palm', layers: 1, width: 8, contextTokens: 10, vocabulary: 257, innerWidth: 16 },
        ...{ heads: 2, headWidth: 4, xposBase: 512, hasNormedQueries: false, isTied: true },
      },
      byteTokenizer,
      seeded(1),
    )
    const known = Object.values(architectures)
      .filter(({ huggingFace }) => huggingFace)
      .map(({ title }) => title)
    await expect(exportModel(palm, wish())).rejects.toThrow(
      `format cannot hold a palm: only ${listed(known, 'and')} are known to other programs`,
    )
    expect(await readdir(parent)).toEqual([])
  })
})
