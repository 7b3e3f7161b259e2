/** Every architecture and every format of models is in every table that wants a row of it. */
import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { allocate } from '../../src-main/compute/parameters'
import { seeded } from '../../src-main/maths/random'
import { architectures as rows } from '../../src-main/model/architectures/architectures'
import { networks } from '../../src-main/model/architectures/networks'
import type { NewModelSettings, ProjectionWords } from '../../src-main/model/architectures/architecture'
import { matcher, projectionsOf } from '../../src-main/model/adapters/adapter-targets'
import { adapterSpec, initialiseAdapter, withAdapters } from '../../src-main/model/adapters/adapters'
import { loadModel, saveModel } from '../../src-main/model/checkpoint'
import { writtenFormats } from '../../src-main/model/exporting/formats'
import { readConfig, writtenConfig } from '../../src-main/model/importing/hugging-face-config'
import { readFormats } from '../../src-main/model/importing/formats'
import { importModel } from '../../src-main/model/importing/import-model'
import type { Adapter, LanguageModel } from '../../src-main/model/model'
import { architectureOf, isArchitecture, parseConfig } from '../../src-main/model/model-config'
import { configOf, pretrainProblems } from '../../src-main/model/new-model'
import { initialise, isDecayed, trunkSpec } from '../../src-main/model/trunk-parameters'
import { exportFormats } from '../../src-shared/records/checkpoint'
import { pretrainFields, type PretrainSettings } from '../../src-shared/recipes/pretrain'
import { parseSettings } from '../../src-shared/fields'
import { architectures as small } from './architectures'
import { tinyModel } from './tiny'
import { fixture } from './weights/fixtures'

const names = Object.keys(rows).filter(isArchitecture)

/** The form's settings for a new model of an architecture, two layers of 32 channels. */
function settingsOf(architecture: (typeof names)[number]): PretrainSettings {
  const { settings, problems } = parseSettings(pretrainFields, {
    architecture,
    layers: 2,
    width: 32,
    heads: 2,
  })
  expect(problems).toEqual([])
  return settings
}

/** The model with a new adapter on its first projection. */
function adaptedModel(model: LanguageModel): LanguageModel {
  const projections = projectionsOf(model.config).slice(0, 1)
  const adapter: Adapter = { name: 'sft', rank: 2, alpha: 4, scaling: 'by-rank', dropout: 0, projections }
  const own = allocate(adapterSpec(model.config, adapter))
  const parameters = withAdapters(model.parameters, [adapter], own)
  initialiseAdapter(parameters, adapter, seeded(1))
  return { ...model, parameters, adapters: [adapter] }
}

describe('the tables of architectures', () => {
  it('name the same ones: rows, networks, what pretraining offers, what the tests walk', () => {
    expect(Object.keys(networks)).toEqual(names)
    expect([...pretrainFields.architecture.choices].sort()).toEqual([...names].sort())
    expect([...new Set(small.map(([, { architecture }]) => architecture))].sort()).toEqual([...names].sort())
  })
})

