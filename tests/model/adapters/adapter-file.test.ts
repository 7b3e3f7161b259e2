import { cp, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { compiledEngine } from '../../../src-main/compute/cpu/compile'
import { allocate, layersOf, overlay, type Parameters } from '../../../src-main/compute/parameters'
import { fillNormal, seeded } from '../../../src-main/maths/random'
import { projectionsOf } from '../../../src-main/model/adapters/adapter-targets'
import { adapterSpec, withAdapters } from '../../../src-main/model/adapters/adapters'
import { loadModel, saveModel } from '../../../src-main/model/checkpoint'
import { createRewardModel } from '../../../src-main/model/heads'
import type { Adapter, LanguageModel, Model } from '../../../src-main/model/model'
import { readModelHeader } from '../../../src-main/model/model-header'
import { modelShelf } from '../../../src-main/model/model-shelf'
import { weight } from '../../../src-main/model/network'
import { encodeSafetensors, type HeldTensor } from '../../../src-main/model/weights/safetensors'
import { StudioFailure } from '../../../src-shared/result'
import { intMatrix, logits, runOnce, tinyConfig, tinyModel } from '../tiny'
import { decodeSafetensors } from '../weights/memory-file'

let folder: string
let basePath: string
let path: string
let base: LanguageModel
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'adapter-'))
  basePath = join(folder, 'run-1', 'update-000010.safetensors')
  path = join(folder, 'run-2', 'update-000020.safetensors')
  await mkdir(dirname(basePath))
  await mkdir(dirname(path))
  await saveModel(basePath, tinyModel(), { run: 'pretrained', update: '10' })
  base = (await loadModel(basePath)).model as LanguageModel
})
afterEach(() => rm(folder, { recursive: true }))

const adapter: Adapter = {
  name: 'sft',
  rank: 2,
  alpha: 4,
  scaling: 'by-root-of-rank',
  dropout: 0.1,
  projections: projectionsOf(tinyConfig).slice(0, 3),
}
const lineage = { run: 'fine-tuned', update: '20' }

function adapted<M extends Model>(model: M, ...added: readonly Adapter[]): M {
  return added.reduce((below, each) => {
    const own = allocate(adapterSpec(below.config, each))
    fillNormal(own.flat, 0.3, seeded(each.name))
    return {
      ...below,
      parameters: withAdapters(below.parameters, [each], own),
      adapters: [...(below.adapters ?? []), each],
    }
  }, model)
}

const all = (parameters: Parameters) =>
  Object.fromEntries(
    Object.keys(parameters.spec)
      .sort()
      .map((name) => [name, [...parameters.view(name)]]),
  )
const said = ({ config, parameters }: Model) =>
  runOnce(
    compiledEngine({ threads: 1 }),
    { parameters },
    { ids: intMatrix([0, 3, 1, 4]) },
    (weights, batch) => ({ logits: logits(config, weights, weight(batch, 'ids')) }),
  )

async function tampered(
  change: (stored: { tensors: Map<string, HeldTensor>; metadata: Record<string, string> }) => void,
): Promise<void> {
  const stored = await decodeSafetensors(await readFile(path))
  change(stored)
  delete stored.metadata['checksums'] // what is changed on purpose has none
  await writeFile(path, Buffer.concat(encodeSafetensors(stored.tensors, stored.metadata)))
}

async function refused(problem: string | RegExp): Promise<void> {
  const failure: unknown = await loadModel(path).then(
    () => undefined,
    (error: unknown) => error,
  )
  expect(failure).toBeInstanceOf(StudioFailure)
  expect((failure as StudioFailure).error).toMatchObject({
    kind: 'refused-file',
    file: 'update-000020.safetensors',
    problem: expect.stringMatching(problem),
  })
}

