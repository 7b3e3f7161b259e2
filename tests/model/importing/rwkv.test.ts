import { cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { compiledEngine } from '../../../src-main/compute/cpu/compile'
import { loadModel, saveModel } from '../../../src-main/model/checkpoint'
import { exportModel } from '../../../src-main/model/exporting/export-model'
import { generate } from '../../../src-main/model/writing/generation'
import type { LanguageModel } from '../../../src-main/model/model'
import type { HeldTensor } from '../../../src-main/model/weights/safetensors'
import { rwkv } from '../tokenizers/fixtures'
import { expectedOf, fixture } from '../weights/fixtures'
import { largestDifference, logitsOf } from '../weights/logits'
import { decodeSafetensors } from '../weights/memory-file'
import {
  blinkDl,
  fla,
  randomParameters,
  rwkv4Config,
  rwkv7Config,
  writeVocabulary,
  writeWeights,
} from './published-rwkv'
import { changeJson, copyOf, expectRefused, imported } from '../weights/spoiled'

let folder: string
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'rwkv-')), 'RWKV-small')
  await mkdir(folder)
})
afterEach(() => rm(join(folder, '..'), { recursive: true }))

const [four, seven] = [randomParameters(rwkv4Config), randomParameters(rwkv7Config)]

describe('importing an RWKV', () => {
  it('of transformers computes what that library computes', async () => {
    const { model, name } = await imported(fixture('rwkv4'))
    expect([name, model.config]).toEqual([
      'rwkv4',
      { architecture: 'rwkv4', layers: 3, width: 24, innerWidth: 80, contextTokens: 40, vocabulary: 288 },
    ])
    const { ids, logits, encoded } = await expectedOf('rwkv4/expected.safetensors')
    const engine = compiledEngine({ threads: 1 })
    try {
      expect(Math.max(...logits)).toBeGreaterThan(1)
      expect(
        largestDifference(await logitsOf(engine, model.config, model.parameters, ids), logits),
      ).toBeLessThan(1e-4)
    } finally {
      engine.dispose()
    }
    for (const [text, ids] of encoded) expect([...model.tokenizer.encode(text)]).toEqual(ids)
  })

  it.each([
    ['RWKV-4 of BlinkDL’s', rwkv4Config, four, blinkDl(four)],
    ['RWKV-7 of BlinkDL’s', rwkv7Config, seven, blinkDl(seven)],
    [
      'RWKV-7 of BlinkDL’s whose first block has what no network reads',
      rwkv7Config,
      seven,
      blinkDl(seven)
        .set('blocks.0.att.v0', { shape: [1, 1, 64], data: new Float32Array(64) })
        .set('blocks.0.att.v1', { shape: [64, 5], data: new Float32Array(320) }),
    ],
    ['RWKV-7 of flash-linear-attention', rwkv7Config, seven, fla(seven)],
  ] as const)(
    'finds every number in its place and knows the sizes by the shapes: %s',
    async (_, config, parameters, tensors) => {
      await writeWeights(folder, 'RWKV-x.safetensors', tensors)
      await writeVocabulary(folder)
      const { model, name, lineage } = await imported(folder)
      expect(model.config).toEqual(config)
      expect(model.parameters.flat).toEqual(parameters.flat)
      expect([name, lineage['source'], model.tokenizer.name]).toEqual([
        'RWKV-small',
        'RWKV folder',
        'RWKV World of 257 tokens',
      ])
    },
  )

  it('is kept, and writes only what its vocabulary has, though the embedding is larger', async () => {
    await writeWeights(folder, 'RWKV-x-ctx512.safetensors', blinkDl(four))
    await writeVocabulary(folder)
    const { model } = await imported(join(folder, 'RWKV-x-ctx512.safetensors'))
    const file = join(folder, '../kept.safetensors')
    const engine = compiledEngine({ threads: 1 })
    expect([model.config.vocabulary, model.tokenizer.vocabulary]).toEqual([260, 257])
    await saveModel(file, model, {})
    const { model: again } = await loadModel(file)
    try {
      const [written] = await generate(engine, again as LanguageModel, ['a'], {
        temperature: 10,
        topK: 0,
        topP: 1,
        maxTokens: 40,
        seed: 1,
      })
      expect(written!.ids.length).toBeGreaterThan(10)
      expect(written!.ids.every((id) => id < 257)).toBe(true)
    } finally {
      engine.dispose()
    }
  })

  it.each([
    ['RWKV-x-ctx8192.safetensors', 8192],
    ['rwkv-x070-172m-ctx4k.safetensors', 4096],
    ['RWKV-x-ctx0.safetensors', 4096],
  ])('reads how long its texts were from its name: %s', async (file, tokens) => {
    await writeWeights(folder, file, blinkDl(seven))
    await writeVocabulary(folder)
    expect((await imported(folder)).model.config.contextTokens).toBe(tokens)
  })

  it('brings the World vocabulary, or GPT-NeoX’s tokenizer under its name beside the Pile’s', async () => {
    await writeWeights(
      folder,
      'RWKV-x.safetensors',
      blinkDl(randomParameters({ ...rwkv4Config, vocabulary: 65_536 })),
    )
    await writeFile(join(folder, 'rwkv_vocab_v20230424.txt'), rwkv().vocabulary)
    const { tokenizer } = (await imported(folder)).model
    expect(tokenizer.decode(tokenizer.encode('naïve 🙂'))).toBe('naïve 🙂')
    await rm(join(folder, 'rwkv_vocab_v20230424.txt'))
    await cp(fixture('gpt2/tokenizer.json'), join(folder, '20B_tokenizer.json'))
    const pile = (await imported(folder)).model.tokenizer
    expect([pile.vocabulary, pile.beginToken, pile.endToken]).toEqual([288, 0, 0])
  })
})

