/** Bits that change on the disk, and what kills leave there. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { SettingsValues } from '../../src-shared/fields'
import { seeded } from '../../src-main/maths/random'
import type { Model } from '../../src-main/model/model'
import { loadModel, loadResume, saveModel } from '../../src-main/model/checkpoint'
import { testFolder } from '../helpers/registry'
import { testStudio, type TestStudio } from '../helpers/test-studio'
import { ended, imported, tinyPretraining, until } from '../helpers/tiny-runs'
import { tinyModel } from '../model/tiny'

const tries = 400

describe('10. a flipped bit', () => {
  it(`of a model’s file is refused or was of no account: ${tries} bits, anywhere`, async () => {
    const path = join(testFolder(), 'model.safetensors')
    const model = tinyModel()
    await saveModel(path, model, { run: 'one' })
    const whole = readFileSync(path)
    const random = seeded(10)
    let refused = 0
    for (let each = 0; each < tries; each++) {
      writeFileSync(path, flipped(whole, Math.floor(random() * whole.length * 8)))
      const loaded = await loadModel(path).catch((error: unknown) => void expectRefusal(error))
      if (!loaded) refused++
      else expect(said(loaded.model)).toEqual(said(model))
    }
    expect(refused).toBeGreaterThan(0.9 * tries)
  })

  it.each(['model', 'state to resume from'] as const)(
    'in the newest %s: the run goes on from the one before, and becomes the same to the bit',
    async (what) => {
      const folder = testFolder()
      const studio = await testStudio({ folder })
      const [run, stopped] = [await launched(studio), await launched(studio)]
      await until(studio, stopped.id, 60)
      await studio.ask('runs.stop', { runId: stopped.id })
      const { run: at } = await ended(studio, stopped.id)
      const places = statesOf(folder, stopped.id)
      expect(places).toHaveLength(2)
      const damaged = places.at(-1)!.replace('.resume', what === 'model' ? '' : '.resume')
      writeFileSync(damaged, flipped(readFileSync(damaged), 8 * (readFileSync(damaged).length - 3)))

      await studio.ask('runs.resume', { runId: stopped.id })
      const { run: end } = await ended(studio, stopped.id)
      expect(end.state).toBe('finished')
      const shown = await studio.ask('runs.show', { runId: stopped.id })
      expect(shown.log.map(({ text }) => text).join('\n')).toMatch(
        new RegExp(`saved at update ${at.step} cannot be used: .*bits of it have changed`),
      )
      await ended(studio, run.id)
      expect(pointsOf(await watched(studio, stopped.id))).toEqual(pointsOf(await watched(studio, run.id)))
      const last = async (id: string) =>
        (await loadModel(join(folder, 'registry-checkpoints', id, 'update-001000.safetensors'))).model
      expect((await last(stopped.id)).parameters.flat).toEqual((await last(run.id)).parameters.flat)
    },
  )

  it('in all that a run could go on from fails it, saying which file', async () => {
    const folder = testFolder()
    const studio = await testStudio({ folder })
    const { id } = await launched(studio)
    await until(studio, id, 5)
    await studio.ask('runs.stop', { runId: id })
    await ended(studio, id)
    for (const path of statesOf(folder, id)) {
      const bytes = readFileSync(path)
      writeFileSync(path, flipped(bytes, 8 * (bytes.length - 3)))
      await expect(loadResume(path)).rejects.toThrow('bits of it have changed')
    }
    await studio.ask('runs.resume', { runId: id })
    const { run } = await ended(studio, id)
    expect(run).toMatchObject({ state: 'failed', error: expect.stringContaining('bits of it have changed') })
  })
})

describe('13. what kills leave', () => {
  it('is swept at the next start: half-written files, files without a row, empty folders; nothing else', async () => {
    const folder = testFolder()
    const studio = await testStudio({ folder })
    const { id } = await launched(studio, {})
    await ended(studio, id)
    await studio.studio.close()
    const checkpoints = join(folder, 'registry-checkpoints')
    const before = filesUnder(checkpoints)
    mkdirSync(join(checkpoints, 'run-77'))
    mkdirSync(join(checkpoints, '.unfinished-abc'))
    const left = [
      `${id}/update-000030.safetensors.partial`,
      `${id}/update-000099.safetensors`,
      'run-77/update-000001.resume.safetensors',
      '.unfinished-abc/model.safetensors',
    ]
    for (const each of left) writeFileSync(join(checkpoints, each), 'half')
    const beside = join(folder, 'my-model.safetensors.partial')
    writeFileSync(beside, 'somebody’s own')

    await testStudio({ folder })
    expect(filesUnder(checkpoints)).toEqual(before)
    expect(existsSync(join(checkpoints, 'run-77'))).toBe(false)
    expect(existsSync(beside)).toBe(true)
  })
})

/** Long enough to be stopped on its way, unless it is to be short. */
async function launched(
  studio: TestStudio,
  settings: SettingsValues = { updates: 1000, checkpointEvery: 50 },
) {
  const { id } = await imported(studio, 'texts.txt')
  return studio.ask('runs.launch', {
    recipe: 'pretrain',
    settings: { ...tinyPretraining, ...settings },
    inputs: { texts: [id] },
  })
}

const filesUnder = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()

/** The files that it could go on from, oldest first. */
const statesOf = (folder: string, runId: string): readonly string[] => {
  const own = join(folder, 'registry-checkpoints', runId)
  return readdirSync(own)
    .filter((name) => name.includes('.resume.'))
    .sort()
    .map((name) => join(own, name))
}

async function watched(studio: TestStudio, runId: string) {
  return studio.follow('runs.watch', { runId, sinceStep: -1 }, () => true)
}

const pointsOf = (updates: Awaited<ReturnType<typeof watched>>) =>
  updates
    .flatMap(({ points = [] }) => points)
    .filter(({ name }) => name !== 'pace/tokens')
    .map(({ step, name, value }) => `${step} ${name} ${value}`)
    .sort()

function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const other = Uint8Array.from(bytes)
  other[bit >> 3]! ^= 1 << (bit & 7)
  return other
}

const said = ({ kind, config, tokenizer, parameters }: Model) => ({
  kind,
  config,
  tokenizer: tokenizer.definition,
  numbers: parameters.flat,
})

function expectRefusal(error: unknown): void {
  expect(error).toMatchObject({ error: { kind: 'refused-file' } })
}