describe.each(names)('the row of %s', (name) => {
  const row = rows[name]
  const settings: NewModelSettings = settingsOf(name)
  const config = configOf(settings, 97)

  it('makes a new model of the form’s settings', () => {
    expect(pretrainProblems(settingsOf(name))).toEqual([])
    expect(config).toMatchObject({ architecture: name, layers: 2, width: 32, vocabulary: 97 })
    const parameters = allocate(trunkSpec(config))
    initialise(parameters, config, seeded(1))
    expect(parameters.flat.every(Number.isFinite)).toBe(true)
  })

  it('reads its configuration back as it was written, and refuses it without any of its fields', () => {
    const written = JSON.parse(JSON.stringify(config)) as Record<string, unknown>
    expect(parseConfig(written)).toEqual(config)
    expect(Object.keys(row.fields).sort()).toEqual(
      Object.keys(config)
        .filter((field) => field !== 'architecture')
        .sort(),
    )
    for (const field of Object.keys(row.fields).filter((field) => !(field in (row.assumed ?? {}))))
      expect(() => parseConfig({ ...written, [field]: undefined })).toThrow(`no proper "${field}"`)
  })

  it('names embeddings and an output matrix that are there', () => {
    const spec = { ...trunkSpec(config), ...trunkSpec(configOf({ ...settings, outputMatrix: 'own' }, 97)) }
    const tables = row.embeddings.filter((table) => Object.hasOwn(spec, table))
    expect(tables.length).toBeGreaterThan(0)
    if (name !== 'decoder') expect(tables).toEqual(row.embeddings)
    for (const table of tables) expect(spec[table]?.length).toBe(2)
    for (const table of tables) expect(isDecayed(table, spec[table]!)).toBe(false)
    expect(spec[`${row.outputMatrix}.weight`]).toEqual([97, 32])
  })

  it('has a projection for every word of adapters that it knows', () => {
    const projections = projectionsOf(config)
    for (const word of ['q', 'k', 'v', 'o', 'up', 'down'] as const satisfies (keyof ProjectionWords)[])
      expect(projections.some(matcher(word)), word).toBe(true)
  })

  it('is read from Hugging Face’s config.json as it was written there, if it is known there', () => {
    const form = architectureOf(config).huggingFace
    expect(form === undefined).toBe(name === 'palm')
    if (!form) return
    const ends = { beginToken: 0, endToken: 0 }
    if (config.architecture === 'rwkv7') {
      expect(() => writtenConfig({ kind: 'language-model', config }, ends)).toThrow('its heads are 16 wide')
      return
    }
    const written = writtenConfig({ kind: 'language-model', config }, ends)
    expect(form.modelTypes).toContain(written['model_type'])
    expect(readConfig(written)).toEqual({ kind: 'language-model', config })
    if (form.namesOf(config).rewardModel !== undefined) {
      const reward = writtenConfig({ kind: 'reward-model', config }, ends)
      expect(readConfig(reward)).toEqual({ kind: 'reward-model', config: form.withoutOutput(config) })
    }
    const tensors = Object.entries(trunkSpec(config)).map(
      ([tensor, shape]) => form.published?.(tensor, shape).name ?? tensor,
    )
    expect(tensors.some((tensor) => tensor.startsWith(form.prefix(config)))).toBe(true)
    const lastBias = form.lastBias?.(config)
    if (lastBias !== undefined) expect(tensors).toContain(lastBias)
  })
})

describe('the tables of formats', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'formats-'))
    await saveModel(join(folder, 'whole.safetensors'), tinyModel(), { name: 'tiny' })
    const { model } = await loadModel(join(folder, 'whole.safetensors'))
    if (model.kind === 'reward-model') throw new Error('a language model was saved')
    await saveModel(join(folder, 'adapter.safetensors'), adaptedModel(model), { name: 'tiny' })
    await copyFile(fixture('smol.f16.gguf'), join(folder, 'smol.gguf'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  /** Something of every format, and what it stands on. */
  const examples: Readonly<Record<keyof typeof readFormats, () => readonly [path: string, base?: string]>> = {
    gguf: () => [join(folder, 'smol.gguf')],
    'own-model': () => [join(folder, 'whole.safetensors')],
    'own-adapter': () => [join(folder, 'adapter.safetensors'), join(folder, 'whole.safetensors')],
    peft: () => [fixture('adapters/gpt2-fused'), join(folder, 'gpt2.safetensors')],
    rwkv: () => [fixture('rwkv4')],
    'hugging-face': () => [fixture('gpt2')],
  }

  it('have an example of every format that is read', () => {
    expect(Object.keys(examples)).toEqual(Object.keys(readFormats))
  })

  it.each(Object.keys(readFormats) as (keyof typeof readFormats)[])('read %s', async (name) => {
    const going = new AbortController().signal
    const gpt2 = await importModel(fixture('gpt2'), going)
    await saveModel(join(folder, 'gpt2.safetensors'), gpt2.model, {})
    const [path, base] = examples[name]()
    const { model } = await importModel(path, going, base)
    expect(model.parameters.count).toBeGreaterThan(1000)
    expect(model.adapters?.length ?? 0).toBe(base === undefined ? 0 : 1)
    expect(readFormats[name].takesBase).toBe(base !== undefined)
    if (base === undefined)
      await expect(importModel(path, going, join(folder, 'gpt2.safetensors'))).rejects.toThrow(
        'is for adapters',
      )
  })

  it('write every format that can be asked for', () => {
    expect(Object.keys(writtenFormats)).toEqual([...exportFormats])
  })
})
