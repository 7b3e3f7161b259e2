/** Adapters through real processes: trained, interrupted, sampled from, sent out, brought back, deleted. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { checkpointStreams } from '../../src-main/handlers/checkpoints'
import { adapterTensors } from '../../src-main/model/adapters/adapter-names'
import { loadModel } from '../../src-main/model/checkpoint'
import { removeCheckpoint } from '../../src-main/store/remove-checkpoint'
import type { StudioParts } from '../../src-main/handlers/studio-parts'
import { studioChanges } from '../../src-main/changes/studio-changes'
import type { Checkpoint } from '../../src-shared/records/checkpoint'
import type { Run } from '../../src-shared/records/run'
import { testCheckpoint } from '../helpers/labels'
import { testFolder, testRegistry } from '../helpers/registry'
import { testStudio, type Asking, type TestStudio } from '../helpers/test-studio'
import { ended, imported, shown, tinyPretraining, until } from '../helpers/tiny-runs'

const timeout = 240_000
/**
 * 32 demonstrations, two of them held out, 40 times in batches of 8: 150 updates. Dropout draws anew in each
 * of them.
 */
const settings = {
  epochs: 40,
  batchExamples: 8,
  warmupUpdates: 2,
  checkpointEvery: 25,
  samplesEvery: 1000,
  learningRate: 0.003,
  label: '1',
  adapter: 'lora',
  loraRank: 2,
  loraAlpha: 4,
  loraTargets: 'all',
  loraDropout: 0.1,
}
const updates = 150
const sampling = { temperature: 1, topK: 0, topP: 1, maxTokens: 24, seed: 1 }

/** A studio that holds a pretrained model, and what is fine-tuned from it. */
async function withBase(): Promise<
  TestStudio & { readonly folder: string; readonly base: Checkpoint; readonly launch: () => Promise<Run> }
> {
  const folder = testFolder()
  const studio = await testStudio({ folder })
  const [texts, demonstrations] = [
    await imported(studio, 'texts.txt'),
    await imported(studio, 'labelled.jsonl'),
  ]
  const { id } = await studio.ask('runs.launch', {
    recipe: 'pretrain',
    settings: tinyPretraining,
    inputs: { texts: [texts.id] },
  })
  await ended(studio, id)
  const base = (await studio.ask('runs.show', { runId: id })).checkpoints.at(-1)!
  const launch = () =>
    studio.ask('runs.launch', {
      recipe: 'sft',
      settings,
      inputs: { policy: [base.id], demonstrations: [demonstrations.id] },
    })
  return { ...studio, folder, base, launch }
}

interface Trained {
  readonly numbers: Readonly<Record<string, Float32Array>>
  readonly losses: readonly number[]
}

/**
 * What a finished run has become: its adapter's matrices, and its curve, with no update missing and none
 * twice.
 */
async function trained(studio: Asking, folder: string, runId: string): Promise<Trained> {
  const points = (await shown(studio, runId)).points!.filter(({ name }) => name === 'loss/train')
  expect(points.map(({ step }) => step)).toEqual(Array.from({ length: updates }, (_, i) => i + 1))
  const { model } = await loadModel(
    join(folder, 'registry-checkpoints', runId, `update-${String(updates).padStart(6, '0')}.safetensors`),
  )
  const [adapter] = model.adapters!
  const matrices = adapter!.projections.flatMap((projection) => {
    const { A, B } = adapterTensors(projection, 'sft')
    return [A, B]
  })
  return {
    numbers: Object.fromEntries(matrices.map((name) => [name, model.parameters.view(name).slice()])),
    losses: points.map(({ value }) => value),
  }
}

const lastOf = async (studio: Asking, runId: string): Promise<Checkpoint> =>
  (await studio.ask('runs.show', { runId })).checkpoints.find(({ step }) => step === updates)!

async function written(studio: Asking, checkpointId: string): Promise<string> {
  const pieces = await studio.follow('samples.generate', {
    prompt: 'the',
    leftCheckpointId: checkpointId,
    sampling,
  })
  return pieces.map(({ text }) => text).join('')
}

async function brought(studio: Asking, path: string, baseId?: string): Promise<Checkpoint> {
  return (await studio.follow('checkpoints.import', { path, ...(baseId !== undefined && { baseId }) })).at(
    -1,
  )!.done!
}

describe('a run with an adapter that is interrupted', () => {
  it(
    'and resumed, after a stop and after a kill, ends with the adapter and the curve of one that nothing ' +
      'happened to',
    async () => {
      const studio = await withBase()
      const { folder, launch } = studio
      const undisturbed = await launch()
      expect((await ended(studio, undisturbed.id)).run).toMatchObject({ state: 'finished', step: updates })
      const whole = await trained(studio, folder, undisturbed.id)
      expect(Object.values(whole.numbers).some((matrix) => matrix.some((value) => value !== 0))).toBe(true)

      const stopped = await launch()
      await until(studio, stopped.id, 20)
      await studio.ask('runs.stop', { runId: stopped.id })
      const before = (await ended(studio, stopped.id)).run
      expect(before).toMatchObject({ state: 'stopped', resumableStep: before.step })
      expect(before.step).toBeLessThan(updates)
      await studio.ask('runs.resume', { runId: stopped.id })
      expect((await ended(studio, stopped.id)).run).toMatchObject({ state: 'finished', step: updates })
      expect(await trained(studio, folder, stopped.id)).toEqual(whole)

      const killed = await launch()
      await until(studio, killed.id, 40)
      process.kill(studio.pids.at(-1)!, 'SIGKILL')
      const failed = (await ended(studio, killed.id)).run
      expect(failed).toMatchObject({
        state: 'failed',
        error: expect.stringMatching(/^The compute process was killed/) as string,
      })
      expect([25, 50, 75, 100, 125]).toContain(failed.resumableStep)
      await studio.ask('runs.resume', { runId: killed.id })
      expect((await ended(studio, killed.id)).run).toMatchObject({ state: 'finished', step: updates })
      expect(await trained(studio, folder, killed.id)).toEqual(whole)
      expect(studio.bugs).toEqual([])
    },
    timeout,
  )
})

