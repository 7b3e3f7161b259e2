/**
 * A model that was imported, fine-tuned here and exported writes in transformers what it writes here, token for
 * token: every family, all of it trained or an adapter, merged or on its base, in 32 and in 16 bits, asked for plain
 * text and through a chat template. The models are those of `tests/fixtures/models`.
 */
import { cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { compiledEngine } from '../../src-main/compute/cpu/compile'
import { exportModel, type ExportWish } from '../../src-main/model/exporting/export-model'
import type { LanguageModel } from '../../src-main/model/model'
import { tokenizerOf } from '../../src-main/model/tokenizers/definitions'
import { generate } from '../../src-main/model/writing/generation'
import { trainSft } from '../../src-main/trainers/sft'
import type { Prompt } from '../../src-shared/records/turn'
import { skipped } from '../helpers/skipping'
import { fixture } from '../model/weights/fixtures'
import { imported } from '../model/weights/spoiled'
import { run, sftSettings } from '../trainers/tiny'
import { saidBy, whyNoPython } from './peers'

const names = [
  ...['llama', 'qwen2', 'smol', 'gpt2', 'neox', 'neox-sequential', 'rwkv4'],
  ...(await readdir(fixture('families'))).map((name) => `families/${name}`),
]
const turns = [{ role: 'user', content: 'The cat sat' }] as const
const template =
  "{{ bos_token }}{% for m in messages %}{{ m.role[0] + ':' + m.content }}{% if m.role == 'assistant' %}" +
  "{{ eos_token }}{% endif %}{% endfor %}{% if add_generation_prompt %}{{ 'a:' }}{% endif %}"
const tokens = 12
const greedy = { temperature: 0, topK: 0, topP: 1, maxTokens: tokens, seed: 1 }

/** Real updates on texts that say something else than the model did. */
const lessons = [
  { prompt: { turns: [{ role: 'user', content: 'The dog' }] }, completion: ' barked at the cat' },
  { prompt: 'She sells', completion: ' sea shells' },
  { prompt: { turns: [...turns] }, completion: ' by the sea shore; 12' },
  { prompt: 'the mat', completion: 'ran away!' },
] as const
const settings = { epochs: 8, batchExamples: 2, heldOutFraction: 0, loraTargets: 'all', warmupUpdates: 0 }
const rates = { none: 1e-2, lora: 3e-2 } as const

interface Way {
  readonly adapter: 'none' | 'lora'
  readonly format: ExportWish['format']
  readonly numbers: 'F32' | 'F16' | 'BF16'
}
const ways: readonly Way[] = [
  { adapter: 'none', format: 'hugging-face', numbers: 'F32' },
  { adapter: 'none', format: 'hugging-face', numbers: 'BF16' },
  { adapter: 'lora', format: 'hugging-face', numbers: 'F32' },
  { adapter: 'lora', format: 'hugging-face', numbers: 'F16' },
  { adapter: 'lora', format: 'peft-with-base', numbers: 'F32' },
]
/** transformers has no adapters of RWKV's. */
const hasForm = (name: string, { format }: Way) => !(name === 'rwkv4' && format === 'peft-with-base')

const engine = compiledEngine({ threads: 1 })
const parent = await mkdtemp(join(tmpdir(), 'fine-tuned-'))
afterAll(async () => {
  engine.dispose()
  await rm(parent, { recursive: true })
})

async function languageModelAt(path: string): Promise<LanguageModel> {
  const { model } = await imported(path)
  if (model.kind === 'reward-model') throw new Error('the fixtures are language models')
  return model
}

/** As its folder is, with a chat template beside it. */
async function untrained(name: string): Promise<LanguageModel> {
  const folder = join(parent, 'came', name)
  await cp(fixture(name), folder, { recursive: true })
  await writeFile(join(folder, 'chat_template.jinja'), template)
  return languageModelAt(folder)
}

const plain = (model: LanguageModel): LanguageModel => ({
  ...model,
  tokenizer: tokenizerOf({ ...model.tokenizer.definition, prompts: 'plain' }),
})

async function written(model: LanguageModel, prompt: Prompt): Promise<readonly (readonly number[])[]> {
  const [completion] = await generate(engine, model, [prompt], greedy)
  const { ids, promptTokens } = completion!
  return [[...ids.subarray(0, promptTokens)], [...ids.subarray(promptTokens)]]
}

const said = async (model: LanguageModel) => ({
  plain: await written(plain(model), turns[0].content),
  chat: await written(model, { turns }),
})

/** @returns what is asked of transformers, and what the studio says to it */
async function exported(name: string, trained: LanguageModel, way: Way) {
  const { format, numbers } = way
  const title = `${name.replace('/', ' ')} ${way.adapter} ${format} ${numbers}`
  const { folder } = await exportModel(trained, {
    format,
    numbers,
    parent,
    name: title,
    licence: '',
    lineage: {},
  })
  const isAdapter = format === 'peft-with-base'
  // what 16 bits leave of the numbers is read again
  const model = numbers === 'F32' ? trained : await languageModelAt(folder)
  const question = { name: title, folder, prompt: turns[0].content, turns, tokens }
  return {
    question: isAdapter ? { ...question, base: join(folder, 'base') } : question,
    wanted: { name: title, unfit: [], ...(await said(model)) },
  }
}

describe.skipIf(whyNoPython !== undefined)(
  `what was fine-tuned here writes in transformers what it writes here${skipped(whyNoPython)}`,
  () => {
    it(`${names.length} models, whole and with an adapter`, { timeout: 600_000 }, async () => {
      const all = []
      for (const name of names) {
        const start = await untrained(name)
        const before = await said(start)
        for (const adapter of ['none', 'lora'] as const) {
          const wish = sftSettings({ ...settings, adapter, learningRate: rates[adapter] })
          const { last } = await run(trainSft(engine, start, lessons, wish))
          const trained = last.model as LanguageModel
          expect(await said(trained), `${name}, ${adapter}`).not.toEqual(before)
          for (const way of ways)
            if (way.adapter === adapter && hasForm(name, way)) all.push(await exported(name, trained, way))
        }
      }
      const list = join(parent, 'asked.json')
      await writeFile(list, JSON.stringify(all.map(({ question }) => question)))
      expect(saidBy('greedy.py', list)).toEqual(all.map(({ wanted }) => wanted))
    })
  },
)
