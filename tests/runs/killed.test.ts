/** What is left when a process is killed, at a moment nobody chose. */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Run } from '../../src-shared/records/run'
import { startStudio } from '../helpers/headless-studio'
import { childrenOf, parentOf } from '../helpers/linux-processes'
import { testFolder } from '../helpers/registry'
import { testStudio, type Asking } from '../helpers/test-studio'
import { ended, imported, shown, tinyPretraining, until, weightsIn } from '../helpers/tiny-runs'
import { skipped, whyNotLinux } from '../helpers/skipping'

/** Long enough to be killed in the middle of, also where nothing else runs. */
const settings = { ...tinyPretraining, updates: 500, checkpointEvery: 40, samplesEvery: 100 }
const killedAfter = 100
const timeout = 240_000

async function launched(studio: Asking): Promise<Run> {
  return studio.ask('runs.launch', {
    recipe: 'pretrain',
    settings,
    inputs: { texts: [(await imported(studio, 'texts.txt')).id] },
  })
}

const fileOf = (folder: string, run: Run): string =>
  join(
    folder,
    'registry-checkpoints',
    run.id,
    `update-${String(settings.updates).padStart(6, '0')}.safetensors`,
  )

interface Whole {
  readonly weights: Float32Array
  readonly losses: readonly number[]
}
let whole: Promise<Whole> | undefined

/** What every resumed run must come to: the points and weights of a run that nothing happened to. */
const uninterrupted = (): Promise<Whole> => (whole ??= trainWhole())

async function trainWhole(): Promise<Whole> {
  const folder = testFolder()
  const studio = await testStudio({ folder })
  const run = await launched(studio)
  expect((await ended(studio, run.id)).run).toMatchObject({ state: 'finished', step: settings.updates })
  return { weights: await weightsIn(fileOf(folder, run)), losses: await losses(studio, run.id) }
}

/** Of updates 1, 2, 3, …: none missing, none twice. */
async function losses(studio: Asking, runId: string): Promise<readonly number[]> {
  const points = (await shown(studio, runId)).points?.filter(({ name }) => name === 'loss/train') ?? []
  expect(points.map(({ step }) => step)).toEqual(Array.from({ length: points.length }, (_, i) => i + 1))
  return points.map(({ value }) => value)
}

async function gone(pid: number): Promise<void> {
  while (parentOf(pid) !== undefined) await new Promise((resolve) => setTimeout(resolve, 20))
}

describe('a run whose compute process is killed', () => {
  it(
    'fails in words, keeps what was shown, and resumes to the very weights of a run that nothing happened to',
    async () => {
      const whole = await uninterrupted()
      const folder = testFolder()
      const studio = await testStudio({ folder })
      const run = await launched(studio)
      const before = (await until(studio, run.id, killedAfter)).flatMap((update) => update.points ?? [])
      process.kill(studio.pids.at(-1)!, 'SIGKILL')

      const failed = (await ended(studio, run.id)).run
      expect(failed.state).toBe('failed')
      expect(failed.resumableStep! % settings.checkpointEvery).toBe(0)
      expect(failed.error).toBe(
        `The compute process was killed; perhaps the machine ran out of memory at update ${failed.step}. ` +
          `Everything up to update ${failed.resumableStep} is kept: Resume continues from there.`,
      )
      const kept = (await shown(studio, run.id)).points ?? []
      for (const point of before) expect(kept).toContainEqual(point)

      await studio.ask('runs.resume', { runId: run.id })
      expect((await ended(studio, run.id)).run).toMatchObject({ state: 'finished', step: settings.updates })
      expect(await losses(studio, run.id)).toEqual(whole.losses)
      expect(await weightsIn(fileOf(folder, run))).toEqual(whole.weights)
      expect(studio.bugs).toEqual([])
    },
    timeout,
  )
})

describe.skipIf(whyNotLinux !== undefined)(`a studio that is killed${skipped(whyNotLinux)}`, () => {
  it(
    'while it trains: the compute process ends, nothing that was shown is lost, and the run resumes to ' +
      'the same weights',
    async () => {
      const whole = await uninterrupted()
      const folder = testFolder()
      const first = await startStudio(join(folder, 'registry.sqlite'))
      const run = await launched(first)
      const before = (await until(first, run.id, killedAfter)).flatMap((update) => update.points ?? [])
      const children = childrenOf(first.process.pid!)
      expect(children.length).toBeGreaterThan(0)
      await first.kill()
      await Promise.all(children.map(gone))

      const second = await startStudio(join(folder, 'registry.sqlite'))
      const { run: failed, log } = await second.ask('runs.show', { runId: run.id })
      expect(failed).toMatchObject({
        state: 'failed',
        error:
          `The studio or its compute process ended while this run was at update ${failed.step}. Resume ` +
          `continues from update ${failed.resumableStep}.`,
      })
      expect(log.length).toBeGreaterThan(0)
      const kept = (await shown(second, run.id)).points ?? []
      for (const point of before) expect(kept).toContainEqual(point)

      await second.ask('runs.resume', { runId: run.id })
      expect((await ended(second, run.id)).run).toMatchObject({ state: 'finished', step: settings.updates })
      expect(await losses(second, run.id)).toEqual(whole.losses)
      expect(await weightsIn(fileOf(folder, run))).toEqual(whole.weights)
      expect(await second.end()).toBe(0)
    },
    timeout,
  )
})
