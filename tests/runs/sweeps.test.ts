/** Sweeps and the queue, with real compute processes. */
import { describe, expect, it } from 'vitest'
import type { CallInput } from '../../src-shared/contract'
import type { Run } from '../../src-shared/records/run'
import type { SweepPlan } from '../../src-shared/sweeps/plan'
import { StudioFailure } from '../../src-shared/result'
import { testFolder } from '../helpers/registry'
import { testStudio, type Asking, type TestStudio } from '../helpers/test-studio'
import { ended, hasEnded, imported, tinyPretraining, until } from '../helpers/tiny-runs'

const rates = (...values: readonly number[]): SweepPlan => ({
  axes: [{ setting: 'learningRate', values }],
  draw: { by: 'grid' },
})

async function asked(
  studio: Asking,
  plan: SweepPlan,
  settings: object = {},
): Promise<CallInput<'sweeps.launch'>> {
  const inputs = { texts: [(await imported(studio, 'texts.txt')).id] }
  return { recipe: 'pretrain', settings: { ...tinyPretraining, ...settings }, inputs, plan }
}

const runsOf = async ({ ask }: Asking, sweepId: string): Promise<readonly Run[]> =>
  (await ask('runs.list', {})).filter((run) => run.sweepId === sweepId).reverse()

async function allEnded(studio: Asking, sweepId: string): Promise<readonly Run[]> {
  for (const { id } of await runsOf(studio, sweepId)) await ended(studio, id)
  return runsOf(studio, sweepId)
}

const waiting = async ({ ask }: Asking): Promise<readonly string[]> =>
  (await ask('runs.list', {}))
    .filter(({ state }) => state === 'queued')
    .toSorted((a, b) => a.turn! - b.turn!)
    .map(({ id }) => id)

describe('a sweep', () => {
  it('makes ordinary runs, trains them in turn, and stops the one that is behind the others, saying why', async () => {
    const studio = await testStudio()
    const plan = { ...rates(0.01, 1e-8), stopping: { afterStep: 10, leastOthers: 1 } }
    const sweep = await studio.ask(
      'sweeps.launch',
      await asked(studio, plan, { updates: 300, checkpointEvery: 300 }),
    )
    expect(sweep).toMatchObject({ name: 'sweep-01', recipe: 'pretrain', plan })
    const runs = await allEnded(studio, sweep.id)
    expect(runs.map(({ id }) => id)).toEqual(sweep.runIds)
    expect(runs.map(({ settings }) => settings['learningRate'])).toEqual([0.01, 1e-8])
    expect(runs.map(({ state }) => state)).toEqual(['finished', 'stopped'])
    const [, behind] = runs
    expect(behind!.step).toBeGreaterThanOrEqual(10)
    expect(behind!.step).toBeLessThan(300)
    expect(behind!.stopReason).toMatch(
      /^Stopped early at update \d+: .* was [\d.]+ at best, above [\d.]+, the mean of one other until then\.$/,
    )
    // what was stopped for being behind is not taken up again
    await studio.ask('sweeps.resume', { sweepId: sweep.id })
    expect((await runsOf(studio, sweep.id)).every(hasEnded)).toBe(true)
    expect(studio.bugs).toEqual([])
  }, 300_000)

  it('is refused whole, with the try that cannot start', async () => {
    const studio = await testStudio()
    const plan: SweepPlan = { axes: [{ setting: 'heads', values: [2, 3] }], draw: { by: 'grid' } }
    const refused = await studio.api.call('sweeps.launch', await asked(studio, plan))
    expect(refused.ok).toBe(false)
    if (!refused.ok) expect(new StudioFailure(refused.error).message).toMatch(/\(with heads 3\)/)
    expect(await studio.ask('runs.list', {})).toEqual([])
    expect(await studio.ask('sweeps.list', {})).toEqual([])
  }, 300_000)

  it('is stopped whole, and goes on whole: from checkpoints, or from the beginning', async () => {
    const studio = await testStudio()
    const request = await asked(studio, rates(0.01, 0.02), { updates: 150, checkpointEvery: 150 })
    const { id: sweepId, runIds } = await studio.ask('sweeps.launch', request)
    await until(studio, runIds[0]!, 5)
    await studio.ask('sweeps.stop', { sweepId })
    const stopped = await allEnded(studio, sweepId)
    expect(stopped.map(({ state }) => state)).toEqual(['stopped', 'stopped'])
    expect(stopped[1]!.startedAtMs).toBeUndefined()
    await studio.ask('sweeps.resume', { sweepId })
    const finished = await allEnded(studio, sweepId)
    expect(finished.map(({ state, step }) => [state, step])).toEqual(runIds.map(() => ['finished', 150]))
    expect(studio.bugs).toEqual([])
  }, 300_000)
})

describe('what waits', () => {
  it('keeps its order over a restart and then goes on, the run that was cut short with it', async () => {
    const folder = testFolder()
    const first = await testStudio({ folder })
    const request = await asked(first, rates(0.01, 0.02, 0.03, 0.04), { updates: 120, checkpointEvery: 120 })
    const { id: sweepId, runIds } = await first.ask('sweeps.launch', request)
    const [one, two, three, four] = runIds as [string, string, string, string]
    await until(first, one, 5)
    expect(await waiting(first)).toEqual([two, three, four])
    await first.ask('runs.move', { runId: four, move: 'first' })
    await first.ask('runs.move', { runId: two, move: 'down' })
    expect(await waiting(first)).toEqual([four, three, two])
    await first.ask('runs.move', { runId: four, move: 'up' }) // is first already
    await first.ask('runs.move', { runId: one, move: 'first' }) // does not wait
    expect(await waiting(first)).toEqual([four, three, two])
    await first.studio.close()

    const second = await testStudio({ folder })
    const finished = await allEnded(second, sweepId)
    expect(finished.map(({ state, step }) => [state, step])).toEqual(runIds.map(() => ['finished', 120]))
    const ends = finished.toSorted((a, b) => a.endedAtMs! - b.endedAtMs!).map(({ id }) => id)
    expect(ends).toEqual([one, four, three, two]) // what had begun goes on before what had not
    expect(second.bugs).toEqual([])
  }, 300_000)

  it('lets a run that is stopped out of the line, whether it was taken up or not', async () => {
    const studio: TestStudio = await testStudio()
    const request = await asked(studio, rates(0.01, 0.02), { updates: 100_000, checkpointEvery: 100_000 })
    const { runIds } = await studio.ask('sweeps.launch', request)
    await studio.ask('runs.stop', { runId: runIds[1]! })
    expect(await waiting(studio)).toEqual([])
    await studio.ask('runs.stop', { runId: runIds[0]! })
    expect((await ended(studio, runIds[0]!)).run.state).toBe('stopped')
  }, 300_000)
})
