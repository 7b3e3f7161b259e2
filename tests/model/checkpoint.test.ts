import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { seeded } from '../../src-main/maths/random'
import { loadModel, loadResume, saveModel, saveResume } from '../../src-main/model/checkpoint'
import { readModelHeader } from '../../src-main/model/model-header'
import { addValueHead, createRewardModel } from '../../src-main/model/heads'
import { copyModel } from '../../src-main/model/language-model'
import type { Model } from '../../src-main/model/model'
import { encodeSafetensors, type HeldTensor } from '../../src-main/model/weights/safetensors'
import { StudioFailure } from '../../src-shared/result'
import { tinyModel } from './tiny'
import { decodeSafetensors } from './weights/memory-file'
import { skipped, whyNotLinux } from '../helpers/skipping'

let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'checkpoint-'))
  path = join(folder, 'sft-120.safetensors')
})
afterEach(() => rm(folder, { recursive: true }))

const lineage = { run: 'sft', step: '120' }

/** Saves the model, changes what the file says, and writes it back. */
async function tampered(
  model: Model,
  change: (stored: { tensors: Map<string, HeldTensor>; metadata: Record<string, string> }) => void,
): Promise<void> {
  await saveModel(path, model, lineage)
  const stored = await decodeSafetensors(await readFile(path))
  delete stored.metadata['checksums'] // what is changed on purpose has none
  change(stored)
  await writeFile(path, Buffer.concat(encodeSafetensors(stored.tensors, stored.metadata)))
}

describe('a saved model', () => {
  it('is read back bit by bit, with its tokenizer and its lineage', async () => {
    const model = tinyModel()
    const bytes = await saveModel(path, model, lineage)
    const loaded = await loadModel(path)
    expect(loaded.lineage).toEqual(lineage)
    expect(loaded.model.kind).toBe('language-model')
    expect(loaded.model.config).toEqual(model.config)
    expect(loaded.model.parameters.spec).toEqual(model.parameters.spec)
    expect(loaded.model.parameters.flat).toEqual(model.parameters.flat)
    expect(loaded.model.tokenizer.definition).toEqual(model.tokenizer.definition)
    expect((await readFile(path)).length).toBe(bytes)
  })

  it('says what it is without its numbers', async () => {
    const reward = createRewardModel(tinyModel(), seeded(2))
    await saveModel(path, reward, lineage)
    const { kind, config, tokenizer, lineage: from, parameters } = await readModelHeader(path)
    expect({ kind, config, lineage: from, parameters }).toEqual({
      kind: 'reward-model',
      config: reward.config,
      lineage,
      parameters: reward.parameters.count,
    })
    expect(tokenizer.encode('bad.')).toEqual(reward.tokenizer.encode('bad.'))
  })

  it.each([
    { bins: { count: 7, lowest: -1, highest: 2.5 }, hasSegments: true },
    { ensemble: { heads: 3, caution: 0.5 }, hasSegments: false },
    { steps: { joined: 'least' }, hasSegments: false },
  ] as const)('brings the head %o back as it was', async (head) => {
    const reward = createRewardModel(tinyModel(), seeded(2), head)
    await saveModel(path, reward, {})
    expect((await readModelHeader(path)).head).toEqual(head)
    const { model } = await loadModel(path)
    expect(model).toMatchObject({ kind: 'reward-model', head })
    for (const name of Object.keys(reward.parameters.spec))
      expect([...model.parameters.view(name)]).toEqual([...reward.parameters.view(name)])
  })

  it.each([
    [{ hasSegments: 'yes' }, 'its head does not say whether it has segments'],
    [{ hasSegments: true, steps: { joined: 'sum' } }, 'its head does not say how steps are joined'],
    [{ hasSegments: true, ensemble: { heads: 1, caution: 1 } }, 'its head is no proper ensemble'],
    [{ hasSegments: true, ensemble: { heads: 3, caution: -1 } }, 'its head is no proper ensemble'],
    [{ hasSegments: true, ensemble: 3 }, 'its head is no proper ensemble'],
    [{ hasSegments: true, bins: { count: 1, lowest: 0, highest: 1 } }, 'its head has no proper bins'],
    [{ hasSegments: true, bins: { count: 3, lowest: 2, highest: 1 } }, 'its head has no proper bins'],
    [{ hasSegments: true, bins: null }, 'its head has no proper bins'],
    [
      { hasSegments: true, bins: { count: 9, lowest: 0, highest: 1 } },
      'the tensor "score.weight" has the shape [16,7] where [16,9] is wanted',
    ],
  ])('refuses a head that says %j', async (head, problem) => {
    const reward = createRewardModel(tinyModel(), seeded(2), {
      bins: { count: 7, lowest: 0, highest: 1 },
      hasSegments: true,
    })
    await tampered(reward, ({ metadata }) => {
      metadata['head'] = JSON.stringify(head)
    })
    await expect(loadModel(path)).rejects.toThrow(problem)
  })

  it('keeps a reward model’s head', async () => {
    const reward = createRewardModel(tinyModel(), seeded(2))
    await saveModel(path, reward, lineage)
    const { model } = await loadModel(path)
    expect(model.kind).toBe('reward-model')
    expect(model.parameters.view('score.weight')).toEqual(reward.parameters.view('score.weight'))
  })

  it('takes the place of an older file as a whole and leaves nothing beside it', async () => {
    await saveModel(path, tinyModel(1), lineage)
    await saveModel(path, tinyModel(2), lineage)
    expect((await loadModel(path)).model.parameters.flat).toEqual(tinyModel(2).parameters.flat)
    expect(await readdir(folder)).toEqual(['sft-120.safetensors'])
  })

  it('is not saved with what does not belong to it', async () => {
    await expect(saveModel(path, addValueHead(tinyModel()), lineage)).rejects.toThrow(
      'these are not the parameters of a language-model alone',
    )
    expect(await readdir(folder)).toEqual([])
  })

  it.skipIf(whyNotLinux !== undefined)(
    `that does not fit the disk is refused in words and spoils nothing${skipped(whyNotLinux)}`,
    async () => {
      await saveModel(path, tinyModel(1), lineage)
      await symlink('/dev/full', `${path}.partial`) // a device on which every write finds the disk full
      await expect(saveModel(path, tinyModel(2), lineage)).rejects.toThrow(
        'The disk is full: sft-120.safetensors was not written. What was saved before is safe.',
      )
      expect((await loadModel(path)).model.parameters.flat).toEqual(tinyModel(1).parameters.flat)
      expect(await readdir(folder)).toEqual(['sft-120.safetensors'])
    },
  )

  it('in a folder that is not there is an error', async () => {
    await expect(saveModel(join(folder, 'no', 'x.safetensors'), tinyModel(), lineage)).rejects.toThrow(
      'ENOENT',
    )
  })
})