describe('an exported RWKV', () => {
  it.each([
    ['RWKV-4', rwkv4Config, four, 'rwkv'],
    ['RWKV-7', rwkv7Config, seven, 'rwkv7'],
  ] as const)(
    'has the names and shapes of its library, and comes back: %s',
    async (_, config, parameters, type) => {
      await writeWeights(folder, 'RWKV-x.safetensors', blinkDl(parameters))
      await writeVocabulary(folder)
      const { model } = await imported(folder)
      const wish = { format: 'hugging-face', parent: join(folder, '..'), licence: '', lineage: {} } as const
      const { folder: out, files } = await exportModel(model, { ...wish, name: `out-${type}` })
      expect(files).toContain('rwkv_vocab_v20230424.txt')
      const json = JSON.parse(await readFile(join(out, 'config.json'), 'utf8')) as object
      expect(json).toMatchObject({ model_type: type, vocab_size: config.vocabulary })
      if (type === 'rwkv7') {
        const { tensors } = await decodeSafetensors(await readFile(join(out, 'model.safetensors')))
        for (const [name, { shape, data }] of fla(parameters)) {
          expect(tensors.get(name)?.shape, name).toEqual(shape)
          expect(tensors.get(name)?.data, name).toEqual(data)
        }
      }
      const again = await imported(out)
      expect(again.model.config).toEqual(config)
      expect(again.model.parameters.flat).toEqual(parameters.flat)
      expect(again.model.tokenizer.name).toBe('RWKV World of 257 tokens')
    },
  )

  it('is what transformers itself wrote of an RWKV-4', async () => {
    const { model } = await imported(fixture('rwkv4'))
    const wish = { format: 'hugging-face', parent: join(folder, '..'), licence: '', lineage: {} } as const
    const { folder: out } = await exportModel(model, { ...wish, name: 'out-transformers' })
    const read = async (path: string) =>
      (await decodeSafetensors(await readFile(join(path, 'model.safetensors')))).tensors
    const [ours, theirs] = [await read(out), await read(fixture('rwkv4'))]
    expect([...ours.keys()].sort()).toEqual([...theirs.keys()].sort())
    for (const [name, { shape, data }] of theirs) {
      expect(ours.get(name)!.shape, name).toEqual(shape)
      expect(ours.get(name)!.data, name).toEqual(data)
    }
  })
})

