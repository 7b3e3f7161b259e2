/** Runs of the page alone: one is at work, and its curves move; others are started, stopped and resumed. */
import type { Signal } from '../../src-shared/wire'
import type { Run } from '../../src-shared/records/run'
import { liveList, type LiveList } from './live-list'
import { found, pause, type Part } from './sample-answers'
import { logOf, pointsOf, samplesOf, trendOf } from './sample-curves'
import { checkpoints, runs } from './sample-records'
import { aRun } from './records'

/** One update of the run at work. */
const updateMs = 700

export function sampleRuns(): Part<'runs'> {
  const list = liveList(runs)
  const byId = (id: string) => found(list.all(), 'run', id)
  const change = (id: string, changes: Partial<Run>): Run => {
    const changed = { ...byId(id), ...changes }
    list.put(changed)
    return changed
  }
  setInterval(() => work(list), updateMs)

  return {
    calls: {
      'runs.check': () => ({ problems: [], needs }),
      'runs.launch': ({ recipe, settings, inputs, name = `${recipe}-new` }) => {
        const run = begun({ recipe, settings, inputs, name })
        list.put(run)
        return run
      },
      'runs.stop': ({ runId }) => void change(runId, { state: 'stopped', endedAtMs: Date.now() }),
      'runs.resume': ({ runId }) => change(runId, { state: 'running' }),
      ...{ 'runs.move': () => [], 'runs.work': () => [] },
      'runs.rename': ({ runId, name }) => change(runId, { name }),
      'runs.remove': ({ runId }) => list.remove(runId),
      'runs.mark': ({ marks }) => marks.map(({ runId, ...marked }) => change(runId, marked as Partial<Run>)),
      'runs.export': ({ path }) => ({ path, bytes: 0 }),
      'runs.project': ({ folder }) => ({ folder, files: [], bytes: 0 }),
      'runs.import': () => ({ run: byId(list.all()[0]?.id ?? ''), outcome: 'known' }),
      'runs.list': list.all,
      'runs.show': ({ runId }) => ({ run: byId(runId), ...keptOf(byId(runId)) }),
    },
    streams: {
      'runs.changes': (_input, signal) => changesOf(list, signal),
      'runs.watch': ({ runId, sinceStep }, signal) => updatesOf(() => byId(runId), sinceStep, signal),
    },
  }
}

function begun(asked: Pick<Run, 'recipe' | 'settings' | 'inputs' | 'name'>): Run {
  const now = Date.now()
  const facts = {
    ...asked,
    createdAtMs: now,
    startedAtMs: now,
    state: 'running',
    step: 0,
    totalSteps: 200,
  } as const
  const { endedAtMs: _ended, ...run } = aRun({ ...facts, id: asked.name })
  return run
}

const memory = {
  parameters: 3.2e6,
  gradients: 3.2e6,
  optimizer: 6.4e6,
  activations: 700e6,
  cache: 120e6,
  workspace: 77e6,
}

const needs = { need: memory, bytes: 910e6, machineBytes: 16e9, freeBytes: 9e9, problems: [] }

/** Takes every running run one update further. */
function work(list: LiveList<Run>): void {
  for (const run of list.all()) {
    if (run.state !== 'running') continue
    const step = run.step + 1
    const isDone = step >= run.totalSteps
    const leftMs = (run.totalSteps - step) * updateMs
    list.put({ ...run, step, leftMs, ...(isDone && { state: 'finished', endedAtMs: Date.now() }) })
  }
}

async function* changesOf(list: LiveList<Run>, signal: Signal) {
  let before: readonly Run[] = []
  for await (const now of list.watch(signal)) {
    const removed = before.filter(({ id }) => !now.some((run) => run.id === id)).map(({ id }) => id)
    const changed = now.filter((run) => !before.includes(run))
    yield { runs: changed, removed, trends: changed.map(trendOf) }
    before = now
  }
}

async function* updatesOf(current: () => Run, sinceStep: number, signal: Signal) {
  const run = current()
  let step = run.step
  yield { run, points: pointsOf(run, sinceStep, step), ...keptOf(run) }
  while (!signal.aborted) {
    await pause(updateMs, signal)
    const now = current()
    if (now.step === step) continue
    yield { points: pointsOf(now, step, now.step), samples: samplesOf(now, step, now.step) }
    step = now.step
  }
}

const keptOf = (run: Run) => ({
  samples: samplesOf(run, 0, run.step),
  log: logOf(run),
  checkpoints: checkpoints.filter(({ runId }) => runId === run.id),
})