describe('a file of adapters', () => {
  it('is read back bit by bit over the model they stand on', async () => {
    const model = adapted(base, adapter, {
      ...adapter,
      name: 'ppo',
      rank: 3,
      projections: ['transformer.h.1.mlp.c_fc'],
    })
    await saveModel(path, model, lineage)
    const { model: read, lineage: from } = await loadModel(path)
    expect(read.adapters).toEqual(model.adapters)
    expect(all(read.parameters)).toEqual(all(model.parameters))
    expect(await said(read)).toEqual(await said(model))
    expect(from).toEqual({ ...lineage, base: 'pretrained, update 10' })
  })

  it('holds the adapters alone: 2 · (16 + 48) + 2 · (16 + 16) + 2 · (16 + 64) numbers', async () => {
    const bytes = await saveModel(path, adapted(base, adapter), lineage)
    const { tensors } = await decodeSafetensors(await readFile(path))
    expect([...tensors.values()].reduce((sum, { data }) => sum + data.length, 0)).toBe(2 * (64 + 32 + 80))
    expect(bytes).toBeLessThan((await stat(basePath)).size / 4)
  })

  it('says what it is without the model it stands on', async () => {
    await saveModel(path, adapted(base, adapter), lineage)
    await rm(basePath)
    expect(await readModelHeader(path)).toMatchObject({
      kind: 'language-model',
      config: base.config,
      adapters: [adapter],
      base: { file: '../run-1/update-000010.safetensors' },
      parameters: base.parameters.count + 2 * (64 + 32 + 80),
      lineage: { run: 'fine-tuned' },
    })
  })

  it('holds a reward model’s head, too', async () => {
    const model = adapted(createRewardModel(base, seeded(3)), adapter)
    await saveModel(path, model, lineage)
    const { model: read } = await loadModel(path)
    expect(read.kind).toBe('reward-model')
    expect(all(read.parameters)).toEqual(all(model.parameters))
  })

  it('finds its base wherever both are moved together', async () => {
    await saveModel(path, adapted(base, adapter), lineage)
    const moved = await mkdtemp(join(tmpdir(), 'adapter-'))
    await cp(folder, moved, { recursive: true })
    await rm(basePath)
    expect((await loadModel(join(moved, 'run-2', 'update-000020.safetensors'))).model.adapters).toEqual([
      adapter,
    ])
    await rm(moved, { recursive: true })
  })

  it('is saved again after it was loaded, on the same base', async () => {
    await saveModel(path, adapted(base, adapter), lineage)
    const { model } = await loadModel(path)
    const next = join(folder, 'run-2', 'next.safetensors')
    await saveModel(next, adapted(model, { ...adapter, name: 'ppo' }), lineage)
    expect((await readModelHeader(next)).base).toEqual((await readModelHeader(path)).base)
    expect((await loadModel(next)).model.adapters?.map(({ name }) => name)).toEqual(['sft', 'ppo'])
  })

  it('is not written for a model that is in no file, or was trained since', async () => {
    await expect(saveModel(path, adapted(tinyModel(), adapter), lineage)).rejects.toThrow(
      'the model beneath these adapters is in no file',
    )
    const trained = {
      ...base,
      parameters: overlay(base.parameters, allocate({ 'transformer.ln_f.bias': [16] })),
    }
    await expect(saveModel(path, adapted(trained, adapter), lineage)).rejects.toThrow(
      'its "transformer.ln_f.bias" was trained',
    )
  })
})

