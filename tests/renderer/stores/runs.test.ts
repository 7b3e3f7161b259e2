import { afterEach, describe, expect, it } from 'vitest'
import { mostOpenRuns } from '../../../src-renderer/stores/open-runs'
import { useRuns } from '../../../src-renderer/stores/runs'
import type { MetricPoint, Run, RunsChange, RunTrend, RunUpdate } from '../../../src-shared/records/run'
import { StudioFailure } from '../../../src-shared/result'
import { channel, fakeApi, settled } from '../../helpers/fake-api'
import { inPage } from '../../helpers/in-page'
import { aRun, aSample } from '../../../src-renderer/dev/records'

const trend = (runId: string, values: readonly number[]): RunTrend => ({ runId, steps: [1, 60], values })
const points = (...rewards: readonly (readonly [number, number])[]): readonly MetricPoint[] =>
  rewards.map(([step, value]) => ({ step, name: 'reward/mean', value }))

/** A studio with these runs; each run that is watched hears what is pushed to it. */
function studio(
  runs: readonly Run[],
  first: (runId: string, sinceStep: number) => RunUpdate = () => ({ points: [] }),
) {
  const changes = channel<RunsChange>(() => ({
    runs,
    removed: [],
    trends: runs.map(({ id }) => trend(id, [0, 0.5])),
  }))
  const watches = new Map(runs.map((run) => [run.id, channel<RunUpdate>()]))
  const since: number[] = []
  const api = fakeApi({
    calls: {
      'runs.stop': ({ runId }) => {
        if (runId === 'ppo-01') throw new StudioFailure({ kind: 'storage', problem: 'The disk is full.' })
      },
    },
    streams: {
      'runs.changes': changes.items,
      'runs.watch': async function* ({ runId, sinceStep }, signal) {
        since.push(sinceStep)
        yield first(runId, sinceStep)
        yield* watches.get(runId)?.items(undefined, signal) ?? []
      },
    },
  })
  const page = inPage(api, useRuns)
  leave = page.leave
  return {
    api,
    changes,
    since,
    runs: page.store,
    push: (runId: string, update: RunUpdate) => watches.get(runId)?.push(update),
    listeners: () => [...watches.values()].reduce((sum, watch) => sum + watch.listeners(), 0),
  }
}
let leave = () => {}
afterEach(() => leave())

describe('the list of runs', () => {
  it('stands by recipe, what was launched last first', async () => {
    const { runs } = studio([
      aRun({ id: 'base-01', recipe: 'pretrain', createdAtMs: 1 }),
      aRun({ id: 'ppo-01', createdAtMs: 2 }),
      aRun({ id: 'ppo-02', createdAtMs: 3 }),
    ])
    await settled()
    expect(runs.groups.map((group) => [group.recipe, group.runs.map((run) => run.id)])).toEqual([
      ['ppo', ['ppo-02', 'ppo-01']],
      ['pretrain', ['base-01']],
    ])
  })

  it('gets the small curves with the runs, and newer ones as they grow', async () => {
    const { api, changes, runs } = studio([aRun({ id: 'ppo-01' }), aRun({ id: 'ppo-02' })])
    await settled()
    changes.push({ runs: [aRun({ id: 'ppo-01' })], removed: [], trends: [trend('ppo-01', [0, 0.7])] })
    await settled()
    expect(['ppo-01', 'ppo-02'].map((id) => runs.trends.get(id)?.values)).toEqual([
      [0, 0.7],
      [0, 0.5],
    ])
    expect(api.asked.map(({ name }) => name)).toEqual(['runs.changes'])
  })

  it('follows a run that changes and forgets one that is removed', async () => {
    const { changes, runs } = studio([
      aRun({ id: 'ppo-01' }),
      aRun({ id: 'ppo-02', state: 'running', step: 3 }),
    ])
    await settled()
    runs.open(['ppo-01'])
    changes.push({
      runs: [aRun({ id: 'ppo-02', state: 'running', step: 4 })],
      removed: ['ppo-01'],
      trends: [],
    })
    await settled()
    expect(runs.all.map((run) => [run.id, run.step])).toEqual([['ppo-02', 4]])
    expect(runs.openIds).toEqual([])
    expect(runs.active?.id).toBe('ppo-02')
  })

  it('keeps what is on screen when main is gone', async () => {
    const { api, runs } = studio([aRun({ id: 'ppo-01' })])
    await settled()
    api.disconnect()
    await settled()
    expect(runs.all).toHaveLength(1)
  })

  it('hands on why a run could not be stopped', async () => {
    const { runs } = studio([aRun({ id: 'ppo-01' }), aRun({ id: 'ppo-02' })])
    await settled()
    expect(await runs.stop('ppo-01')).toBe('The disk is full.')
    expect(await runs.stop('ppo-02')).toBeUndefined()
  })
})

