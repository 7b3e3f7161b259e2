import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readModelTypes } from '../../../src-main/model/importing/hugging-face-config'
import { encodeSafetensors } from '../../../src-main/model/weights/safetensors'
import { fixture } from '../weights/fixtures'
import {
  changeJson,
  changeTensors,
  copyOf as copied,
  expectRefused as refused,
  imported,
} from '../weights/spoiled'
import { skipped } from '../../helpers/skipping'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'refused-'))
})
afterEach(() => rm(folder, { recursive: true }))

const copyOf = (name: string): Promise<string> => copied(name, folder)

describe('a folder', () => {
  it.each<[string, Record<string, unknown>, string]>([
    ['gpt2', { model_type: 'mamba' }, `its model_type is "mamba"; ${readModelTypes.join(', ')} are read`],
    [
      'gpt2',
      { model_type: 'toString' },
      `its model_type is "toString"; ${readModelTypes.join(', ')} are read`,
    ],
    ['gpt2', { n_layer: 0 }, 'its n_layer is 0, no whole number from 1'],
    ['gpt2', { n_head: 5 }, '5 heads do not divide a width of 32'],
    ['gpt2', { n_inner: 100 }, 'its n_inner is 100; only null or 128 can be followed'],
    [
      'gpt2',
      { activation_function: 'relu' },
      'its activation_function is "relu"; only "gelu_new" or "gelu_pytorch_tanh" can be followed',
    ],
    ['gpt2', { tie_word_embeddings: 'yes' }, 'its tie_word_embeddings is "yes", neither true nor false'],
    [
      'gpt2',
      { architectures: ['GPT2ForSequenceClassification'], num_labels: 3 },
      'it is a GPT2ForSequenceClassification of 3 labels; a reward model has one',
    ],
    ['llama', { hidden_act: 'gelu' }, 'its hidden_act is "gelu"; only "silu" can be followed'],
    ['llama', { num_key_value_heads: 3 }, '3 heads of keys and values do not divide 4 heads'],
    ['llama', { attention_bias: 'yes' }, 'its attention_bias is "yes", neither true nor false'],
    [
      'llama',
      { rope_parameters: { rope_type: 'proportional', rope_theta: 1e4 } },
      'its rotary positions are scaled by "proportional", which this version does not know',
    ],
    [
      'llama',
      { rope_parameters: { rope_type: 'longrope', short_factor: [1, 1], long_factor: [1, 1], factor: 2 } },
      'the scaling of the rotary positions has no proper "shortFactors": 4 numbers above 0',
    ],
    [
      'llama',
      { rope_parameters: { rope_type: 'linear', rope_theta: 1e4 } },
      'the scaling of the rotary positions has no proper "factor"',
    ],
    [
      'llama',
      { rope_parameters: { rope_type: 'default', rope_theta: 'high' } },
      'its rope_theta is "high", no number above 1',
    ],
    ['qwen2', { use_sliding_window: true }, 'its use_sliding_window is true; only false can be followed'],
  ])('of %s whose config.json says %j is refused', async (name, change, problem) => {
    const path = await copyOf(name)
    await changeJson(path, 'config.json', change)
    await refused(path, 'config.json', problem)
  })

  it('whose config.json wants more layers than there are tensors is refused before any is made', async () => {
    const path = await copyOf('gpt2')
    await changeJson(path, 'config.json', { n_layer: 1e9 })
    await refused(
      path,
      'model.safetensors',
      'the configuration speaks of 1000000000 layers, and there are only 28 tensors',
    )
  })

  it('of old settings of rotary positions is read', async () => {
    const path = await copyOf('llama')
    const { rope_parameters: rope } = JSON.parse(await readFile(join(path, 'config.json'), 'utf8')) as {
      rope_parameters: Record<string, unknown>
    }
    const { rope_theta, rope_type: type, ...numbers } = rope
    await changeJson(path, 'config.json', {
      rope_parameters: undefined,
      rope_theta,
      rope_scaling: { type, ...numbers },
    })
    expect((await imported(path)).model.config).toEqual((await imported(fixture('llama'))).model.config)
  })

  it('without one of its files is refused by that file', async () => {
    const path = await copyOf('gpt2')
    await rename(join(path, 'tokenizer.json'), join(path, 'vocab.json'))
    await refused(path, 'tokenizer.json', 'Make it from the older files of the tokenizer once:\npython -c')
    await rm(join(path, 'vocab.json'))
    await refused(
      path,
      'tokenizer.json',
      'it is missing, and without it the model’s numbers stand for nothing',
    )
    await rm(join(path, 'config.json'))
    await refused(path, 'gpt2', 'it has no config.json')
    await writeFile(join(path, 'adapter_config.json'), '{}')
    await refused(path, 'adapter_config.json', 'its peft_type is missing; it should be "LORA"')
  })

  it('of PyTorch’s own files is refused with the reason and the one line that converts it', async () => {
    const path = await copyOf('gpt2')
    await rename(join(path, 'model.safetensors'), join(path, 'pytorch_model.bin'))
    await refused(
      path,
      'pytorch_model.bin',
      /a Python pickle, which can run any program.*\npython -c "from transformers import AutoModelForCausalLM as M; M\.from_pretrained\(r'.*gpt2'\)\.save_pretrained\(r'.*gpt2'\)"$/s,
    )
    await rm(join(path, 'pytorch_model.bin'))
    await refused(path, 'gpt2', 'it has no model.safetensors')
  })

  it('with a tensor missing, of another shape or kind, or one too many, is refused by its name', async () => {
    const path = await copyOf('llama')
    const shard = 'model-00002-of-00003.safetensors'
    const name = 'model.layers.1.mlp.up_proj.weight'
    const original = await readFile(join(path, shard))
    await changeTensors(
      path,
      (tensors) =>
        new Map(
          [...tensors].map(([each, tensor]) => [
            each,
            each === name ? { ...tensor, shape: [32, 64] } : tensor,
          ]),
        ),
      shard,
    )
    await refused(
      path,
      'model.safetensors.index.json',
      `the tensor "${name}" has the shape [32,64] where [64,32] is wanted`,
    )
    await changeTensors(
      path,
      (tensors) => {
        tensors.delete(name)
        return tensors
      },
      shard,
    )
    await refused(
      path,
      shard,
      `the tensor "${name}" is missing, which model.safetensors.index.json says it holds`,
    )
    await writeFile(join(path, shard), original)
    const index = JSON.parse(await readFile(join(path, 'model.safetensors.index.json'), 'utf8')) as {
      weight_map: Record<string, string>
    }
    delete index.weight_map[name]
    await changeJson(path, 'model.safetensors.index.json', index)
    await refused(
      path,
      'model.safetensors.index.json',
      `the tensor "${name}" is missing; it should have the shape [64,32]`,
    )

    const gpt = await copyOf('gpt2')
    await changeTensors(gpt, (tensors) =>
      tensors.set('transformer.h.0.crossattention.c_attn.weight', { shape: [2], data: new Float32Array(2) }),
    )
    await refused(
      gpt,
      'model.safetensors',
      'the tensor "transformer.h.0.crossattention.c_attn.weight" does not belong to a language-model of ' +
        'this configuration',
    )
  })

  it('with a number that is none is refused by tensor and place', async () => {
    const path = await copyOf('gpt2')
    await changeTensors(path, (tensors) => {
      tensors.get('transformer.h.1.mlp.c_fc.bias')!.data[6] = NaN
      return tensors
    })
    await refused(path, 'model.safetensors', 'number 7 of the tensor "transformer.h.1.mlp.c_fc.bias" is NaN')
    await copyOf('llama')
    await changeTensors(
      join(folder, 'llama'),
      (tensors) => {
        tensors.get('lm_head.weight')!.data[100] = Infinity
        return tensors
      },
      'model-00003-of-00003.safetensors',
    )
    await refused(
      join(folder, 'llama'),
      'model-00003-of-00003.safetensors',
      'number 101 of the tensor "lm_head.weight" is Infinity',
    )
  })

  it.each([
    '../secret.safetensors',
    '/etc/passwd',
    'sub/../../x.safetensors',
    '..\\x.safetensors',
    'config.json',
    '',
  ])('whose index leads to "%s" is refused', async (to) => {
    const path = await copyOf('llama')
    await writeFile(
      join(folder, 'secret.safetensors'),
      await readFile(join(path, 'model-00001-of-00003.safetensors')),
    )
    await changeJson(path, 'model.safetensors.index.json', { weight_map: { 'lm_head.weight': to } })
    await refused(
      path,
      'model.safetensors.index.json',
      `its weight_map leads to "${to}", which is no safetensors file in this folder`,
    )
  })

  it('whose index names a file that is not there, or nothing, is refused', async () => {
    const path = await copyOf('llama')
    await changeJson(path, 'model.safetensors.index.json', {
      weight_map: { 'lm_head.weight': 'model-9.safetensors' },
    })
    await refused(
      path,
      'model.safetensors.index.json',
      'its weight_map names the file "model-9.safetensors", which is missing',
    )
    await changeJson(path, 'model.safetensors.index.json', { weight_map: [] })
    await refused(path, 'model.safetensors.index.json', 'it has no weight_map')
    await writeFile(join(path, 'model.safetensors.index.json'), '{"weight_map":')
    await refused(path, 'model.safetensors.index.json', 'it is not JSON')
  })

  it('whose tokenizer is larger than the embedding is refused by the token', async () => {
    const path = await copyOf('gpt2')
    const tokenizer = JSON.parse(await readFile(join(path, 'tokenizer.json'), 'utf8')) as {
      model: { vocab: Record<string, number> }
      added_tokens: object[]
    }
    tokenizer.model.vocab['<|one too many|>'] = 288
    await changeJson(path, 'tokenizer.json', tokenizer)
    await refused(
      path,
      'tokenizer.json',
      'its token "<|one too many|>" has the id 288, and the model’s embedding has rows for ids below 288 ' +
        'only',
    )
  })

  it('with a tokenizer of no known kind, or none, is refused in words', async () => {
    const path = await copyOf('gpt2')
    await changeJson(path, 'tokenizer.json', { model: { type: 'Oracle', vocab: { a: 1 } } })
    await refused(path, 'tokenizer.json', /Oracle/)
    await changeJson(path, 'tokenizer.json', { model: null })
    await refused(path, 'tokenizer.json', 'it has no model')
  })

  it('whose JSON would fill the memory is refused unread', async () => {
    const path = await copyOf('gpt2')
    await truncate(join(path, 'tokenizer.json'), 2 ** 28) // a file of holes
    await refused(path, 'tokenizer.json', 'it has 268435456 bytes, more than the')
  })

  const whyNoPipe = process.platform === 'win32' ? 'Windows has no such pipes' : undefined
  it.skipIf(whyNoPipe !== undefined)(
    `in which a pipe stands for a file is refused, not waited for${skipped(whyNoPipe)}`,
    async () => {
      const path = await copyOf('gpt2')
      for (const file of ['model.safetensors', 'tokenizer.json', 'config.json']) {
        await rm(join(path, file))
        execFileSync('mkfifo', [join(path, file)])
        await refused(path, file, 'it is no file')
      }
    },
  )
})

