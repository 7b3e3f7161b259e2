import { cp, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { compiledEngine } from '../../../src-main/compute/cpu/compile'
import { allocate } from '../../../src-main/compute/parameters'
import { fillNormal, seeded } from '../../../src-main/maths/random'
import { projectionsOf } from '../../../src-main/model/adapters/adapter-targets'
import { adapterSpec, withAdapters } from '../../../src-main/model/adapters/adapters'
import { loadModel, saveModel } from '../../../src-main/model/checkpoint'
import { createRewardModel } from '../../../src-main/model/heads'
import type { Adapter, LanguageModel } from '../../../src-main/model/model'
import { exportModel } from '../../../src-main/model/exporting/export-model'
import type { HeldTensor } from '../../../src-main/model/weights/safetensors'
import { expectedOf, fixture } from '../weights/fixtures'
import { largestDifference, logitsOf } from '../weights/logits'
import { decodeSafetensors } from '../weights/memory-file'
import { changeJson, changeTensors, copyOf, expectRefused, imported } from '../weights/spoiled'

const engine = compiledEngine({ threads: 1 })
let folder: string
/** Files of the library's models, by the fixture's name. */
const bases: Record<string, string> = {}
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'peft-'))
  for (const name of ['gpt2', 'llama', 'neox', 'qwen2', 'smol']) {
    const { model, lineage } = await imported(fixture(name))
    await saveModel((bases[name] = join(folder, `${name}.safetensors`)), model, lineage)
  }
  await saveModel(
    (bases['reward'] = join(folder, 'reward.safetensors')),
    createRewardModel((await loadModel(bases['gpt2']!)).model as LanguageModel, seeded(1)),
    {},
  )
})
afterAll(async () => {
  engine.dispose()
  await rm(folder, { recursive: true })
})

const inBlocks = (...names: readonly string[]): readonly string[] =>
  [0, 1].flatMap((layer) => names.map((name) => `model.layers.${layer}.${name}`))

/** Each with its base, and what it is then. */
const adapters: readonly (readonly [name: string, base: string, adapter: Omit<Adapter, 'name'>])[] = [
  [
    'gpt2-fused',
    'gpt2',
    {
      rank: 4,
      alpha: 6,
      scaling: 'by-rank',
      dropout: 0,
      projections: [
        'transformer.h.0.attn.c_attn',
        'transformer.h.0.mlp.c_proj',
        'transformer.h.1.attn.c_attn',
        'transformer.h.1.mlp.c_proj',
      ],
    },
  ],
  [
    'gpt2-some-blocks',
    'gpt2',
    {
      rank: 2,
      alpha: 3,
      scaling: 'by-rank',
      dropout: 0.1,
      projections: ['transformer.h.1.attn.c_attn', 'transformer.h.1.attn.c_proj', 'transformer.h.1.mlp.c_fc'],
    },
  ],
  [
    'llama-all-linear',
    'llama',
    {
      rank: 3,
      alpha: 5,
      scaling: 'by-root-of-rank',
      dropout: 0,
      projections: inBlocks(
        'self_attn.q_proj',
        'self_attn.k_proj',
        'self_attn.v_proj',
        'self_attn.o_proj',
        'mlp.gate_proj',
        'mlp.up_proj',
        'mlp.down_proj',
      ),
    },
  ],
  [
    'qwen2-by-pattern',
    'qwen2',
    {
      rank: 4,
      alpha: 8,
      scaling: 'by-rank',
      dropout: 0,
      projections: inBlocks('self_attn.q_proj', 'self_attn.v_proj', 'mlp.down_proj'),
    },
  ],
]