describe('a run that is open', () => {
  it('grows in place as points come', async () => {
    const { push, runs } = studio([aRun({ id: 'ppo-01' })], () => ({ points: points([1, 0.1], [2, 0.2]) }))
    await settled()
    runs.open(['ppo-01'])
    await settled()
    const series = runs.watched[0]?.series.get('reward/mean')
    push('ppo-01', { points: points([3, 0.3]) })
    await settled()
    expect(runs.watched[0]?.series.get('reward/mean')).toBe(series)
    expect(series && [...series.values.subarray(0, series.length)]).toEqual([0.1, 0.2, 0.3])
  })

  it('goes back with a run that was resumed, samples and checkpoints too', async () => {
    const { push, runs } = studio([aRun({ id: 'ppo-01' })], () => ({
      points: points([1, 0.1], [2, 0.2], [3, 0.3]),
      samples: [aSample({ id: 'a', step: 1 }), aSample({ id: 'b', step: 3 })],
    }))
    await settled()
    runs.open(['ppo-01'])
    await settled()
    push('ppo-01', { rewoundTo: 1, points: points([2, 0.9]) })
    await settled()
    const series = runs.watched[0]?.series.get('reward/mean')
    expect(series && [...series.values.subarray(0, series.length)]).toEqual([0.1, 0.9])
    expect(runs.watched[0]?.samples.map((sample) => sample.id)).toEqual(['a'])
  })

  it('gathers its samples as they come', async () => {
    const { push, runs } = studio([aRun({ id: 'ppo-01' })], () => ({ samples: [aSample({ id: 'a' })] }))
    await settled()
    runs.open(['ppo-01'])
    await settled()
    push('ppo-01', { samples: [aSample({ id: 'b' })] })
    await settled()
    expect(runs.watched[0]?.samples.map((sample) => sample.id)).toEqual(['a', 'b'])
  })

  it('is listened to no longer when another is opened', async () => {
    const { listeners, runs } = studio([aRun({ id: 'ppo-01' }), aRun({ id: 'ppo-02' })])
    await settled()
    runs.open(['ppo-01'])
    await settled()
    runs.open(['ppo-02'])
    await settled()
    expect(listeners()).toBe(1)
    expect(runs.current?.id).toBe('ppo-02')
  })

  it('stays as it is while a second one is laid over it', async () => {
    const { runs, since } = studio([aRun({ id: 'ppo-01' }), aRun({ id: 'ppo-02' })])
    await settled()
    runs.open(['ppo-01'])
    await settled()
    runs.toggle('ppo-02')
    await settled()
    expect(runs.openIds).toEqual(['ppo-01', 'ppo-02'])
    expect(since).toEqual([-1, -1]) // each was listened to once, from the beginning
    runs.toggle('ppo-01')
    expect(runs.openIds).toEqual(['ppo-02'])
  })

  it('shares its charts with so many others as there are colours', async () => {
    const many = Array.from({ length: 7 }, (_, index) => aRun({ id: `ppo-0${index + 1}` }))
    const { runs } = studio(many)
    await settled()
    const answers = many.map((run) => runs.toggle(run.id))
    expect(answers.filter(Boolean)).toHaveLength(mostOpenRuns)
    expect(runs.openIds).toHaveLength(mostOpenRuns)
  })
})
