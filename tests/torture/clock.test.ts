/** A clock that jumps while a run trains: the same bits, and times that people can believe. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { startStudio } from '../helpers/headless-studio'
import { testFolder } from '../helpers/registry'
import { testStudio, type Asking } from '../helpers/test-studio'
import { ended, imported, tinyPretraining, weightsIn } from '../helpers/tiny-runs'
import { tried } from '../helpers/tries'
import { passedMs, registryIn } from './killing'

const dayMs = 86_400_000
const jumps = [-400, 3650, -20_000, 0, -1, 0.04].map((days) => days * dayMs)
const settings = { ...tinyPretraining, updates: 120, checkpointEvery: 40 }

async function launched(studio: Asking): Promise<string> {
  const { id } = await imported(studio, 'texts.txt')
  return (await studio.ask('runs.launch', { recipe: 'pretrain', settings, inputs: { texts: [id] } })).id
}

const lastIn = (folder: string, runId: string): Promise<Float32Array> =>
  weightsIn(join(folder, 'registry-checkpoints', runId, 'update-000120.safetensors'))

async function jumped(): Promise<number> {
  const calm = testFolder()
  const studio = await testStudio({ folder: calm })
  const calmRun = await launched(studio)
  await ended(studio, calmRun)

  const folder = testFolder()
  const clock = join(folder, 'clock')
  writeFileSync(clock, '0')
  const loader = pathToFileURL(join(import.meta.dirname, 'jumping-clock.mjs')).href
  const other = await startStudio(registryIn(folder), {
    STUDIO_TEST_CLOCK: clock,
    NODE_OPTIONS: `--import ${loader}`,
  })
  const runId = await launched(other)
  const ending = ended(other, runId)
  for (const offset of jumps) {
    await passedMs(100)
    writeFileSync(clock, String(offset))
  }
  const { run, updates } = await ending
  expect(run.state).toBe('finished')
  expect(await lastIn(folder, runId)).toEqual(await lastIn(calm, calmRun))
  const left = updates.flatMap((update) => (update.run?.leftMs === undefined ? [] : [update.run.leftMs]))
  for (const each of left) expect(each).toBeGreaterThanOrEqual(0)
  for (const each of left) expect(each).toBeLessThan(dayMs / 24)
  const pace = updates.flatMap(({ points = [] }) => points.filter(({ name }) => name === 'pace/tokens'))
  expect(pace.length).toBeGreaterThan(0)
  // 4 rows of 32 tokens in less than a microsecond, or for longer than a minute: nothing here is either
  for (const { value } of pace) expect(value).toBeGreaterThan(2)
  for (const { value } of pace) expect(value).toBeLessThan(128e6)
  expect(await other.end()).toBe(0)
  return jumps.length
}

describe('a clock that jumps by years while a run trains', () => {
  it('changes no bit of it, and neither its pace nor its time left becomes absurd', (context) =>
    tried(context, { short: 1, long: 10 }, jumped))
})
