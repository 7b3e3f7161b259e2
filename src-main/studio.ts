/**
 * The studio without a window: one registry opened for writing, and everything that works on it. The desktop
 * window, the headless server and the command line each open one of these and put their own face on it.
 */
import { dirname } from 'node:path'
import { version } from '../package.json'
import type { AppInfo } from '../src-shared/records/device'
import type { Run } from '../src-shared/records/run'
import { arenaJudging } from './arena/arena-judging'
import { clusters, type Clusters } from './cluster/clusters'
import { knownClusters } from './cluster/known-clusters'
import { builtProgram } from './cluster/program-package'
import { clustersFile } from './places/registry-location'
import { children } from './processes/children'
import type { ForkCompute } from './processes/compute-child'
import { deviceSurvey } from './devices/device-survey'
import { checkpointServing } from './endpoint/serving'
import { fileReader } from './processes/file-reader'
import { stepPreparing } from './handlers/plan-steps'
import { studioHandlers } from './handlers/handlers'
import type { StudioParts } from './handlers/studio-parts'
import { noKeysKept, type KeyKeeping } from './places/kept-keys'
import { handedOut } from './labels/handed-out'
import { hubAccess, type Environment } from './hub/access'
import { labelFilling } from './labels/label-filling'
import { planWorking } from './runs/plan-working'
import { resumeCutShort } from './runs/resume-sweep'
import { superviseRuns } from './runs/run-supervisor'
import { stopRunsBehind } from './runs/sweep-stopping'
import { makeSampleProject } from './sample-project/sample-project'
import type { Handlers } from './border/serve'
import { markAbandonedRuns } from './store/abandoned-runs'
import { comparisonOf } from './store/comparisons'
import { openRegistry } from './store/database'
import type { WritableDb } from './store/handle'
import { remoteRuns } from './store/remote-jobs'
import { discardUnfinishedImports, purgeRemoved } from './store/remove-dataset'
import { sweepCheckpoints } from './store/swept-checkpoints'
import { waitingRuns } from './store/waiting-runs'
import { makePrivate, writePrivately } from './store/private-files'
import type { KeptLeases } from './team/kept-leases'
import { studioChanges } from './changes/studio-changes'
import { openUploads, type Uploads } from './border/uploads'
import { modelReader } from './processes/model-reader'
import { warmProcess } from './processes/warm-process'

export interface Studio {
  readonly handlers: Handlers
  readonly uploads: Uploads
  readonly registryPath: string
  /** Where a comparison belongs. @throws StudioFailure not-found */
  queueOf(comparisonId: string): string
  /** Stops what runs, saving it, ends every compute process, and leaves the registry whole in its one file. */
  close(): Promise<void>
}

export interface StudioOptions {
  readonly registryPath: string
  readonly host: AppInfo['host']
  /** How this host starts a compute process. */
  readonly fork: ForkCompute
  /** Where the built thread lies that reads files. */
  readonly readingThread: string
  /** In which the hub, the list of clusters and their tokens are named; else that of this process. */
  readonly environment?: Environment
  /** Where the system keeps keys; without it nothing does. */
  readonly keys?: KeyKeeping
  /** What a team's members have before them; where there is no team, nothing is kept. */
  readonly leases?: KeptLeases
  /** Runs that waited when the studio was closed wait on, until somebody says `runs.work`; else they start in turn. */
  readonly leavesQueue?: boolean
  /** Folder of bundled files; without it a new registry stays empty. */
  readonly resources?: string
  readonly reportBug: (where: string, error: unknown) => void
}

/** How long a run may take to save when the studio closes: one rollout and a checkpoint. */
const patienceMs = 30_000

/** How often it is looked whether the registry's file is still there: a loss is said within a second. */
const lookEveryMs = 500

/**
 * @throws StudioFailure storage: the registry is open elsewhere, newer than this program, damaged, not
 *   writable
 */