describe('an adapter that PEFT wrote', () => {
  it.each(adapters)('computes on its base what PEFT computes: %s', async (name, base, adapter) => {
    const { model, lineage, name: said } = await imported(fixture(`adapters/${name}`), bases[base])
    expect(model.adapters).toEqual([{ name, ...adapter }])
    expect([said, lineage]).toEqual([name, { name, source: 'PEFT adapter', madeFor: base }])
    const { ids, logits } = await expectedOf(`adapters/${name}/expected.safetensors`)
    expect(
      largestDifference(await logitsOf(engine, model.config, model.parameters, ids), logits),
    ).toBeLessThan(1e-4)
  })

  it('has ranks and alphas of its own on some projections, and stands there as several', async () => {
    const { model } = await imported(fixture('adapters/llama-patterns'), bases['llama'])
    expect(
      model.adapters!.map(({ name, rank, alpha, projections }) => [name, rank, alpha, projections]),
    ).toEqual([
      ['llama-patterns', 4, 6, ['model.layers.0.self_attn.q_proj']],
      ['llama-patterns-2', 2, 6, inBlocks('self_attn.v_proj')],
      ['llama-patterns-3', 4, 9, inBlocks('mlp.down_proj')],
      ['llama-patterns-4', 3, 6, ['model.layers.1.self_attn.q_proj']],
    ])
    const { ids, logits } = await expectedOf('adapters/llama-patterns/expected.safetensors')
    const saidBy = async ({ config, parameters }: typeof model): Promise<Float32Array> =>
      logitsOf(engine, config, parameters, ids)
    expect(largestDifference(await saidBy(model), logits)).toBeLessThan(1e-4)
    const { folder: written } = await exportModel(model, {
      format: 'peft',
      parent: folder,
      name: 'patterns',
      licence: '',
      lineage: {},
    })
    const again = await imported(written, bases['llama'])
    expect(again.model.adapters!.map(({ rank, alpha }) => [rank, alpha])).toEqual(
      model.adapters!.map(({ rank, alpha }) => [rank, alpha]),
    )
    expect(largestDifference(await saidBy(again.model), logits)).toBeLessThan(1e-4)
  })

  it.each([
    ['gpt2-dora', 'gpt2'],
    ['llama-dora', 'llama'],
    ['llama-saved-head', 'llama'],
    ['llama-new-tokens', 'llama'],
    ['smol-saved-tokens', 'smol'],
    ['llama-embedding', 'llama'],
    ['llama-embedding-new-tokens', 'llama'],
    ['gpt2-biases', 'gpt2'],
    ['neox-head', 'neox'],
    ['neox-saved-head', 'neox'],
    ['llama-tokens', 'llama'],
    ['smol-tokens', 'smol'],
  ])('is one with its base where no product of narrow matrices says it: %s (case 36)', async (name, base) => {
    const { model } = await imported(fixture(`adapters/${name}`), bases[base])
    expect(model.adapters ?? []).toEqual([])
    const { ids, logits } = await expectedOf(`adapters/${name}/expected.safetensors`)
    expect(
      largestDifference(await logitsOf(engine, model.config, model.parameters, ids), logits),
    ).toBeLessThan(1e-4)
    const file = join(folder, `${name}.safetensors`)
    await saveModel(file, model, {})
    expect((await loadModel(file)).model.config).toEqual(model.config)
  })

  it('is read, and written, by both names of a module that the library has renamed', async () => {
    const path = await copyOf('adapters/neox-head', folder)
    // PEFT puts the matrix itself beside its adapter, which would be put into the base for that
    const isMatrix = (name: string): boolean => name.includes('base_layer')
    await changeTensors(
      path,
      (tensors) => new Map([...tensors].filter(([name]) => !isMatrix(name))),
      'adapter_model.safetensors',
    )
    const { model } = await imported(path, bases['neox'])
    const { ids, logits } = await expectedOf('adapters/neox-head/expected.safetensors')
    const said = await logitsOf(engine, model.config, model.parameters, ids)
    expect(largestDifference(said, logits)).toBeLessThan(1e-4)
    const wish = { format: 'peft', parent: folder, name: 'by both', licence: '', lineage: {} } as const
    const { folder: written } = await exportModel(model, wish)
    const { tensors } = await decodeSafetensors(await readFile(join(written, 'adapter_model.safetensors')))
    for (const name of ['embed_out', 'lm_head'])
      expect(tensors.get(`base_model.model.${name}.lora_A.weight`)?.shape).toEqual([3, 32])
    const { model: again } = await imported(written, bases['neox'])
    expect(again.adapters!.map(({ rank, projections }) => [rank, projections])).toEqual(
      model.adapters!.map(({ rank, projections }) => [rank, projections]),
    )
  })

  it.each([
    ['of a compiled model', (name: string) => `_orig_mod.${name}`],
    [
      'of a distributed one, with its own name',
      (name: string) => `module.${name.replace('.weight', '.default.weight')}`,
    ],
  ])('is read from a state of training %s', async (_, nameOf) => {
    const path = await copyOf('adapters/llama-all-linear', folder)
    const wrap = (tensors: Map<string, HeldTensor>) =>
      new Map([...tensors].map(([name, tensor]) => [nameOf(name), tensor]))
    await changeTensors(path, wrap, 'adapter_model.safetensors')
    const [{ model }, { model: plain }] = [
      await imported(path, bases['llama']),
      await imported(fixture('adapters/llama-all-linear'), bases['llama']),
    ]
    expect(model.adapters).toEqual(plain.adapters)
    for (const name of Object.keys(plain.parameters.spec))
      expect(model.parameters.view(name)).toEqual(plain.parameters.view(name))
  })

  it('is kept as an adapter: a file of its numbers alone, which is loaded over its base', async () => {
    const { model } = await imported(fixture('adapters/gpt2-fused'), bases['gpt2'])
    const file = join(folder, 'kept.safetensors')
    // 4 · (32 + 96 + 128 + 32) · 2 numbers of 4 bytes, and the tokenizer
    expect(await saveModel(file, model, {})).toBeLessThan(20_000)
    const { model: again } = await loadModel(file)
    expect(again.adapters).toEqual(model.adapters)
    const { ids, logits } = await expectedOf('adapters/gpt2-fused/expected.safetensors')
    expect(
      largestDifference(await logitsOf(engine, again.config, again.parameters, ids), logits),
    ).toBeLessThan(1e-4)
  })

  it('is found by a file of its folder', async () => {
    for (const file of ['adapter_config.json', 'adapter_model.safetensors'])
      expect((await imported(join(fixture('adapters/gpt2-fused'), file), bases['gpt2'])).name).toBe(
        'gpt2-fused',
      )
  })

  it('stands on adapters too, under a name of its own', async () => {
    const file = join(folder, 'first.safetensors')
    await saveModel(file, (await imported(fixture('adapters/gpt2-fused'), bases['gpt2'])).model, {})
    const { model } = await imported(fixture('adapters/gpt2-fused'), file)
    expect(model.adapters!.map(({ name }) => name)).toEqual(['gpt2-fused', 'gpt2-fused-2'])
    const { model: other } = await imported(fixture('adapters/gpt2-some-blocks'), file)
    const ids = [[3, 1, 4, 1, 5]]
    const alone = await loadModel(file)
    expect(
      largestDifference(
        await logitsOf(engine, other.config, other.parameters, ids),
        await logitsOf(engine, alone.model.config, alone.model.parameters, ids),
      ),
    ).toBeGreaterThan(0.1)
  })

  it.each<[Adapter['scaling'], string]>([
    ['by-rank', 'gpt2'],
    ['by-root-of-rank', 'llama'],
    ['by-rank', 'qwen2'],
  ])('comes back from an export %s as it went: %s', async (scaling, base) => {
    const { model } = await loadModel(bases[base]!)
    const adapter: Adapter = {
      name: 'mine',
      rank: 3,
      alpha: 5,
      scaling,
      dropout: 0.25,
      projections: projectionsOf(model.config),
    }
    const own = allocate(adapterSpec(model.config, adapter))
    const ids = [
      [1, 5, 3, 8, 2],
      [9, 1, 1, 6, 3],
    ]
    fillNormal(own.flat, 0.2, seeded(base))
    const adapted = {
      ...model,
      parameters: withAdapters(model.parameters, [adapter], own),
      adapters: [adapter],
    } as LanguageModel
    const { folder: written } = await exportModel(adapted, {
      format: 'peft',
      parent: folder,
      name: `mine-${base}`,
      licence: 'mit',
      lineage: { base: 'The base' },
    })
    const { model: again, licence, lineage } = await imported(written, bases[base])
    expect(again.adapters).toEqual([{ ...adapter, name: `mine-${base}` }])
    expect([licence, lineage['madeFor']]).toEqual(['mit', 'The base'])
    expect(
      largestDifference(
        await logitsOf(engine, again.config, again.parameters, ids),
        await logitsOf(engine, adapted.config, adapted.parameters, ids),
      ),
    ).toBeLessThan(1e-6)
  })
})