describe('the checkpoint of an adapter', () => {
  it(
    'writes text, goes out whole and alone, comes back as what it was, and holds its base',
    async () => {
      const studio = await withBase()
      const { folder, base, launch } = studio
      const { id: runId } = await launch()
      await ended(studio, runId)
      const adapter = await lastOf(studio, runId)
      const exports = testFolder()
      expect(adapter.bytes).toBeLessThan(base.bytes)
      const text = await written(studio, adapter.id)
      expect(text).not.toBe(await written(studio, base.id))

      const merged = await studio.ask('checkpoints.export', {
        checkpointId: adapter.id,
        format: 'hugging-face',
        folder: exports,
      })
      const whole = await brought(studio, merged.folder)
      expect(whole.base).toBeUndefined()
      expect(await written(studio, whole.id)).toBe(text)
      await studio.ask('checkpoints.rename', { checkpointId: adapter.id, name: 'Film adapter' })
      const alone = await studio.ask('checkpoints.export', {
        checkpointId: adapter.id,
        format: 'peft',
        folder: exports,
      })
      expect(alone.files).toEqual([
        'README.md',
        'adapter_config.json',
        'adapter_model.safetensors',
        'tokenizer.json',
        'tokenizer_config.json',
      ])
      const peft = await brought(studio, alone.folder, base.id)
      expect(peft).toMatchObject({
        name: 'Film-adapter',
        base: { id: base.id, name: base.name },
        importedFrom: 'Film-adapter',
      })
      const own = await brought(
        studio,
        join(folder, 'registry-checkpoints', runId, `update-${String(updates).padStart(6, '0')}.safetensors`),
        base.id,
      )
      expect(own).toMatchObject({ name: 'sft-01', base: { id: base.id } })
      expect([await written(studio, peft.id), await written(studio, own.id)]).toEqual([text, text])

      const inFolder = () => readdirSync(join(folder, 'registry-checkpoints', 'imported')).length
      await expect(brought(studio, alone.folder)).rejects.toThrow(
        'Film-adapter: it is an adapter alone, made for “base-01, update 30”: say which model of the ' +
          'library it stands on',
      )
      await expect(brought(studio, alone.folder, whole.id)).resolves.toMatchObject({
        base: { name: whole.name },
      }) // the same sizes: PEFT’s files do not say which weights
      await expect(brought(studio, merged.folder, base.id)).rejects.toThrow('base is for adapters')
      await expect(brought(studio, alone.folder, 'checkpoint-99')).rejects.toThrow(
        'This checkpoint no longer exists.',
      )
      expect(inFolder()).toBe(4)

      const remove = (checkpointId: string) => studio.ask('checkpoints.remove', { checkpointId })
      await expect(remove(base.id)).rejects.toThrow('This checkpoint is used by the run “sft-01” and stays.')
      await studio.ask('runs.remove', { runId })
      await expect(remove(base.id)).rejects.toThrow(
        'This checkpoint is used by the adapter “Film-adapter” and stays.',
      )
      await expect(studio.ask('runs.remove', { runId: base.runId! })).rejects.toThrow(
        'This run is used by the adapter “Film-adapter” and stays.',
      )
      expect(await written(studio, peft.id)).toBe(text)
      await remove(peft.id)
      await remove(own.id)
      expect(inFolder()).toBe(2)
      await remove(base.id)
      expect(studio.bugs).toEqual([])
    },
    timeout,
  )
})

describe('an adapter whose base is deleted while it is read', () => {
  it('is not kept, and neither is its file', async () => {
    const db = testRegistry()
    const base = testCheckpoint(db)
    const file = join(db.path, '../checkpoints/imported/x.safetensors')
    async function* importModel() {
      yield 0.5
      mkdirSync(join(file, '..'), { recursive: true })
      writeFileSync(file, 'weights')
      removeCheckpoint(db, base.id)
      yield {
        name: 'x',
        licence: '',
        kind: 'language-model',
        architecture: 'gpt',
        parameters: 1,
        contextTokens: 1,
        tokenizer: '',
        bytes: 7,
        path: file,
      } as const
    }
    const parts = {
      db,
      changes: studioChanges(),
      now: () => 1,
      openLibrary: () => ({ importModel, close: () => {} }),
      uploads: { discard: async () => {} },
    } as unknown as StudioParts
    const shares: number[] = []
    await expect(
      (async () => {
        for await (const { share } of checkpointStreams(parts)['checkpoints.import'](
          { path: '/x', baseId: base.id },
          new AbortController().signal,
          { id: 'asker' },
        ))
          shares.push(share)
      })(),
    ).rejects.toThrow('This checkpoint no longer exists.')
    expect([shares, existsSync(file)]).toEqual([[0.5], false])
  })
})
