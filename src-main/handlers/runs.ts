/** Runs: from request to end. */
import { rm } from 'node:fs/promises'
import { labelOf } from '../../src-shared/fields'
import type { LogLine, RunNeeds } from '../../src-shared/records/run'
import { StudioFailure, type FieldProblem } from '../../src-shared/result'
import { machineMemory } from '../compute/machine-memory'
import { checkDevice } from '../launch/check-device'
import type { CheckedLaunch, LaunchRequest } from '../launch/launch-check'
import type { ImportedModel, ImportRequest } from '../checkpoints/model-library'
import type { WarmProcess } from '../processes/warm-process'
import { exportRun } from '../runs/bundle/export-run'
import { importRun } from '../runs/bundle/import-run'
import { markRuns } from '../runs/mark-runs'
import { nextRunName } from '../runs/run-names'
import { watchRun } from '../runs/run-watch'
import { watchRuns } from '../runs/runs-watch'
import type { Handlers } from '../border/serve'
import { checkpointsOfRun } from '../store/checkpoints'
import { appendLog, logOf } from '../store/log-lines'
import { removeRun } from '../store/remove-run'
import { createRun, listRuns, renameRun, runOf } from '../store/runs'
import { samplesOfRun } from '../store/samples'
import type { StudioParts } from './studio-parts'
import { publishUpdate } from '../changes/studio-changes'

/** The device that `memory-need.ts` was measured on. */
const measuredDevice = 'cpu'

/**
 * What a run needs is known by its trainer, which brings TensorFlow.js: read at the first check, so that no window
 * waits for it at the start.
 */
const loadNeeds = () => import('../launch/launch-memory')

type RunCalls =
  | 'runs.check'
  | 'runs.launch'
  | 'runs.stop'
  | 'runs.resume'
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
  'runs.project': async (wish) => {
    const library = openLibrary()
    try {
      return await library.project(wish)
    } finally {
      library.close()
    }
  },
  'runs.import': async ({ path }) => {
    const library = openLibrary()
    try {
      const imported = await importRun({ db, takeModel: (request) => taken(library, request) }, path)
      publishUpdate(changes, imported.run.id, { run: imported.run })
      changes.datasets.publish()
      changes.checkpoints.publish()
      return imported
    } finally {
      library.close()
      await uploads.discard(path)
    }
  },
})

/** How far it is, nobody is told. */
async function taken(library: WarmProcess, request: ImportRequest): Promise<ImportedModel> {
  for await (const each of library.importModel(request, new AbortController().signal))
    if (typeof each !== 'number') return each
  throw new StudioFailure({ kind: 'cancelled' })
}

type LaunchCalls = 'runs.check' | 'runs.launch'

function launchCalls(studio: StudioParts): Pick<Handlers['calls'], LaunchCalls> {
  const { db, supervisor, devices, reader, version, now } = studio
  const check = async (request: LaunchRequest) => reader.checkLaunch({ request, devices: await devices() })
  /** Elsewhere than on the CPU nobody has measured. */
  const needsOf = async ({ sized, device }: CheckedLaunch): Promise<RunNeeds | undefined> => {
    if (!sized || device !== measuredDevice) return undefined
    const { runNeeds } = await loadNeeds()
    return runNeeds(sized, reader.memoryNeed, machineMemory())
  }

  return {
    'runs.check': async (request) => {
      const checked = await check(request)
      const needs = await needsOf(checked).catch(unsaid)
      const { problems, warnings } = checked
      return { problems, ...(warnings && { warnings }), ...(needs && { needs }) }
    },
    'runs.launch': async (request) => {
      const checked = await check(request)
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
      appendLog(db, run.id, asAlarms(checked, now()))
      supervisor.enqueue(run)
      return runOf(db, run.id)
    },
  }
}

const listCalls = ({
  db,
  changes,
  devices,
  supervisor,
}: StudioParts): Omit<Pick<Handlers['calls'], RunCalls>, LaunchCalls | BundleCalls> => ({
  'runs.stop': ({ runId }) => supervisor.stop(runId),
  'runs.resume': async ({ runId, device }) => {
    if (device !== undefined) await insistOnDevice(devices, device)
    return supervisor.resume(runId, device)
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

/** What was said beside the form is said again where its numbers are read. */
const asAlarms = ({ warnings = [] }: CheckedLaunch, atMs: number): readonly LogLine[] =>
  warnings.map(({ field, problem }) => ({
    atMs,
    level: 'alarm',
    text: `Little stands behind this run. ${labelOf(field)}: ${problem}`,
  }))

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