describe('a file of adapters is refused', () => {
  beforeEach(() => saveModel(path, adapted(base, adapter), lineage))

  it.each(['../../run-1/x.safetensors', '/etc/passwd', '../..', '..', 'a/b', '../a\\\\..\\\\b/c', 'C:\\\\x'])(
    'that stands on "%s", in no folder beside its own',
    async (file) => {
      await tampered(({ metadata }) => {
        metadata['base'] = JSON.stringify({ file, checksum: '00000000' })
      })
      await refused('which is not in its own folder or in one beside it')
    },
  )

  it('without its base, naming it', async () => {
    await rm(basePath)
    await refused(
      'the model it stands on, “../run-1/update-000010.safetensors”, cannot be used: it is not there any ' +
        'more',
    )
  })

  it('over a model with other weights, or of other sizes', async () => {
    await saveModel(basePath, tinyModel(2), {})
    await refused('has other weights than when it was trained')
    await saveModel(basePath, tinyModel(1, { layers: 3 }), {})
    await refused('has another architecture or other sizes')
  })

  it('when what it says of its adapters does not hold', async () => {
    const saying = async (what: unknown, problem: string): Promise<void> => {
      await saveModel(path, adapted(base, adapter), lineage)
      await tampered(({ metadata }) => {
        metadata['adapters'] = JSON.stringify(what)
      })
      await refused(problem)
    }
    await saying([], 'it lists no adapters')
    await saying([{ ...adapter, name: 'a.b' }], 'one of its adapters has no proper name')
    await saying([{ ...adapter, rank: 0 }], 'its adapter “sft” has no proper rank')
    await saying([{ ...adapter, alpha: 0 }], 'no proper alpha')
    await saying([{ ...adapter, scaling: 'by-luck' }], 'no proper scaling')
    await saying([{ ...adapter, dropout: 1 }], 'no proper dropout')
    await saying([{ ...adapter, projections: ['transformer.wte'] }], 'no proper list of projections')
    await saying([adapter, adapter], 'two of its adapters are called “sft”')
    await saying([{ ...adapter, rank: 3 }], 'has the shape \\[16,2\\] where \\[16,3\\] is wanted')
    await saying(
      [{ ...adapter, projections: adapter.projections.slice(0, 2) }],
      'does not belong to this model',
    )
  })

  it('when it does not say what it stands on, or believes in too many layers', async () => {
    await tampered(({ metadata }) => {
      metadata['base'] = '{"file":"","checksum":"00000000"}'
    })
    await refused('it does not say which model it stands on')
    await tampered(({ metadata }) => {
      metadata['config'] = JSON.stringify({ ...base.config, layers: 100_000 })
    })
    await refused('its configuration speaks of 100000 layers: more than 1000 are not believed')
  })

  it('or read as it was, however its bytes are changed', async () => {
    const whole = await readFile(path)
    const before = all((await loadModel(path)).model.parameters)
    await fc.assert(
      fc.asyncProperty(
        fc.nat(whole.length - 1),
        fc.integer({ min: 0, max: 255 }),
        fc.boolean(),
        async (at, byte, isCut) => {
          const changed = Buffer.from(isCut ? whole.subarray(0, at) : whole)
          if (!isCut) changed[at] = byte
          await writeFile(path, changed)
          const read = await loadModel(path).catch((error: unknown) => error)
          if (read instanceof Error) expect(read).toBeInstanceOf(StudioFailure)
          else
            expect(Object.keys(all((read as { model: Model }).model.parameters))).toEqual(Object.keys(before))
        },
      ),
      { numRuns: 300 },
    )
  }, 30_000)
})

describe('models from a shelf', () => {
  it('are the same memory as long as somebody holds them, beneath adapters too', async () => {
    await saveModel(path, adapted(base, adapter), lineage)
    const load = modelShelf()
    const [{ model: first }, { model: second }, { model: over }] = await Promise.all([
      load(basePath),
      load(basePath),
      load(path),
    ])
    expect(second.parameters).toBe(first.parameters)
    expect(layersOf(layersOf(over.parameters)!.frozen)!.frozen).toBe(first.parameters)
    expect(over.parameters.view('transformer.wte.weight').buffer).toBe(first.parameters.flat.buffer)
  })

  it('are read again when the file has changed', async () => {
    const load = modelShelf()
    const { model: old } = await load(basePath)
    await saveModel(basePath, tinyModel(2, { contextTokens: 21 }), {})
    const { model } = await load(basePath)
    expect(model.parameters).not.toBe(old.parameters)
    expect(model.config.contextTokens).toBe(21)
  })
})