describe('a file', () => {
  it.each<[string, Buffer, string]>([
    ['x.bin', Buffer.alloc(100), 'a Python pickle, which can run any program when it is opened'],
    ['x.pt', Buffer.alloc(0), 'x.safetensors\')"'],
    ['x.zip', Buffer.from('PK\x03\x04'), 'it is an archive: unpack it and import what is in it'],
    ['x.onnx', Buffer.alloc(9), 'ONNX files hold a program'],
    ['weights', Buffer.from('PK\x03\x04 a bomb or PyTorch'), 'it is a zip archive'],
    ['weights.safetensors', Buffer.from('\x80\x02ccollections', 'latin1'), 'a Python pickle'],
    ['weights.data', Buffer.from('\x1f\x8b\x08', 'latin1'), 'it is compressed by gzip'],
    ['empty', Buffer.alloc(0), 'it is no model that is known here'],
    ['hello.txt', Buffer.from('hello there'), 'it is no model that is known here'],
    [
      'adapter_model.safetensors',
      Buffer.concat(encodeSafetensors(new Map(), {})),
      'it holds numbers alone, and nothing says of which network',
    ],
    [
      'model.safetensors',
      Buffer.concat(encodeSafetensors(new Map(), {})),
      'it holds numbers alone, and nothing says of which network',
    ],
  ])('%s is refused with the reason', async (name, bytes, problem) => {
    await writeFile(join(folder, name), bytes)
    await refused(join(folder, name), name, problem)
  })

  it('that is not there is refused', async () => {
    await refused(join(folder, 'no-such'), 'no-such', 'it is not there any more')
    await refused(join(folder, 'no/such'), 'such', 'it is not there any more')
  })
})

