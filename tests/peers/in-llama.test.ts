/** What the studio writes as GGUF, in llama.cpp: each family that it knows cuts texts alike and writes the same. */
import { execFileSync } from 'node:child_process'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { compiledEngine } from '../../src-main/compute/cpu/compile'
import { fillNormal, seeded } from '../../src-main/maths/random'
import { exportModel } from '../../src-main/model/exporting/export-model'
import { importModel } from '../../src-main/model/importing/import-model'
import { createLanguageModel } from '../../src-main/model/language-model'
import type { LanguageModel } from '../../src-main/model/model'
import { tokenizerOf } from '../../src-main/model/tokenizers/definitions'
import { trainBpeTokenizer } from '../../src-main/model/tokenizers/train-bpe'
import { generate } from '../../src-main/model/writing/generation'
import { skipped } from '../helpers/skipping'
import { fixture } from '../model/weights/fixtures'
import { llamaFolder, whyNoLlama } from './peers'

const greedy = { temperature: 0, topK: 0, topP: 1, maxTokens: 12, seed: 1 }
const prompt = 'The cat sat'
const texts = ['The cat sat on the mat.', 'She sells sea shells; 1234 shells in all.', "  It's\n\n 25  x"]
/** What llama.cpp has no network for, and what its network of the name computes otherwise. */
const unknown = [
  'gemma3',
  'gpt-neo',
  'longrope-long',
  'longrope-short',
  'mistral-window',
  'opt',
  'yarn-untruncated',
]
const families = (await readdir(fixture('families'))).filter((name) => !unknown.includes(name))

/** Without its chat template, which llama.cpp does not lay on by itself. */
async function readPlain(name: string): Promise<LanguageModel> {
  const { model } = await importModel(fixture(name), new AbortController().signal)
  if (model.kind === 'reward-model') throw new Error('the fixtures are language models')
  return { ...model, tokenizer: tokenizerOf({ ...model.tokenizer.definition, prompts: 'plain' }) }
}

/** Gemma 3 with the blocks that llama.cpp takes it to have: five with a window, then one without. */
async function gemma3(): Promise<LanguageModel> {
  const { config, tokenizer } = await readPlain('families/gemma3')
  if (config.architecture !== 'decoder') throw new Error('Gemma is a decoder')
  const layers = Array.from(
    { length: 6 },
    (_, layer) => (layer === 5 ? 'full' : 'window') as 'full' | 'window',
  )
  const model = createLanguageModel(
    { ...config, layers: 6, design: { ...config.design, layers } },
    tokenizer,
    seeded(4),
  )
  for (const [name, shape] of Object.entries(model.parameters.spec))
    if (shape.length > 1) fillNormal(model.parameters.view(name), 0.2, seeded(name))
  return model
}

/** Made in the studio, with a vocabulary of its own. */
function ownModel(): LanguageModel {
  const tokenizer = trainBpeTokenizer(texts, { vocabulary: 290 })
  const config = { architecture: 'gpt', layers: 2, heads: 2, width: 32, contextTokens: 48 } as const
  return createLanguageModel(
    { ...config, vocabulary: tokenizer.vocabulary, isTied: true },
    tokenizer,
    seeded(2),
  )
}

const models: Readonly<Record<string, () => LanguageModel | Promise<LanguageModel>>> = {
  ...Object.fromEntries(families.map((name) => [name, () => readPlain(`families/${name}`)])),
  ...Object.fromEntries(
    ['llama', 'qwen2', 'smol', 'gpt2', 'neox'].map((name) => [name, () => readPlain(name)]),
  ),
  gemma3,
  own: ownModel,
}

const engine = compiledEngine({ threads: 1 })
const parent = await mkdtemp(join(tmpdir(), 'gguf-'))
afterAll(async () => {
  engine.dispose()
  await rm(parent, { recursive: true })
})

async function asked(name: string, model: LanguageModel, numbers: 'F32' | 'F16') {
  const wish = {
    format: 'gguf',
    numbers,
    parent,
    name: `${name} ${numbers}`,
    licence: '',
    lineage: {},
  } as const
  const { folder, files } = await exportModel(model, wish)
  return {
    file: join(
      folder,
      files.find((file) => file.endsWith('.gguf'))!,
    ),
    texts,
    prompt,
    tokens: 12,
  }
}

describe.skipIf(whyNoLlama !== undefined)(`GGUF files, in llama.cpp${skipped(whyNoLlama)}`, () => {
  it(
    'cut texts and write greedily as in the studio, in 32 and in 16 bits',
    { timeout: 300_000 },
    async () => {
      const questions = []
      const wanted: Record<string, object> = {}
      for (const [name, make] of Object.entries(models)) {
        const model = await make()
        const [{ ids, promptTokens } = { ids: new Int32Array(), promptTokens: 0 }] = await generate(
          engine,
          model,
          [prompt],
          greedy,
        )
        for (const numbers of ['F32', 'F16'] as const) {
          const question = await asked(name, model, numbers)
          questions.push(question)
          wanted[question.file] = {
            file: question.file,
            written: [...ids.subarray(promptTokens)],
            read: [...ids.subarray(0, promptTokens)],
            encoded: texts.map((text) => [...model.tokenizer.encodeFirst(text)]),
          }
        }
      }
      const list = join(parent, 'asked.json')
      await writeFile(list, JSON.stringify(questions))
      const answer = execFileSync(
        process.execPath,
        [join(import.meta.dirname, 'in-llama.mjs'), llamaFolder!, list],
        { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] },
      )
      const found = answer
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { readonly file: string })
      expect(found).toHaveLength(2 * Object.keys(models).length)
      for (const each of found) expect(each).toEqual(wanted[each.file])
    },
  )
})