describe('a model file', () => {
  /** Also by those who read the header alone, unless it is the numbers that are wrong. */
  const refused = async (problem: string | RegExp, isSeenInHeader = true): Promise<void> => {
    const failure = await loadModel(path).then(
      () => undefined,
      (error: unknown) => error,
    )
    expect(failure).toBeInstanceOf(StudioFailure)
    if (isSeenInHeader) expect(await readModelHeader(path).catch((error: unknown) => error)).toEqual(failure)
    expect((failure as StudioFailure).error).toMatchObject({
      kind: 'refused-file',
      file: 'sft-120.safetensors',
      problem: expect.stringMatching(problem),
    })
  }

  it('that is not there, or is a folder, is refused in words', async () => {
    await refused('it is not there any more')
    await expect(loadModel(folder)).rejects.toThrow('it is a folder')
    await expect(readModelHeader(folder)).rejects.toThrow('it is a folder')
  })

  it('of something else is refused', async () => {
    await writeFile(path, 'hello, this is no model file at all')
    await refused('it is no safetensors file')
    await writeFile(path, Buffer.concat(encodeSafetensors(new Map(), {})))
    await refused('it was not written by this studio')
    await saveResume(path, { step: 1, tensors: {}, numbers: {} })
    await refused('it is a "rlhf-studio resume 1" file where a "rlhf-studio model 1" file is wanted')
  })

  it('cut anywhere is refused', async () => {
    await saveModel(path, tinyModel(), lineage)
    const whole = await readFile(path)
    for (const share of [0, 0.001, 0.2, 0.9999]) {
      await writeFile(path, whole.subarray(0, Math.floor(whole.length * share)))
      await refused(/cut short|no safetensors file/)
    }
  })

  it.each<[string, string, string]>([
    ['kind', 'oracle', 'it holds a "oracle", which this version does not know'],
    ['config', '{"architecture":"rwkv"}', 'its architecture is "rwkv", which this version does not know'],
    ['config', '{"architecture":"gpt","layers":2.5}', 'its configuration has no proper "layers"'],
    [
      'config',
      '{"architecture":"gpt","layers":1e9,"heads":2,"width":16,"contextTokens":20,"vocabulary":11}',
      'its configuration speaks of 1000000000 layers, and there are only 28 tensors',
    ],
    [
      'config',
      '{"architecture":"gpt","layers":2,"heads":3,"width":16,"contextTokens":20,"vocabulary":11}',
      '3 heads do not divide a width of 16',
    ],
    [
      'config',
      '{"architecture":"gpt","layers":2,"heads":2,"width":16,"contextTokens":900000000,"vocabulary":11}',
      'the tensor "transformer.wpe.weight" has the shape \\[20,16\\] where \\[900000000,16\\] is wanted',
    ],
    [
      'config',
      '{"architecture":"gpt","layers":3,"heads":2,"width":16,"contextTokens":20,"vocabulary":11}',
      'the tensor "transformer.h.2.ln_1.weight" is missing',
    ],
    [
      'config',
      '{"architecture":"gpt","layers":1,"heads":2,"width":16,"contextTokens":20,"vocabulary":11}',
      'the tensor "transformer.h.1.[a-z_.0-9]*" does not belong to this model',
    ],
    ['config', 'no JSON', 'its metadata "config" is not JSON'],
    ['config', '[]', 'its metadata "config" is missing or wrong'],
    ['tokenizer', '{"type":"runes"}', 'its tokenizer is of type "runes", which this version does not know'],
    ['tokenizer', '{"type":"character","characters":"abc"}', 'its tokenizer does not list its characters'],
    ['tokenizer', '{"type":"character","characters":["a","a"]}', '"a" stands twice in the tokenizer'],
    [
      'tokenizer',
      '{"type":"character","characters":["a"]}',
      'its tokenizer has 2 tokens and its configuration 11',
    ],
    ['lineage', '{"run":3}', 'its metadata "lineage" is missing or wrong'],
  ])('whose %s is %s is refused', async (name, value, problem) => {
    await tampered(tinyModel(), ({ metadata }) => {
      metadata[name] = value
    })
    await refused(problem)
  })

  it('that says it is of the other kind is refused', async () => {
    await tampered(tinyModel(), ({ metadata }) => {
      metadata['kind'] = 'reward-model'
    })
    await refused('the tensor "score.weight" is missing')
    await tampered(createRewardModel(tinyModel(), seeded(1)), ({ metadata }) => {
      metadata['kind'] = 'language-model'
    })
    await refused('the tensor "score.(weight|bias)" does not belong to this model')
  })

  it('with a tensor of another shape is refused', async () => {
    await tampered(tinyModel(), ({ tensors }) => {
      tensors.set('transformer.wpe.weight', { shape: [16, 20], data: new Float32Array(320) })
    })
    await refused('the tensor "transformer.wpe.weight" has the shape \\[16,20\\] where \\[20,16\\] is wanted')
  })

  it('with a number that is none is refused', async () => {
    await tampered(tinyModel(), ({ tensors }) => {
      tensors.get('transformer.ln_f.bias')!.data[3] = NaN
    })
    await refused('number 4 of the tensor "transformer.ln_f.bias" is NaN', false)
  })

  it('with any bytes changed is read or refused in words, and never anything else', async () => {
    await saveModel(path, copyModel(tinyModel(1, { layers: 1, width: 4, contextTokens: 8 })), lineage)
    const whole = await readFile(path)
    const headerBytes = 8 + Number(whole.readBigUInt64LE(0))
    const change = fc.record({
      at: fc.nat(headerBytes + 8),
      to: fc.oneof(
        fc.nat(255),
        fc.constantFrom(...'0123456789,:"{}[]-e'.split('').map((sign) => sign.charCodeAt(0))),
      ),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
        const bytes = Buffer.from(whole)
        for (const { at, to } of changes) bytes[at] = to
        await writeFile(path, bytes)
        const failure = await loadModel(path).then(
          ({ model }) => {
            expect(model.parameters.count).toBe((whole.length - headerBytes) / 4)
          },
          (error: unknown) => error,
        )
        if (failure !== undefined) expect(failure).toBeInstanceOf(StudioFailure)
      }),
      { numRuns: 400 },
    )
  })
})