describe('a GGUF file of a model', () => {
  /** Changes bytes of the fixture that are found by their text. */
  async function changed(from: string | Buffer, to: string | Buffer): Promise<string> {
    const bytes = await readFile(fixture('smol.f16.gguf'))
    const at = bytes.indexOf(from)
    expect(at).toBeGreaterThan(0)
    bytes.set(Buffer.from(to as string), at)
    const path = join(folder, 'x.gguf')
    await writeFile(path, bytes)
    return path
  }
  const u32 = (value: number): Buffer => Buffer.from(Uint32Array.of(value).buffer)
  const key = (name: string, value: number): [Buffer, Buffer] => {
    const before = Buffer.concat([Buffer.from(name), u32(4)])
    return [before, Buffer.concat([before, u32(value)])]
  }

  it.each<[string, [string | Buffer, string | Buffer], string]>([
    [
      'of another architecture',
      ['\x05\0\0\0\0\0\0\0llama', '\x05\0\0\0\0\0\0\0gemma'],
      'its architecture is "gemma"; gpt2, llama, qwen2, ',
    ],
    [
      'that lacks a size',
      ['llama.feed_forward_length', 'llama.feed_forward_lengtx'],
      'its metadata "llama.feed_forward_length" is missing',
    ],
    [
      'that rotates half a head',
      key('llama.rope.dimension_count', 8),
      '8 of each head’s 16 numbers are rotated',
    ],
    [
      'with too many layers',
      key('llama.block_count', 3),
      'the tensor "blk.2.attn_norm.weight" is missing; it should have the shape [32]',
    ],
    [
      'with heads that do not fit',
      key('llama.attention.head_count_kv', 3),
      '3 heads of keys and values do not divide 4 heads',
    ],
    [
      'whose feed-forward is said to be wider',
      key('llama.feed_forward_length', 65),
      'the tensor "blk.0.ffn_gate.weight" has the shape [64,32] where [65,32] is wanted',
    ],
    [
      'with a tokenizer of another kind',
      ['\x04\0\0\0\0\0\0\0gpt2', '\x04\0\0\0\0\0\0\0bert'],
      'its tokenizer is of the kind "bert"; gpt2 and llama are read',
    ],
    [
      'whose tokenizer cuts otherwise',
      ['\x06\0\0\0\0\0\0\0smollm', '\x06\0\0\0\0\0\0\0smollx'],
      'its tokenizer cuts texts as "smollx"',
    ],
    [
      'with an end that is no token',
      key('tokenizer.ggml.eos_token_id', 9999),
      'its metadata "tokenizer.ggml.eos_token_id" is 9999, and it has 288 tokens',
    ],
    [
      'with a tensor of a kind that is not read',
      [
        Buffer.concat([u32(2), Buffer.from([32, 0, 0, 0, 0, 0, 0, 0, 64, 0, 0, 0, 0, 0, 0, 0]), u32(1)]),
        Buffer.concat([u32(2), Buffer.from([32, 0, 0, 0, 0, 0, 0, 0, 64, 0, 0, 0, 0, 0, 0, 0]), u32(16)]),
      ],
      'is of type IQ2_XXS; only F32',
    ],
  ])('%s is refused', async (_, [from, to], problem) => {
    await refused(await changed(from, to), 'x.gguf', problem)
  })
})
