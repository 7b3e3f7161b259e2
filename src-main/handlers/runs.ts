/** Runs: from request to end. */
import { rm } from 'node:fs/promises'
import type { RunNeeds } from '../../src-shared/records/run'
import { recipeOf } from '../../src-shared/recipes/recipes'
import { StudioFailure } from '../../src-shared/result'
import { changesOf } from '../changes/topic'
import { machineMemory } from '../compute/machine-memory'
import { checkLaunch, type CheckedLaunch } from '../launch/launch-check'
import { runNeeds } from '../launch/launch-memory'
import { nextRunName } from '../runs/run-names'
import { watchRun } from '../runs/run-watch'
import type { Handlers } from '../border/serve'
import { checkpointsOfRun } from '../store/checkpoints'
import { logOf } from '../store/log-lines'
import { thinnedPoints } from '../store/metric-points'
import { removeRun } from '../store/remove-run'
import { createRun, findRun, listRuns, renameRun, runOf } from '../store/runs'
import { samplesOfRun } from '../store/samples'
import type { StudioParts } from './studio-parts'
import { mergeRuns, publishUpdate, type RunsChange } from '../changes/studio-changes'

/** The device that `memory-need.ts` was measured on. */
const measuredDevice = 'cpu'

type RunCalls =
  | 'runs.check'
  | 'runs.needs'
  | 'runs.launch'
  | 'runs.stop'
  | 'runs.resume'
  | 'runs.rename'
  | 'runs.remove'
  | 'runs.list'
  | 'runs.trends'
  | 'runs.show'

export const runCalls = ({
  db,
  changes,
  supervisor,
  survey,
  devices,
  warm,
  version,
  now,
}: StudioParts): Pick<Handlers['calls'], RunCalls> => {
  const checker = { db, survey, devices, machineMemory }
  /** Elsewhere than on the CPU nobody has measured. */
  const needsOf = async ({ sized, device }: CheckedLaunch): Promise<RunNeeds | undefined> =>
    sized && device === measuredDevice ? runNeeds(sized, warm.memoryNeed, machineMemory()) : undefined

  return {
    'runs.check': async (request) => (await checkLaunch(checker, request)).problems,
    'runs.needs': async (request) => needsOf(await checkLaunch(checker, request)),
    'runs.launch': async (request) => {
      const checked = await checkLaunch(checker, request)
      const { settings, inputs, device, threads } = checked
      const problems =
        checked.problems.length > 0 ? checked.problems : ((await needsOf(checked))?.problems ?? [])
      if (problems.length > 0) throw new StudioFailure({ kind: 'refused-settings', problems })
      const { recipe, name = nextRunName(recipe, listRuns(db)) } = request
      const run = createRun(db, {
        name,
        recipe,
        settings,
        inputs,
        device,
        ...(threads !== undefined && { threads }),
        programVersion: version,
        createdAtMs: now(),
      })
      supervisor.enqueue(run)
      return runOf(db, run.id)
    },
    'runs.stop': ({ runId }) => supervisor.stop(runId),
    'runs.resume': ({ runId }) => supervisor.resume(runId),
    'runs.rename': ({ runId, name }) => {
      const run = renameRun(db, runId, name)
      publishUpdate(changes, runId, { run })
      changes.checkpoints.publish()
      return run
    },
    'runs.remove': async ({ runId }) => {
      const files = removeRun(db, runId)
      changes.runs.publish({ runs: [], removed: [runId] })
      changes.checkpoints.publish()
      await Promise.all(files.map((file) => rm(file, { force: true })))
    },
    'runs.list': () => listRuns(db),
    'runs.trends': ({ runIds, points }) =>
      runIds.flatMap((runId) => {
        const run = findRun(db, runId)
        const trend = run ? thinnedPoints(db, runId, recipeOf(run.recipe).headline, points) : []
        return trend.length > 0
          ? [{ runId, steps: trend.map(({ step }) => step), values: trend.map(({ value }) => value) }]
          : []
      }),
    'runs.show': ({ runId }) => ({
      run: runOf(db, runId),
      checkpoints: checkpointsOfRun(db, runId),
      samples: samplesOfRun(db, runId),
      log: logOf(db, runId),
    }),
  }
}

export const runStreams = ({
  db,
  changes,
}: StudioParts): Pick<Handlers['streams'], 'runs.changes' | 'runs.watch'> => ({
  async *'runs.changes'(_, signal): AsyncGenerator<RunsChange> {
    const live = changesOf(changes.runs, mergeRuns, signal)
    yield { runs: listRuns(db), removed: [] }
    yield* live
  },
  'runs.watch': (request, signal) => watchRun(db, changes, request, signal),
})
