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
import { logitsOf } from '../model/weights/logits'
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

const going = new AbortController().signal

/** Without its chat template, which llama.cpp does not lay on by itself. */
async function plainModelAt(path: string): Promise<LanguageModel> {
  const { model } = await importModel(path, going)
  if (model.kind === 'reward-model') throw new Error('these are language models')
  return { ...model, tokenizer: tokenizerOf({ ...model.tokenizer.definition, prompts: 'plain' }) }
}

const readPlain = (name: string): Promise<LanguageModel> => plainModelAt(fixture(name))

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

type Numbers = 'F32' | 'F16' | 'Q8_0' | 'Q4_0'

async function written(name: string, model: LanguageModel, numbers: Numbers): Promise<string> {
  const wish = {
    format: 'gguf',
    numbers,
    parent,
    name: `${name} ${numbers}`,
    licence: '',
    lineage: {},
  } as const
  const { folder, files } = await exportModel(model, wish)
  return join(
    folder,
    files.find((file) => file.endsWith('.gguf'))!,
  )
}

interface Said {
  readonly file: string
  /** Ids of the prompt, and those that come after it. */
  readonly read: readonly number[]
  readonly written: readonly number[]
  /** Ids of the texts. */
  readonly encoded: readonly (readonly number[])[]
}

/** What the studio says that has read the file. */
async function saidHere(file: string, model: LanguageModel): Promise<Said> {
  const [completion] = await generate(engine, model, [prompt], greedy)
  const { ids, promptTokens } = completion!
  return {
    file,
    written: [...ids.subarray(promptTokens)],
    read: [...ids.subarray(0, promptTokens)],
    encoded: texts.map((text) => [...model.tokenizer.encodeFirst(text)]),
  }
}

/**
 * By how much the studio's logit of what it writes is above that of what llama.cpp writes, where they part, over
 * the deviation of all logits there; 0 where they write the same.
 */
async function gap(model: LanguageModel, here: Said, there: Said): Promise<number> {
  const at = here.written.findIndex((id, i) => id !== there.written[i])
  if (at < 0) return 0
  const ids = [...here.read, ...here.written.slice(0, at)]
  const logits = (await logitsOf(engine, model.config, model.parameters, [ids])).slice(
    -model.config.vocabulary,
  )
  const mean = logits.reduce((sum, each) => sum + each, 0) / logits.length
  const deviation = Math.sqrt(logits.reduce((sum, each) => sum + (each - mean) ** 2, 0) / logits.length)
  return (logits[here.written[at]!]! - logits[there.written[at]!]!) / deviation
}

function saidThere(files: readonly string[], list: string): readonly Said[] {
  const answer = execFileSync(
    process.execPath,
    [join(import.meta.dirname, 'in-llama.mjs'), llamaFolder!, list],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const found = answer
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Said)
  expect(found.map(({ file }) => file)).toEqual(files)
  return found
}

/**
 * llama.cpp multiplies weights of few bits by activations of 8: where two tokens are about as likely it may take the
 * other one.
 */
const most: Readonly<Record<Numbers, number>> = { F32: 0, F16: 0, Q8_0: 0.05, Q4_0: 0.05 }

describe.skipIf(whyNoLlama !== undefined)(`GGUF files, in llama.cpp${skipped(whyNoLlama)}`, () => {
  it(
    'cut texts and write greedily as in the studio, in 32 bits and in fewer',
    { timeout: 300_000 },
    async () => {
      const here: { readonly numbers: Numbers; readonly model: LanguageModel; readonly said: Said }[] = []
      for (const [name, make] of Object.entries(models)) {
        const model = await make()
        for (const numbers of ['F32', 'F16', 'Q8_0', 'Q4_0'] as const) {
          const file = await written(name, model, numbers)
          const read = await plainModelAt(file)
          here.push({ numbers, model: read, said: await saidHere(file, read) })
        }
      }
      const list = join(parent, 'asked.json')
      const files = here.map(({ said }) => said.file)
      await writeFile(list, JSON.stringify(files.map((file) => ({ file, texts, prompt, tokens: 12 }))))
      const there = saidThere(files, list)
      for (const [i, { numbers, model, said }] of here.entries()) {
        const { written: _, ...cut } = said
        expect(there[i]).toMatchObject(cut)
        expect(await gap(model, said, there[i]!), said.file).toBeLessThanOrEqual(most[numbers])
      }
    },
  )
})
