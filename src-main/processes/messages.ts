/**
 * What main and a compute process say to each other. Plain data, the same over Electron's utility process and
 * Node's fork. Everything that is in the registry is named by id: the compute process reads it there itself.
 */
import type { SelftestEvent } from '../compute/selftest/selftest'
import type { SavedModel } from '../checkpoints/model-library'
import type { MetricValues, TrainerSample } from '../trainers/trainer'
import type { Device } from '../../src-shared/records/device'
import type { ReportRow } from '../../src-shared/records/reward-report'
import type { Asked } from '../../src-shared/records/live'
import type { LogLine } from '../../src-shared/records/run'
import type { Frame } from '../../src-shared/wire'

/**
 * One launched run, from its row in the registry. Its newest resumable checkpoint, if there is one, is where
 * it goes on.
 */
export interface RunAddress {
  readonly registryPath: string
  readonly runId: string
}

/** Files that are wholly on disk; the row for them is main's to write. */
export interface SavedCheckpoint extends SavedModel {
  readonly step: number
  /** None of a model whose optimizer stayed elsewhere: it cannot be resumed from. */
  readonly resumePath?: string
}

/** What a run says, in order. Times are milliseconds since 1970. */
export type RunEvent =
  | { readonly kind: 'plan'; readonly totalSteps: number; readonly step: number }
  | { readonly kind: 'update'; readonly step: number; readonly values: MetricValues; readonly atMs: number }
  | { readonly kind: 'samples'; readonly step: number; readonly samples: readonly TrainerSample[] }
  | { readonly kind: 'report'; readonly step: number; readonly rows: readonly ReportRow[] }
  | { readonly kind: 'log'; readonly line: LogLine }
  /** What a person is to say before it goes on. */
  | { readonly kind: 'asked'; readonly questions: readonly Asked[]; readonly atMs: number }
  /** Of a run elsewhere: all up to this line of what it says is among the events so far. */
  | { readonly kind: 'heard'; readonly line: number }
  | { readonly kind: 'checkpoint'; readonly checkpoint: SavedCheckpoint; readonly atMs: number }
  | { readonly kind: 'ended'; readonly state: 'finished' | 'stopped' }
  | { readonly kind: 'ended'; readonly state: 'failed'; readonly error: string }

export type ToCompute =
  | { readonly kind: 'train'; readonly run: RunAddress }
  /** Try a device, say how it went, and end: a driver may take the process with it. */
  | { readonly kind: 'probe'; readonly deviceId: string }
  /** Run the self-test on a device and end. */
  | { readonly kind: 'selftest'; readonly deviceId: string; readonly threads?: number }
  /** Training only: save what is there and end. */
  | { readonly kind: 'stop' }
  /** From here on the process answers frames, by `contract.ts`, until its channel closes. */
  | { readonly kind: 'warm'; readonly registryPath: string }
  | { readonly kind: 'frame'; readonly frame: Frame }

export type FromCompute =
  /** What happened within at most 100 ms, in order. */
  | { readonly kind: 'events'; readonly events: readonly RunEvent[] }
  | { readonly kind: 'probed'; readonly device: Device }
  | { readonly kind: 'selftest'; readonly event: SelftestEvent }
  /** The self-test is over; `problem` when the device could not be used. */
  | { readonly kind: 'selftested'; readonly problem?: string }
  | { readonly kind: 'frame'; readonly frame: Frame }