describe('an RWKV is refused', () => {
  const weights = 'RWKV-x.safetensors'
  async function spoiled(
    change: (tensors: Map<string, HeldTensor>) => unknown,
    problem: string,
    tensors = blinkDl(seven),
  ): Promise<void> {
    change(tensors)
    await writeWeights(folder, weights, tensors)
    await writeVocabulary(folder)
    await expectRefused(folder, weights, problem)
  }
  const zeros = (...shape: number[]): HeldTensor => ({
    shape,
    data: new Float32Array(shape.reduce((a, b) => a * b, 1)),
  })

  it('with a tensor missing, of another shape, or one too many', async () => {
    await spoiled(
      (tensors) => tensors.delete('blocks.1.att.k_k'),
      'the tensor "blocks.1.att.k_k" is missing; it should have the shape [64]',
    )
    await spoiled((tensors) => tensors.delete('emb.weight'), 'the tensor "emb.weight" is missing')
    await spoiled((tensors) => tensors.delete('blocks.1.ln1.weight'), 'the tensor "blocks.1.')
    await spoiled(
      (tensors) => tensors.set('blocks.1.ffn.key.weight', zeros(71, 64)),
      'the tensor "blocks.1.ffn.key.weight" has the shape [71,64] where [72,64] is wanted',
    )
    await spoiled(
      (tensors) => tensors.set('blocks.0.att.r_k', zeros(64)),
      'the tensor "blocks.0.att.r_k" has the shape [64] where rows and columns are wanted',
    )
    await spoiled(
      (tensors) => tensors.set('blocks.0.att.r_k', zeros(1, 65)),
      'heads as wide as 65 do not divide a width of 64',
    )
    await spoiled(
      (tensors) => tensors.set('blocks.0.ffn.s_emb.weight', zeros(2, 2)),
      'the tensor "blocks.0.ffn.s_emb.weight" does not belong to a language-model of this configuration',
    )
    await spoiled(
      (tensors) =>
        tensors.set('blocks.1.att.w1', { shape: [64, 3], data: new Float32Array(192).fill(Infinity) }),
      'number 1 of the tensor "blocks.1.att.w1" is Infinity',
    )
  })

  it('of another generation, saying which are read', async () => {
    await spoiled(
      (tensors) => tensors.set('blocks.0.att.time_faaaa', zeros(1, 64)),
      'it is an RWKV-5 or RWKV-6; RWKV-4 and RWKV-7 are read',
    )
    await spoiled(
      (tensors) => tensors.clear(),
      'it is no RWKV-4 or RWKV-7: it has none of the tensors "blocks.0.att.time_decay", "blocks.0.att.x_r"',
    )
  })

  it('without its vocabulary, or with one that is none or larger than the embedding', async () => {
    await writeWeights(folder, weights, blinkDl(four))
    await expectRefused(
      folder,
      'RWKV-small',
      'it has neither rwkv_vocab_v20230424.txt (World models) nor 20B_tokenizer.json or tokenizer.json ' +
        '(others)',
    )
    await expectRefused(join(folder, weights), weights, 'nothing says of which network')
    await writeFile(join(folder, 'rwkv_vocab_v20230424.txt'), "1 'a' 1\n2 b 1\n")
    await expectRefused(folder, 'rwkv_vocab_v20230424.txt', 'line 2 of the vocabulary is no token: 2 b 1')
    await writeFile(join(folder, 'rwkv_vocab_v20230424.txt'), rwkv().vocabulary)
    await expectRefused(
      folder,
      'rwkv_vocab_v20230424.txt',
      /its tokenizer has \d+ tokens, and the model’s embedding 260 rows/,
    )
    await writeVocabulary(folder)
    await writeWeights(folder, 'RWKV-y.safetensors', blinkDl(four))
    await expectRefused(
      folder,
      'RWKV-small',
      'it holds 2 safetensors files: leave one model in a folder, with its vocabulary',
    )
  })

  it('as PyTorch’s own file, with the reason and the one line that converts it', async () => {
    await writeFile(join(folder, 'RWKV-x.pth'), 'PK')
    await expectRefused(
      folder,
      'RWKV-x.pth',
      /a Python pickle, which can run any program.*\npython -c "import torch; .*RWKV-x\.pth'.*RWKV-x\.safetensors'\)"$/s,
    )
    await expectRefused(join(folder, 'RWKV-x.pth'), 'RWKV-x.pth', 'a Python pickle')
    await rename(join(folder, 'RWKV-x.pth'), join(folder, 'notes.md'))
    await writeVocabulary(folder)
    await expectRefused(folder, 'RWKV-small', 'it has no safetensors file')
  })

  it('whose config.json asks for what is not known here', async () => {
    const path = await copyOf('rwkv4', folder)
    await changeJson(path, 'config.json', { layer_norm_epsilon: 1e-6 })
    await expectRefused(
      path,
      'config.json',
      'its layer_norm_epsilon is 0.000001; only 0.00001 can be followed',
    )
    await changeJson(path, 'config.json', { layer_norm_epsilon: 1e-5, context_length: 0 })
    await expectRefused(path, 'config.json', 'its context_length is 0, no whole number from 1')
  })
})
