/**
 * The studio without a window: one registry opened for writing, and everything that works on it. The desktop
 * window, the headless server and the command line each open one of these and put their own face on it.
 */
import { version } from '../package.json'
import type { AppInfo, Device } from '../src-shared/records/device'
import type { ForkCompute } from './processes/compute-child'
import { datasetSurveyor, type SurveyDataset } from './datasets/survey'
import { deviceSurvey } from './devices/device-survey'
import { studioHandlers } from './handlers/handlers'
import { labelFilling, type LabelFilling } from './labels/label-filling'
import { superviseRuns, type RunSupervisor } from './runs/run-supervisor'
import { makeSampleProject } from './sample-project/sample-project'
import type { Handlers } from './border/serve'
import { markAbandonedRuns } from './store/abandoned-runs'
import { openRegistry, type WritableDb } from './store/database'
import { discardUnfinishedImports, purgeRemoved } from './store/remove-dataset'
import { studioChanges, type StudioChanges } from './changes/studio-changes'
import { openUploads, type Uploads } from './border/uploads'
import { warmProcess, type WarmProcess } from './processes/warm-process'

/** What handlers work on. */
export interface StudioParts {
  readonly db: WritableDb
  readonly changes: StudioChanges
  readonly supervisor: RunSupervisor
  readonly warm: WarmProcess
  /**
   * A process of its own for one import or export of a model, which may take long. Whoever opens it closes
   * it.
   */
  readonly openLibrary: () => WarmProcess
  readonly labels: LabelFilling
  readonly survey: SurveyDataset
  /** Every device there could be. */
  readonly devices: () => Promise<readonly Device[]>
  readonly uploads: Uploads
  readonly host: AppInfo['host']
  readonly version: string
  readonly now: () => number
}

export interface Studio {
  readonly handlers: Handlers
  readonly uploads: Uploads
  readonly registryPath: string
  /** Stops what runs, saving it, and closes the registry. */
  close(): Promise<void>
}

export interface StudioOptions {
  readonly registryPath: string
  readonly host: AppInfo['host']
  /** How this host starts a compute process. */
  readonly fork: ForkCompute
  /** Folder of bundled files; without it a new registry stays empty. */
  readonly resources?: string
  readonly reportBug: (where: string, error: unknown) => void
}

/** How long a run may take to save when the studio closes: one rollout and a checkpoint. */
const patienceMs = 30_000

/**
 * @throws StudioFailure storage: the registry is open elsewhere, newer than this program, damaged, not
 *   writable
 */
export async function openStudio({
  registryPath,
  host,
  fork,
  resources,
  reportBug,
}: StudioOptions): Promise<Studio> {
  const now = () => Date.now()
  const db = openRegistry(registryPath)
  const changes = studioChanges()
  const closing = new AbortController()
  markAbandonedRuns(db, now())
  discardUnfinishedImports(db)
  const uploads = await openUploads(db.path)
  const warm = warmProcess(db.path, fork)
  const labels = labelFilling({ db, warm, changes, now, reportBug })
  const supervisor = superviseRuns({ db, changes, fork, now, reportBug })
  const parts: StudioParts = {
    db,
    changes,
    supervisor,
    warm,
    openLibrary: () => warmProcess(db.path, fork),
    labels,
    survey: datasetSurveyor(db),
    devices: deviceSurvey({ fork, certain: warm.devices, registryPath: db.path }),
    uploads,
    host,
    version,
    now,
  }

  const settling = settle().catch((error: unknown) => {
    if (!closing.signal.aborted) reportBug('the first launch', error)
  })
  /** What can wait until the window is up. */
  async function settle(): Promise<void> {
    await purgeRemoved(db)
    labels.fillAll()
    if (resources !== undefined)
      await makeSampleProject({ db, resources, changes, labels, now, signal: closing.signal })
  }

  return {
    handlers: studioHandlers(parts),
    uploads,
    registryPath: db.path,
    close: async () => {
      closing.abort()
      labels.close()
      warm.close()
      await supervisor.close(patienceMs)
      await settling
      db.close()
    },
  }
}