describe('a resumable state', () => {
  const state = {
    step: 247,
    tensors: {
      first: Float32Array.of(1, 2, 3),
      second: Float32Array.of(-1e-20, 0, 5),
      none: new Float32Array(0),
    },
    numbers: { updates: 988, beta: 0.0517 },
  }

  it('is read back bit by bit', async () => {
    await saveResume(path, state)
    expect(await loadResume(path)).toEqual(state)
    expect(await readdir(folder)).toEqual(['sft-120.safetensors'])
  })

  it('is never a model file', async () => {
    await saveModel(path, tinyModel(), lineage)
    await expect(loadResume(path)).rejects.toThrow(
      'it is a "rlhf-studio model 1" file where a "rlhf-studio resume 1" file is wanted',
    )
  })

  it('is not written with a number that is none', async () => {
    await expect(saveResume(path, { ...state, numbers: { beta: NaN } })).rejects.toThrow(
      'the number "beta" to resume with is NaN',
    )
  })

  it('with broken facts is refused', async () => {
    const write = (step: string, numbers: string): Promise<void> =>
      writeFile(
        path,
        Buffer.concat(encodeSafetensors(new Map(), { format: 'rlhf-studio resume 1', step, numbers })),
      )
    await write('-1', '{}')
    await expect(loadResume(path)).rejects.toThrow('its step is not a count')
    await write('1', '{"beta":"high"}')
    await expect(loadResume(path)).rejects.toThrow('its numbers are not numbers')
  })
})
