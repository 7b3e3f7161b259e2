/**
 * Every family of decoders, and every way to stretch rotary positions, against Hugging Face's library:
 * `tests/fixtures/models/families.py` made the models, their logits and the texts it writes.
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compiledEngine } from '../../../src-main/compute/cpu/compile'
import { exportModel } from '../../../src-main/model/exporting/export-model'
import { generate } from '../../../src-main/model/writing/generation'
import type { LanguageModel } from '../../../src-main/model/model'
import { expectedOf, fixture } from '../weights/fixtures'
import { logitsOf } from '../weights/logits'
import { decodeSafetensors } from '../weights/memory-file'
import { imported } from '../weights/spoiled'

const names = await readdir(fixture('families'))
const engine = compiledEngine({ threads: 1 })
const greedy = { temperature: 0, topK: 0, topP: 1, maxTokens: 12, seed: 1 }

let parent: string
beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'families-'))
})
afterAll(async () => {
  engine.dispose()
  await rm(parent, { recursive: true })
})

async function readFamily(name: string): Promise<LanguageModel> {
  const { model } = await imported(fixture(`families/${name}`))
  if (model.kind === 'reward-model') throw new Error('the fixtures are language models')
  return model
}

describe.each(names)('a model of the kind of %s', (name) => {
  const file = `families/${name}/expected.safetensors`

  it('says to every position what Hugging Face’s library says, to 1e-4', async () => {
    const model = await readFamily(name)
    const { ids, logits } = await expectedOf(file)
    const read = await logitsOf(engine, model.config, model.parameters, ids)
    expect(read.length).toBe(2 * 24 * 272)
    expect(Math.max(...logits.map(Math.abs))).toBeGreaterThan(0.5)
    expect(Math.max(...read.map((value, i) => Math.abs(value - logits[i]!)))).toBeLessThan(1e-4)
  })

  it('writes what it writes there, token by token on top of a memory', async () => {
    const model = await readFamily(name)
    const { metadata } = await decodeSafetensors(await readFile(fixture(file)))
    const wanted = JSON.parse(metadata['greedy']!) as number[]
    const [completion] = await generate(engine, model, [metadata['prompt']!], greedy)
    const begin = completion!.promptTokens
    const asked = [...model.tokenizer.encode(metadata['prompt']!)]
    expect([...completion!.ids].slice(begin)).toEqual(wanted.slice(asked.length))
  })

  it('goes back as it came: the same numbers, the same configuration', async () => {
    const model = await readFamily(name)
    const { folder } = await exportModel(model, {
      format: 'hugging-face',
      parent,
      name,
      licence: '',
      lineage: {},
    })
    const { model: again } = await imported(folder)
    expect(again.config).toEqual(model.config)
    for (const tensor of Object.keys(model.parameters.spec))
      expect(again.parameters.view(tensor), tensor).toEqual(model.parameters.view(tensor))
    const typeIn = async (path: string): Promise<unknown> =>
      (JSON.parse(await readFile(join(path, 'config.json'), 'utf8')) as { model_type: string }).model_type
    // no library has MiniCPM without a program of its own; Granite computes the same
    const type = name === 'minicpm' ? 'granite' : await typeIn(fixture(`families/${name}`))
    expect(await typeIn(folder)).toBe(type)
  })
})