describe('an adapter is refused', () => {
  let path: string
  beforeEach(async () => {
    await rm(join(folder, 'adapters'), { recursive: true, force: true })
    path = await copyOf('adapters/gpt2-fused', folder)
  })
  const refused = (file: string, problem: string | RegExp, base = 'gpt2'): Promise<void> =>
    expectRefused(path, file, problem, bases[base])
  const first = 'base_model.model.transformer.h.0.attn.c_attn.lora_A.weight'

  it('without its base, saying which it was made for', async () => {
    await expectRefused(
      path,
      'gpt2-fused',
      'it is an adapter alone, made for “gpt2”: say which model of the library it stands on',
    )
    await changeJson(path, 'adapter_config.json', { base_model_name_or_path: null })
    await expectRefused(path, 'gpt2-fused', 'it is an adapter alone: say which model')
  })

  it('on a base of another kind or other sizes', async () => {
    await refused(
      'adapter_model.safetensors',
      'none of its target_modules is a projection of the base, a llama, whose first are ' +
        'model.layers.0.self_attn.q_proj',
      'llama',
    )
    await expect(imported(path, bases['reward'])).rejects.toThrow('base is a reward model')
    path = await copyOf('adapters/llama-all-linear', folder)
    await changeTensors(
      path,
      (tensors) =>
        new Map(
          [...tensors].map(([name, tensor]) => [
            name,
            name.includes('1.mlp.up_proj.lora_B') ? { shape: [96, 3], data: new Float32Array(288) } : tensor,
          ]),
        ),
      'adapter_model.safetensors',
    )
    await refused(
      'adapter_model.safetensors',
      'the tensor "base_model.model.model.layers.1.mlp.up_proj.lora_B.weight" has the shape [96,3] where ' +
        '[64,3] is wanted',
      'llama',
    )
  })

  it('while a whole model is refused a base', async () => {
    await expect(imported(fixture('llama'), bases['gpt2'])).rejects.toThrow(
      'base is for adapters, and “llama” is a model by itself: import it without.',
    )
  })

  it.each<[Record<string, unknown>, string]>([
    [{ peft_type: 'LOHA' }, 'its peft_type is "LOHA"; only "LORA" can be followed'],
    [{ task_type: 'SEQ_CLS' }, 'its task_type is "SEQ_CLS"; only null or "CAUSAL_LM" can be followed'],
    [{ use_dora: 'yes' }, 'its use_dora is "yes", neither true nor false'],
    [{ bias: 'some' }, 'its bias is "some"; only "none" or "all" or "lora_only" can be followed'],
    [{ modules_to_save: 'lm_head' }, 'its modules_to_save are a text, not a list of names'],
    [{ rank_pattern: { c_attn: 0 } }, 'its rank_pattern gives “c_attn” 0'],
    [{ rank_pattern: [1] }, 'its rank_pattern is [1], no list of numbers by name'],
    [
      { alpha_pattern: { '.*c_attn': 8 } },
      'its alpha_pattern names ".*c_attn", a pattern of Python’s, which is not run here',
    ],
    [{ lora_bias: true }, 'its lora_bias is true, which this version cannot follow'],
    [{ layer_replication: [[0, 2]] }, 'its layer_replication is [[0,2]], which this version cannot follow'],
    [{ trainable_token_indices: ['a'] }, 'its trainable_token_indices are ["a"], no ids of tokens'],
    [{ use_tomorrows_way: 'x' }, 'its use_tomorrows_way is "x", which this version cannot follow'],
    [
      { init_lora_weights: 'pissa' },
      'its init_lora_weights is "pissa"; only null or true or false or "gaussian" or "orthogonal" or ' +
        '"eva" can be followed',
    ],
    [{ r: 0 }, 'its r is 0, no whole number from 1'],
    [{ r: 2.5 }, 'its r is 2.5, no whole number from 1'],
    [{ lora_alpha: 0 }, 'its lora_alpha is 0, no number above 0'],
    [{ lora_dropout: 1 }, 'its lora_dropout is 1, no number from 0 to below 1'],
    [{ use_rslora: 'yes' }, 'its use_rslora is "yes", neither true nor false'],
    [{ fan_in_fan_out: 1 }, 'its fan_in_fan_out is 1, neither true nor false'],
    [{ target_modules: null }, 'its target_modules are missing'],
    [{ target_modules: [1] }, 'its target_modules are [1], neither a list of names nor a pattern'],
    [{ layers_to_transform: ['a'] }, 'its layers_to_transform are ["a"], no numbers of blocks'],
  ])('whose adapter_config.json says %j', async (change, problem) => {
    await changeJson(path, 'adapter_config.json', change)
    await refused('adapter_config.json', problem)
  })

  it('though a field be nested deeper than anybody can follow', async () => {
    const settings = await readFile(join(path, 'adapter_config.json'), 'utf8')
    const deep = `${'['.repeat(200_000)}1${']'.repeat(200_000)}`
    await writeFile(
      join(path, 'adapter_config.json'),
      settings.replace('"lora_bias": false', `"lora_bias": ${deep}`),
    )
    await refused(
      'adapter_config.json',
      'its lora_bias is nested too deeply to be shown, which this version cannot follow',
    )
    await writeFile(join(path, 'adapter_config.json'), settings.replace('"bias": "none"', `"bias": ${deep}`))
    await refused(
      'adapter_config.json',
      'its bias is nested too deeply to be shown; only "none" or "all" or "lora_only" can be followed',
    )
  })

  it('when what its settings say does not fit its tensors', async () => {
    const file = 'adapter_model.safetensors'
    const saying = async (change: Record<string, unknown>, problem: string): Promise<void> => {
      await cp(fixture('adapters/gpt2-fused/adapter_config.json'), join(path, 'adapter_config.json'))
      await changeJson(path, 'adapter_config.json', change)
      await refused(file, problem)
    }
    await saying({ r: 8 }, `the tensor "${first}" has the shape [4,32] where [8,32] is wanted`)
    await saying({ r: 2 ** 40 }, `the tensor "${first}" has the shape [4,32]`)
    await saying(
      { target_modules: ['c_attn'] },
      'the tensor "base_model.model.transformer.h.0.mlp.c_proj.lora_A.weight" stands on nothing that ' +
        'this adapter’s target_modules and the base have',
    )
    await saying(
      { target_modules: ['c_attn', 'c_proj'] },
      'the tensor "base_model.model.transformer.h.0.attn.c_proj.lora_A.weight" is missing; it should ' +
        'have the shape [4,32]',
    )
    await saying({ layers_to_transform: 1 }, `the tensor "${first}" stands on nothing`)
    await saying(
      { target_modules: ['q_proj'] },
      'none of its target_modules is a projection of the base, a gpt',
    )
  })

  it('with a tensor missing, one too many, or of another adapter’s kind', async () => {
    const file = 'adapter_model.safetensors'
    const original = await readFile(join(path, file))
    const spoiled = async (
      change: (tensors: Map<string, HeldTensor>) => unknown,
      problem: string,
    ): Promise<void> => {
      await writeFile(join(path, file), original)
      await changeTensors(
        path,
        (tensors) => {
          change(tensors)
          return tensors
        },
        file,
      )
      await refused(file, problem)
    }
    const stranger = (name: string) => (tensors: Map<string, HeldTensor>) =>
      tensors.set(name, { shape: [2], data: new Float32Array(2) })
    await spoiled(
      (tensors) => tensors.delete(first.replace('lora_A', 'lora_B')),
      'lora_B.weight" is missing; it should have the shape [96,4]',
    )
    await spoiled((tensors) => tensors.clear(), `the tensor "${first}" is missing`)
    await spoiled(
      stranger(first.replace('lora_A.weight', 'lora_magnitude_vector')),
      'lora_magnitude_vector" stands on nothing',
    )
    await spoiled(
      stranger('base_model.model.transformer.ln_f.weight'),
      'the tensor "base_model.model.transformer.ln_f.weight" stands on nothing',
    )
    await spoiled(
      stranger('base_model.model.transformer.wte.weight'),
      'the tensor "base_model.model.transformer.wte.weight" has the shape [2] where [2,32] is wanted',
    )
    await spoiled(
      stranger('base_model.model.transformer.h.2.attn.c_attn.lora_A.weight'),
      'h.2.attn.c_attn.lora_A.weight" stands on nothing',
    )
    await spoiled((tensors) => {
      tensors.get(first)!.data[6] = NaN
    }, `number 7 of the tensor "${first}" is NaN`)
  })

  it('with half a pair, also where a pattern says which projections bear it', async () => {
    path = await copyOf('adapters/qwen2-by-pattern', folder)
    const lost = 'base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight'
    await changeTensors(
      path,
      (tensors) => {
        tensors.delete(lost)
        return tensors
      },
      'adapter_model.safetensors',
    )
    await refused('adapter_model.safetensors', `the tensor "${lost}" is missing`, 'qwen2')
  })

  it('when a file of it is cut short, lies, is missing, or is a pickle', async () => {
    const file = join(path, 'adapter_model.safetensors')
    const whole = await readFile(file)
    await writeFile(file, whole.subarray(0, whole.length - 10))
    await refused(basename(file), 'the file is cut short')
    await writeFile(
      file,
      Buffer.concat([Buffer.from('\xff\xff\xff\xff\xff\0\0\0', 'latin1'), whole.subarray(8)]),
    )
    await refused(basename(file), 'the file begins with a header length that cannot be')
    await rename(file, join(path, 'adapter_model.bin'))
    await refused(
      'adapter_model.bin',
      /a Python pickle, which can run any program.*\npython -c "import torch; .*adapter_model\.bin'.*adapter_model\.safetensors'\)"$/s,
    )
    await rm(join(path, 'adapter_model.bin'))
    await refused(basename(file), 'it is not there any more')
    await writeFile(join(path, 'adapter_config.json'), '{"peft_type":')
    await refused('adapter_config.json', 'it is not JSON')
  })

  it('by the file alone, which says nothing of its rank', async () => {
    await rm(join(path, 'adapter_config.json'))
    await expectRefused(
      join(path, 'adapter_model.safetensors'),
      'adapter_model.safetensors',
      'nothing says of which network: import the folder with its adapter_config.json',
      bases['gpt2'],
    )
  })
})
