/**
 * Whole stories of models whose parameters lie in several memories: each holds as little as its largest
 * tensor.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Parameters, ParameterSpec } from '../../src-main/compute/parameters'
import { withoutAdapters } from '../../src-main/model/adapters/adapters'
import { loadModel, loadResume, saveModel, saveResume } from '../../src-main/model/checkpoint'
import { generate } from '../../src-main/model/writing/generation'
import type { LanguageModel, Model } from '../../src-main/model/model'
import { exportModel } from '../../src-main/model/exporting/export-model'
import { pretrain } from '../../src-main/trainers/pretrain'
import { trainSft } from '../../src-main/trainers/sft'
import { pretrainSettings, run, sftSettings, testEngine } from '../trainers/tiny'
import { tinyModel } from './tiny'
import { fixture } from './weights/fixtures'
import { imported } from './weights/spoiled'

const { limit } = vi.hoisted(() => ({ limit: { isLow: true } }))
vi.mock('../../src-main/compute/parameters', async (original) => {
  const real = await original<typeof import('../../src-main/compute/parameters')>()
  const allocate = (spec: ParameterSpec) =>
    limit.isLow
      ? real.allocate(spec, Math.max(0, ...Object.values(spec).map(real.sizeOf)))
      : real.allocate(spec)
  return { ...real, allocate }
})

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'memories-'))
})
afterEach(() => rm(folder, { recursive: true }))

/** The same story told in several memories and in one. */
async function toldTwice<T>(story: () => Promise<T>): Promise<readonly [several: T, one: T]> {
  limit.isLow = false
  const one = await story()
  limit.isLow = true
  return [await story(), one]
}

const memoriesOf = (parameters: Parameters) =>
  new Set(Object.keys(parameters.spec).map((name) => parameters.place(name).memory)).size
const all = ({ parameters }: Model) =>
  Object.fromEntries(Object.keys(parameters.spec).map((name) => [name, [...parameters.view(name)]]))
const texts = Array.from({ length: 20 }, (_, start) => ({
  prompt: '',
  completion: 'abcdefgh'.slice(start % 4, 4 + (start % 4)),
}))
const answers = Array.from({ length: 20 }, (_, row) => ({
  prompt: 'ac'[row % 2] as string,
  completion: 'bd'[row % 2] as string,
}))
const greedy = { temperature: 0, topK: 0, topP: 1, maxTokens: 6, seed: 1 } as const

describe('a model in several memories', () => {
  it('is pretrained, stored and resumed from its files to the byte as one in one memory', async () => {
    const [several, one] = await toldTwice(async () => {
      const settings = pretrainSettings({ updates: 5 })
      const [model, resume] = [join(folder, 'a.safetensors'), join(folder, 'a.resume')]
      const stopped = await run(pretrain(testEngine(), texts, settings), 3)
      await saveModel(model, stopped.last.model, {})
      await saveResume(resume, stopped.last.resume)
      const from = { model: (await loadModel(model)).model, resume: await loadResume(resume) }
      const memories = memoriesOf(from.model.parameters)
      const resumed = await run(pretrain(testEngine(), texts, settings, from))
      return {
        memories,
        files: [await readFile(model), await readFile(resume)],
        weights: all(resumed.last.model),
        resume: resumed.last.resume,
      }
    })
    expect(one.memories).toBe(1)
    expect(several.memories).toBeGreaterThan(2)
    expect(several.files).toEqual(one.files)
    expect(several.weights).toEqual(one.weights)
    expect(several.resume).toEqual(one.resume)
  })

  it('is the base of an adapter, which is trained, stored, loaded and written with as in one memory', async () => {
    const [several, one] = await toldTwice(async () => {
      const [base, adapter] = [join(folder, 'base.safetensors'), join(folder, 'adapter.safetensors')]
      await saveModel(base, tinyModel(), {})
      const start = (await loadModel(base)).model as LanguageModel
      const { last } = await run(
        trainSft(
          testEngine(),
          start,
          answers,
          sftSettings({ adapter: 'lora', loraRank: 2, loraTargets: 'all', epochs: 2 }),
        ),
      )
      await saveModel(adapter, last.model, {})
      const loaded = (await loadModel(adapter)).model as LanguageModel
      const written = await generate(testEngine(), loaded, ['a', 'c'], greedy)
      return {
        weights: all(loaded),
        plain: all(withoutAdapters(loaded)),
        before: all(start),
        written: written.map(({ text }) => text),
      }
    })
    expect(several).toEqual(one)
    expect(several.plain).toEqual(several.before)
  })

  it.each(['gpt2', 'llama', 'smol.f16.gguf'])(
    'is imported, and exported for Hugging Face, as one in one memory: %s',
    async (name) => {
      const [several, one] = await toldTwice(async () => {
        const { model } = await imported(fixture(name))
        const { folder: target } = await exportModel(model, {
          format: 'hugging-face',
          parent: folder,
          name: limit.isLow ? 'several' : 'one',
          licence: '',
          lineage: {},
        })
        return {
          memories: memoriesOf(model.parameters),
          weights: all(model),
          file: await readFile(join(target, 'model.safetensors')),
        }
      })
      expect(several.memories).toBeGreaterThan(one.memories)
      expect(several.weights).toEqual(one.weights)
      expect(several.file.equals(one.file)).toBe(true)
    },
  )
})
