/** What handlers work on: put together by the studio, which opens each part and closes it. */
import type { AppInfo, Device } from '../../src-shared/records/device'
import type { ArenaJudging } from '../arena/arena-judging'
import type { Uploads } from '../border/uploads'
import type { StudioChanges } from '../changes/studio-changes'
import type { CheckpointServing } from '../endpoint/serving'
import type { Clusters } from '../cluster/clusters'
import type { HubAccess } from '../hub/access'
import type { HandedOut } from '../labels/handed-out'
import type { LabelFilling } from '../labels/label-filling'
import type { KeyKeeping } from '../places/kept-keys'
import type { FileReader } from '../processes/file-reader'
import type { ModelReader } from '../processes/model-reader'
import type { WarmProcess } from '../processes/warm-process'
import type { PlanWorking } from '../runs/plan-working'
import type { RunSupervisor } from '../runs/run-supervisor'
import type { WritableDb } from '../store/handle'

export interface StudioParts {
  readonly db: WritableDb
  readonly changes: StudioChanges
  readonly supervisor: RunSupervisor
  /** Lets plans go on by themselves. */
  readonly plans: PlanWorking
  readonly warm: WarmProcess
  /**
   * A process of its own for one import or export of a model, which may take long. Whoever opens it closes
   * it.
   */
  readonly openLibrary: () => WarmProcess
  readonly labels: LabelFilling
  readonly handedOut: HandedOut
  readonly judging: ArenaJudging
  /** Checkpoints for other programs on this machine. */
  readonly serving: CheckpointServing
  /** Asks about models, in a process of its own and for a limited time. */
  readonly reader: ModelReader
  /** Reads files of rows, in a thread of their own. */
  readonly files: FileReader
  /** Every device there could be. */
  readonly devices: () => Promise<readonly Device[]>
  readonly uploads: Uploads
  /** Keys of servers elsewhere. */
  readonly keys: KeyKeeping
  readonly clusters: Clusters
  /** Where the hub is and who asks, as the environment says it now. @throws StudioFailure */
  readonly hubAccess: () => HubAccess
  readonly host: AppInfo['host']
  readonly version: string
  readonly now: () => number
}
