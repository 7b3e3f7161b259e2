/** Files as people have them: saved from a compiled or a distributed model, or with a head that config.json denies. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadModel, saveModel } from '../../../src-main/model/checkpoint'
import { exportModel } from '../../../src-main/model/exporting/export-model'
import { tokenizerOf } from '../../../src-main/model/tokenizers/definitions'
import { fixture } from '../weights/fixtures'
import { changeJson, changeTensors, copyOf, expectRefused, imported } from '../weights/spoiled'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'as-saved-'))
})
afterEach(() => rm(folder, { recursive: true }))

describe('a folder', () => {
  it.each(['_orig_mod.', 'module.', 'module._orig_mod.', 'base_model.model.', '_fsdp_wrapped_module.'])(
    'in which every name begins with %s is read as it is without',
    async (wrapper) => {
      const path = await copyOf('gpt2', folder)
      await changeTensors(
        path,
        (tensors) => new Map([...tensors].map(([name, tensor]) => [`${wrapper}${name}`, tensor])),
      )
      const [{ model }, { model: plain }] = [await imported(path), await imported(fixture('gpt2'))]
      expect(model.config).toEqual(plain.config)
      for (const name of Object.keys(plain.parameters.spec))
        expect(model.parameters.view(name)).toEqual(plain.parameters.view(name))
    },
  )

  const sameNumbers = async (path: string, name: string): Promise<void> => {
    const [{ model }, { model: plain }] = [await imported(path), await imported(fixture(name))]
    expect(model.config).toEqual(plain.config)
    expect(model.parameters.flat).toEqual(plain.parameters.flat)
  }

  it('of a model whose blocks were wrapped, and that TRL gave a critic, is read without', async () => {
    const path = await copyOf('llama', folder)
    for (const part of [1, 2, 3])
      await changeTensors(
        path,
        (tensors) => {
          const named = [...tensors].map(
            ([name, tensor]) =>
              [name.replace('model.layers.1.', 'model.layers.1._orig_mod.'), tensor] as const,
          )
          const critic = { shape: [1], data: new Float32Array(1) }
          return new Map(part === 3 ? [...named, ['v_head.summary.bias', critic]] : named)
        },
        `model-0000${part}-of-00003.safetensors`,
      )
    await rm(join(path, 'model.safetensors.index.json'))
    await sameNumbers(path, 'llama')
  })

  it('in parts without their index is read by their names, and refused where one is missing', async () => {
    const path = await copyOf('llama', folder)
    await rm(join(path, 'model.safetensors.index.json'))
    await sameNumbers(path, 'llama')
    await rm(join(path, 'model-00002-of-00003.safetensors'))
    await expectRefused(
      path,
      'model-00002-of-00003.safetensors',
      'it is missing: 2 of 3 parts of the model are there',
    )
  })

  it('that says of each kind of layer how it rotates is read where all rotate alike', async () => {
    const path = await copyOf('families/mistral-window', folder)
    const { rope_parameters } = JSON.parse(await readFile(join(path, 'config.json'), 'utf8')) as {
      rope_parameters: { rope_theta: number }
    }
    const said = { ...rope_parameters, rope_theta: 500 }
    const ofKinds = { sliding_attention: said, full_attention: { ...said }, linear_attention: null }
    await changeJson(path, 'config.json', { rope_parameters: ofKinds })
    expect((await imported(path)).model.config).toMatchObject({ design: { positions: { ropeBase: 500 } } })
    const others = { sliding_attention: said, full_attention: rope_parameters }
    await changeJson(path, 'config.json', { rope_parameters: others })
    await expectRefused(path, 'config.json', 'its layers rotate differently: sliding_attention by')
  })

  it('whose template stands in the file of its processor is a chat model by it', async () => {
    const path = await copyOf('families/qwen3', folder)
    await writeFile(
      join(path, 'chat_template.json'),
      JSON.stringify({ chat_template: 'Say {{ messages[0].content }}' }),
    )
    const { tokenizer } = (await imported(path)).model
    expect(tokenizer.chat?.template.render({ turns: [{ role: 'user', content: 'yes' }], opens: true })).toBe(
      'Say yes',
    )
  })

  it('whose config.json ties the output matrix, with another in the file, uses the file’s and says so', async () => {
    const path = await copyOf('gpt2', folder)
    await changeTensors(path, (tensors) => {
      const { shape, data } = tensors.get('transformer.wte.weight')!
      return tensors.set('lm_head.weight', { shape, data: data.map((value) => value + 1) })
    })
    const { model, lineage } = await imported(path)
    expect(model.config).toMatchObject({ isTied: false })
    const [head, table] = ['lm_head.weight', 'transformer.wte.weight'].map((name) =>
      model.parameters.view(name),
    )
    expect(head![0]).toBeCloseTo(table![0]! + 1, 6)
    expect(lineage['output matrix']).toMatch(/^its own: the file has another one/)
  })

  it('with the same output matrix twice is tied', async () => {
    const path = await copyOf('gpt2', folder)
    await changeTensors(path, (tensors) =>
      tensors.set('lm_head.weight', tensors.get('transformer.wte.weight')!),
    )
    const { model, lineage } = await imported(path)
    expect(model.config).toMatchObject({ isTied: true })
    expect(lineage['output matrix']).toBeUndefined()
  })

  it.each<[string, string, unknown, readonly number[]]>([
    ['generation_config.json', 'a list', [0, 7], [0, 7]],
    ['generation_config.json', 'another one', 7, [0, 7]],
  ])('whose %s names %s as its ends: %j, ends by each, and says so again', async (file, _, ids, wanted) => {
    const path = await copyOf('gpt2', folder)
    await changeJson(path, file, { eos_token_id: ids })
    const { model } = await imported(path)
    expect(model.tokenizer.endToken).toBe(0)
    expect(model.tokenizer.endTokens).toEqual(wanted)
    expect(tokenizerOf({ ...model.tokenizer.definition }).endTokens).toEqual(wanted)
    const wish = { format: 'hugging-face', parent: folder, name: 'out', licence: '', lineage: {} } as const
    const { folder: out } = await exportModel(model, wish)
    for (const each of ['config.json', 'generation_config.json'])
      expect(JSON.parse(await readFile(join(out, each), 'utf8'))).toMatchObject({ eos_token_id: wanted })
  })

  it('says of itself what it said when it came, also after it was kept', async () => {
    const path = await copyOf('gpt2', folder)
    await changeJson(path, 'config.json', {
      initializer_range: 0.5,
      task_specific_params: { a: [1] },
      auto_map: {},
    })
    await changeJson(path, 'generation_config.json', { temperature: 0.6, top_p: 0.95, do_sample: true })
    const { model, lineage } = await imported(path)
    await saveModel(join(folder, 'kept.safetensors'), model, lineage)
    const { model: kept } = await loadModel(join(folder, 'kept.safetensors'))
    const wish = { format: 'hugging-face', parent: folder, name: 'out', licence: '', lineage: {} } as const
    const { folder: out } = await exportModel(kept, wish)
    const read = async (file: string) => JSON.parse(await readFile(join(out, file), 'utf8')) as object
    expect(await read('config.json')).toMatchObject({
      initializer_range: 0.5,
      task_specific_params: { a: [1] },
      dtype: 'float32',
    })
    expect(await read('config.json')).not.toHaveProperty('auto_map')
    expect(await read('generation_config.json')).toMatchObject({
      temperature: 0.6,
      top_p: 0.95,
      do_sample: true,
    })
  })

  it('that names its end in special_tokens_map.json alone, or in config.json alone, ends by it', async () => {
    for (const file of ['special_tokens_map.json', 'config.json']) {
      const path = await copyOf('gpt2', await mkdtemp(join(folder, 'ends-')))
      const config = JSON.parse(await readFile(join(path, 'tokenizer_config.json'), 'utf8')) as object
      await writeFile(
        join(path, 'tokenizer_config.json'),
        JSON.stringify({ ...config, eos_token: undefined }),
      )
      await rm(join(path, 'generation_config.json'))
      const isMap = file === 'special_tokens_map.json'
      await writeFile(join(path, 'special_tokens_map.json'), JSON.stringify(isMap ? { eos_token: '!' } : {}))
      await changeJson(path, 'config.json', { eos_token_id: isMap ? undefined : 7 })
      const { model } = await imported(path)
      const bang = model.tokenizer.encode('!')[0]
      expect(model.tokenizer.endToken, file).toBe(isMap ? bang : 7)
    }
  })
})