export async function openStudio(options: StudioOptions): Promise<Studio> {
  writePrivately()
  const db = openRegistry(options.registryPath)
  makePrivate(db.path)
  const elsewhere = openClusters(db, options)
  const lost = markAbandonedRuns(db, Date.now(), elsewhere.goesOn)
  discardUnfinishedImports(db)
  sweepCheckpoints(db)
  const processes = children(options.fork)
  const parts = openParts(
    db,
    { uploads: await openUploads(db.path), clusters: elsewhere },
    { ...options, fork: processes.fork },
  )
  takeUpRuns(parts, lost, options)
  const closing = new AbortController()
  const watch = setInterval(registryNews(db, parts), lookEveryMs)
  const settling = settle(parts, options.resources, closing.signal).catch((error: unknown) => {
    if (!closing.signal.aborted) options.reportBug('the first launch', error)
  })

  return {
    handlers: studioHandlers(parts),
    uploads: parts.uploads,
    registryPath: db.path,
    queueOf: (comparisonId) => comparisonOf(db, comparisonId).queueId,
    close: async () => {
      closing.abort()
      clearInterval(watch)
      closeParts(parts)
      await parts.supervisor.close(patienceMs)
      await processes.endAll()
      await settling
      db.close()
    },
  }
}

/** What only waits or looks ends at once. */
function closeParts({ plans, labels, judging, serving, warm, reader }: StudioParts): void {
  plans.close()
  labels.close()
  judging.close()
  serving.stop()
  warm.close()
  reader.close()
}

/** What went on elsewhere is heard again, and what waited or was cut short goes on. */
function takeUpRuns(
  { db, supervisor, plans, changes }: StudioParts,
  lost: readonly Run[],
  { leavesQueue = false }: StudioOptions,
): void {
  stopRunsBehind({ db, changes, stop: supervisor.stop })
  supervisor.takeUp(remoteRuns(db))
  if (leavesQueue) return
  const waiting = waitingRuns(db)
  resumeCutShort({ db, supervisor }, lost) // before those that had not begun
  supervisor.takeUp(waiting)
  plans.begin()
}

/** Tells every window when the registry's file is lost, or there again. */
function registryNews(db: WritableDb, { changes }: StudioParts): () => void {
  let known: string | undefined
  return () => {
    const problem = db.lost()
    if (problem !== known) changes.registry.publish()
    known = problem
  }
}

function openClusters(db: WritableDb, options: StudioOptions): Clusters {
  const { fork, readingThread, environment = process.env } = options
  const known = knownClusters(clustersFile(process.platform, { ...environment }))
  const program = () => builtProgram(dirname(readingThread))
  const openLibrary = () => warmProcess(db.path, fork)
  return clusters({ db, known, program, openLibrary, environment, now: () => Date.now() })
}

function openParts(
  db: WritableDb,
  opened: Pick<StudioParts, 'uploads' | 'clusters'>,
  options: StudioOptions,
): StudioParts {
  const { host, fork, readingThread, environment = process.env, keys = noKeysKept, reportBug } = options
  const now = () => Date.now()
  const changes = studioChanges()
  const warm = warmProcess(db.path, fork)
  const handed = handedOut(options.leases)
  const survey = deviceSurvey({ fork, certain: warm.devices, registryPath: db.path })
  const parts = {
    db,
    changes,
    supervisor: superviseRuns({
      ...{ db, changes, now, reportBug },
      forkOn: (device) => opened.clusters.fork(device) ?? fork,
    }),
    warm,
    openLibrary: () => warmProcess(db.path, fork),
    handedOut: handed,
    serving: checkpointServing({ db, warm, now, reportBug }),
    judging: arenaJudging({ db, warm, changes, reportBug }),
    labels: labelFilling({ db, warm, changes, handedOut: handed, now, reportBug }),
    reader: modelReader(db.path, fork),
    files: fileReader(readingThread),
    keys,
    devices: async () => (await Promise.all([survey(), opened.clusters.devices()])).flat(),
    ...opened,
    hubAccess: () => hubAccess(environment),
    host,
    version,
    now,
  }
  return { ...parts, plans: planWorking({ ...parts, prepare: stepPreparing(parts), reportBug }) }
}

/** Does what can wait until the window is up. */
async function settle(
  { db, changes, labels, now }: StudioParts,
  resources: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  await purgeRemoved(db)
  labels.fillAll()
  if (resources !== undefined) await makeSampleProject({ db, resources, changes, labels, now, signal })
}
