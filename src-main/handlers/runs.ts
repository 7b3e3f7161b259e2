/** Runs: from request to end. */
import { rm } from 'node:fs/promises'
import { StudioFailure, type FieldProblem } from '../../src-shared/result'
import { checkDevice } from '../launch/check-device'
import { inLibrary, takenModel } from '../processes/library'
import { exportRun } from '../runs/bundle/export-run'
import { importRun } from '../runs/bundle/import-run'
import { markRuns } from '../runs/mark-runs'
import { watchRun } from '../runs/run-watch'
import { watchRuns } from '../runs/runs-watch'
import type { Handlers } from '../border/serve'
import { checkpointsOfRun } from '../store/checkpoints'
import { logOf } from '../store/log-lines'
import { removeRun } from '../store/remove-run'
import { listRuns, renameRun, runOf } from '../store/runs'
import { samplesOfRun } from '../store/samples'
import { waitingRuns } from '../store/waiting-runs'
import { launching } from './launching'
import type { StudioParts } from './studio-parts'
import { publishUpdate } from '../changes/studio-changes'

type RunCalls =
  | 'runs.check'
  | 'runs.launch'
  | 'runs.stop'
  | 'runs.resume'
  | 'runs.move'
  | 'runs.work'
  | 'runs.rename'
  | 'runs.remove'
  | 'runs.mark'
  | 'runs.list'
  | 'runs.show'
  | 'runs.export'
  | 'runs.import'
  | 'runs.project'

export const runCalls = (studio: StudioParts): Pick<Handlers['calls'], RunCalls> => ({
  ...launchCalls(studio),
  ...queueCalls(studio),
  ...listCalls(studio),
  ...bundleCalls(studio),
})

type BundleCalls = 'runs.export' | 'runs.import' | 'runs.project'

const bundleCalls = ({
  db,
  changes,
  openLibrary,
  uploads,
}: StudioParts): Pick<Handlers['calls'], BundleCalls> => ({
  'runs.export': ({ runId, path }) => exportRun(db, runId, path),
  'runs.project': (wish) => inLibrary(openLibrary, (library) => library.project(wish)),
  'runs.import': async ({ path }) => {
    try {
      const imported = await inLibrary(openLibrary, (library) =>
        importRun({ db, takeModel: (request) => takenModel(library, request) }, path),
      )
      publishUpdate(changes, imported.run.id, { run: imported.run })
      changes.datasets.publish()
      changes.checkpoints.publish()
      return imported
    } finally {
      await uploads.discard(path)
    }
  },
})

type LaunchCalls = 'runs.check' | 'runs.launch'

function launchCalls(studio: StudioParts): Pick<Handlers['calls'], LaunchCalls> {
  const { db, supervisor } = studio
  const { check, needsOf, insist, create } = launching(studio)
  return {
    'runs.check': async (request) => {
      const checked = await check(request)
      const needs = await needsOf(checked).catch(unsaid)
      const { problems, warnings } = checked
      return { problems, ...(warnings && { warnings }), ...(needs && { needs }) }
    },
    'runs.launch': async (request) => {
      const run = create(request, await insist(request))
      supervisor.enqueue(run)
      return runOf(db, run.id)
    },
  }
}

type QueueCalls = 'runs.stop' | 'runs.move' | 'runs.work'

const queueCalls = ({ db, supervisor }: StudioParts): Pick<Handlers['calls'], QueueCalls> => ({
  'runs.stop': ({ runId }) => supervisor.stop(runId),
  'runs.move': ({ runId, move }) => supervisor.move(runId, move),
  'runs.work': () => {
    const waiting = waitingRuns(db)
    supervisor.takeUp(waiting)
    return waiting.map((runId) => runOf(db, runId))
  },
})

const listCalls = ({
  db,
  changes,
  devices,
  supervisor,
}: StudioParts): Omit<Pick<Handlers['calls'], RunCalls>, LaunchCalls | QueueCalls | BundleCalls> => ({
  'runs.resume': async ({ runId, device }) => {
    if (device !== undefined) await insistOnDevice(devices, device)
    return supervisor.resume(runId, device === undefined ? {} : { device })
  },
  'runs.rename': ({ runId, name }) => {
    const run = renameRun(db, runId, name)
    publishUpdate(changes, runId, { run })
    changes.checkpoints.publish()
    return run
  },
  'runs.remove': async ({ runId }) => {
    const files = removeRun(db, runId)
    changes.runs.publish({ runs: [], removed: [runId] })
    changes.sweeps.publish()
    changes.checkpoints.publish()
    await Promise.all(files.map((file) => rm(file, { force: true })))
  },
  'runs.mark': ({ marks }) => {
    const marked = markRuns(db, marks)
    for (const run of marked) publishUpdate(changes, run.id, { run })
    return marked
  },
  'runs.list': () => listRuns(db),
  'runs.show': ({ runId }) => ({
    run: runOf(db, runId),
    checkpoints: checkpointsOfRun(db, runId),
    samples: samplesOfRun(db, runId),
    log: logOf(db, runId),
  }),
})

/** @throws StudioFailure refused-settings */
async function insistOnDevice(devices: StudioParts['devices'], device: string): Promise<void> {
  const problems: FieldProblem[] = []
  await checkDevice(devices, { device }, problems)
  if (problems.length > 0) throw new StudioFailure({ kind: 'refused-settings', problems })
}

/** A form goes without what a run would take where that could not be found out; a launch says why. */
function unsaid(error: unknown): undefined {
  if (!(error instanceof StudioFailure)) throw error
}

export const runStreams = ({
  db,
  changes,
}: StudioParts): Pick<Handlers['streams'], 'runs.changes' | 'runs.watch'> => ({
  'runs.changes': (_, signal) => watchRuns(db, changes, signal),
  'runs.watch': (request, signal) => watchRun(db, changes, request, signal),
})
