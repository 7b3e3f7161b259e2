import { cp, mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { compiledEngine } from '../../../src-main/compute/cpu/compile'
import { allocate } from '../../../src-main/compute/parameters'
import { adapterTensors } from '../../../src-main/model/adapters/adapter-names'
import { adapterSpec, merged, withAdapters } from '../../../src-main/model/adapters/adapters'
import { loadModel, saveModel } from '../../../src-main/model/checkpoint'
import { generate } from '../../../src-main/model/writing/generation'
import type { LanguageModel, Model } from '../../../src-main/model/model'
import { readModelHeader } from '../../../src-main/model/model-header'
import { importModel } from '../../../src-main/model/importing/import-model'
import { tinyModel } from '../tiny'
import { expectedOf, fixture } from '../weights/fixtures'
import { changeJson, changeTensors, copyOf as copied, expectRefused, imported } from '../weights/spoiled'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'import-'))
})
afterEach(() => rm(folder, { recursive: true }))

/** A copy of a fixture's folder, to be changed. */
const copyOf = (name: string): Promise<string> => copied(name, folder)

describe('importing a model', () => {
  it.each([
    ['a folder of GPT-2', 'gpt2', 'gpt2/expected.safetensors', 'gpt'],
    ['a folder of Llama in several files', 'llama', 'llama/expected.safetensors', 'llama'],
    [
      'a GGUF file that cuts digits apart, as SmolLM',
      'smol.f16.gguf',
      'smol.f16.expected.safetensors',
      'llama',
    ],
    ['a GGUF file that cuts as Qwen2', 'qwen2.q8.gguf', 'qwen2.q8.expected.safetensors', 'llama'],
    ['a GGUF file with SentencePiece', 'pieces.mixed.gguf', 'pieces.mixed.expected.safetensors', 'llama'],
  ])('brings its tokenizer: %s', async (_, name, expectedFile, architecture) => {
    const { model } = await imported(fixture(name))
    const { encoded } = await expectedOf(expectedFile)
    expect(model.config.architecture).toBe(architecture)
    expect(encoded.length).toBeGreaterThan(3)
    for (const [text, ids] of encoded) {
      expect([...model.tokenizer.encode(text)]).toEqual(ids)
      expect(model.tokenizer.decode(ids)).toBe(text)
    }
  })

  it('says its name and its licence', async () => {
    const path = await copyOf('gpt2')
    await writeFile(
      join(path, 'README.md'),
      '---\nlanguage: en\nlicense: mit  # as published\n---\n# A model\nlicense: none',
    )
    expect(await imported(path)).toMatchObject({
      name: 'gpt2',
      licence: 'mit',
      lineage: { source: 'Hugging Face folder', licence: 'mit' },
    })
    expect(await imported(fixture('gpt2'))).toMatchObject({ licence: '' })
    expect(await imported(fixture('smol.f16.gguf'))).toMatchObject({
      name: 'A tiny Llama',
      licence: 'apache-2.0',
    })
  })

  it('is called as the model is in Hugging Face’s own cache, whose files are links', async () => {
    const snapshot = join(folder, 'models--someone--tiny-gpt2/snapshots/0123abc')
    const blobs = join(folder, 'blobs')
    await cp(fixture('gpt2'), blobs, { recursive: true })
    await mkdir(snapshot, { recursive: true })
    for (const file of ['config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json'])
      await symlink(join(blobs, file), join(snapshot, file))
    expect((await imported(snapshot)).name).toBe('someone/tiny-gpt2')
  })

  it.each(['config.json', 'model.safetensors.index.json', 'model-00002-of-00003.safetensors'])(
    'finds the folder of a file in it: %s',
    async (file) => {
      const whole = await imported(fixture('llama'))
      const byFile = await imported(join(fixture('llama'), file))
      expect(byFile.model.parameters.flat).toEqual(whole.model.parameters.flat)
    },
  )

  it('finds the one GGUF file of a folder', async () => {
    await cp(fixture('smol.f16.gguf'), join(folder, 'tiny.gguf'))
    expect((await imported(folder)).name).toBe('A tiny Llama')
    await cp(fixture('smol.f16.gguf'), join(folder, 'again.gguf'))
    await expectRefused(folder, basename(folder), 'it holds 2 GGUF files: choose one of them')
  })

  it('reads a model file of this studio', async () => {
    const path = join(folder, 'x.safetensors')
    const model = tinyModel()
    await saveModel(path, model, { run: 'A run', licence: 'mit' })
    const found = await imported(path)
    expect(found).toMatchObject({ name: 'A run', licence: 'mit' })
    expect(found.model.parameters.flat).toEqual(model.parameters.flat)
  })

  /** A model file of this studio that holds an adapter alone. */
  async function adapterFile(base: string, path: string): Promise<Model> {
    await saveModel(base, tinyModel(), { run: 'The base', update: '3' })
    const { model } = await loadModel(base)
    const adapter = {
      name: 'x',
      rank: 2,
      alpha: 4,
      scaling: 'by-rank',
      dropout: 0,
      projections: ['transformer.h.0.mlp.c_fc'],
    } as const
    const own = allocate(adapterSpec(model.config, adapter))
    own.flat.fill(0.5)
    const adapted = {
      ...model,
      parameters: withAdapters(model.parameters, [adapter], own),
      adapters: [adapter],
    }
    await saveModel(path, adapted, { run: 'Fine-tuned', update: '8' })
    return adapted
  }

  it('puts the adapters of a model file onto the base that is here, wherever it lies', async () => {
    const base = join(folder, 'base.safetensors')
    const path = join(folder, 'adapter.safetensors')
    const here = join(folder, 'another-studio.safetensors')
    const adapted = await adapterFile(base, path)
    await rename(base, here)
    const { model, name } = await imported(path, here)
    expect([name, model.adapters]).toEqual(['Fine-tuned', adapted.adapters])
    const { A } = adapterTensors('transformer.h.0.mlp.c_fc', 'x')
    expect(model.parameters.view(A)).toEqual(adapted.parameters.view(A))
    const kept = join(folder, 'kept.safetensors')
    await saveModel(kept, model, {})
    expect(await readModelHeader(kept)).toMatchObject({
      adapters: adapted.adapters,
      base: { file: 'another-studio.safetensors' },
      lineage: { base: 'The base, update 3' },
    })

    await expectRefused(
      path,
      'adapter.safetensors',
      'the chosen base has adapters of its own, and this file holds all that belong to it: choose the ' +
        'model beneath them',
      kept,
    )
    await saveModel(base, tinyModel(2), {})
    await expectRefused(
      path,
      'adapter.safetensors',
      'the chosen base is not the model it was trained on: it has other weights than when it was trained',
      base,
    )
    await saveModel(base, tinyModel(1, { layers: 1 }), {})
    await expectRefused(
      path,
      'adapter.safetensors',
      'the chosen base is not the model it was trained on: it has another architecture or other sizes',
      base,
    )
    await expect(imported(here, base)).rejects.toThrow(
      'base is for adapters, and “another-studio.safetensors” is a model by itself',
    )
  })

  it('merges the adapters of a model file with what they stand on when no base is named', async () => {
    const base = join(folder, 'base.safetensors')
    const path = join(folder, 'adapter.safetensors')
    const adapted = await adapterFile(base, path)
    const { model } = await loadModel(base)
    await rename(base, join(folder, 'elsewhere'))
    await expectRefused(
      path,
      'adapter.safetensors',
      'the model it stands on, “base.safetensors”, cannot be used: it is not there any more',
    )
    await rename(join(folder, 'elsewhere'), base)
    const found = (await imported(path)).model
    expect(found.adapters ?? []).toEqual([])
    expect(found.parameters.view('transformer.h.0.mlp.c_fc.weight')).toEqual(
      merged(adapted).parameters.view('transformer.h.0.mlp.c_fc.weight'),
    )
    expect(found.parameters.view('transformer.h.0.mlp.c_fc.weight')).not.toEqual(
      model.parameters.view('transformer.h.0.mlp.c_fc.weight'),
    )
  })

  it('reads GPT-2 as it was first published: names without their first word, and masks beside them', async () => {
    const path = await copyOf('gpt2')
    await changeTensors(path, (tensors) => {
      const bare = new Map([...tensors].map(([name, tensor]) => [name.replace(/^transformer\./, ''), tensor]))
      bare.set('h.0.attn.bias', { shape: [1, 1, 2, 2], data: new Float32Array(4) })
      bare.set('h.0.attn.masked_bias', { shape: [], data: Float32Array.of(-10000) })
      return bare
    })
    expect((await imported(path)).model.parameters.flat).toEqual(
      (await imported(fixture('gpt2'))).model.parameters.flat,
    )
  })

  it('may have an embedding larger than its tokenizer, as many have for speed', async () => {
    const path = await copyOf('gpt2')
    await changeJson(path, 'config.json', { vocab_size: 320 })
    await changeTensors(path, (tensors) =>
      tensors.set('transformer.wte.weight', {
        shape: [320, 32],
        data: Float32Array.from([
          ...tensors.get('transformer.wte.weight')!.data,
          ...new Float32Array(32 * 32).fill(0.5),
        ]),
      }),
    )
    const { model } = await imported(path)
    expect([model.config.vocabulary, model.tokenizer.vocabulary]).toEqual([320, 288])
    await saveModel(join(folder, 'x.safetensors'), model, {})
    expect((await imported(join(folder, 'x.safetensors'))).model.parameters.flat).toEqual(
      model.parameters.flat,
    )
    const engine = compiledEngine({ threads: 1 })
    try {
      const [written] = await generate(engine, model as LanguageModel, ['The cat'], {
        temperature: 10,
        topK: 0,
        topP: 1,
        maxTokens: 20,
        seed: 1,
      })
      expect(written!.ids.some((id) => id >= 288)).toBe(false)
    } finally {
      engine.dispose()
    }
  })

  it('stops when it is told to', async () => {
    await expect(importModel(fixture('gpt2'), AbortSignal.abort())).rejects.toMatchObject({
      error: { kind: 'cancelled' },
    })
  })
})
