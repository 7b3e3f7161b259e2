/**
 * What main and a compute process say to each other. Plain data, the same over Electron's utility process and
 * Node's fork. Everything that is in the registry is named by id: the compute process reads it there itself.
 */
import type { SelftestEvent } from '../compute/selftest/selftest'
import type { ExportRequest, ImportedModel, ImportRequest, SavedModel } from '../checkpoints/model-library'
import type { SizedRun } from '../launch/memory-need'
import type { MetricValues, TrainerSample } from '../trainers/trainer'
import type { ExportedModel } from '../../src-shared/records/checkpoint'
import type { Device } from '../../src-shared/records/device'
import type { LogLine, MemoryNeed } from '../../src-shared/records/run'
import type { WeightFormat } from '../../src-shared/records/sample'
import type { SamplingSettings } from '../../src-shared/sampling'
import type { StudioError } from '../../src-shared/result'

/**
 * One launched run, from its row in the registry. Its newest resumable checkpoint, if there is one, is where
 * it goes on.
 */
export interface TrainingJob {
  readonly registryPath: string
  readonly runId: string
}

/** Files that are wholly on disk; the row for them is main's to write. */
export interface SavedCheckpoint extends SavedModel {
  readonly step: number
  readonly resumePath: string
}

/** What a training job says, in order. Times are milliseconds since 1970. */
export type JobEvent =
  | { readonly kind: 'plan'; readonly totalSteps: number; readonly step: number }
  | { readonly kind: 'update'; readonly step: number; readonly values: MetricValues; readonly atMs: number }
  | { readonly kind: 'samples'; readonly step: number; readonly samples: readonly TrainerSample[] }
  | { readonly kind: 'log'; readonly line: LogLine }
  | { readonly kind: 'checkpoint'; readonly checkpoint: SavedCheckpoint; readonly atMs: number }
  | { readonly kind: 'ended'; readonly state: 'finished' | 'stopped' }
  | { readonly kind: 'ended'; readonly state: 'failed'; readonly error: string }

/** Both sides of one prompt, token by token, from the same seed. */
export interface StreamRequest {
  readonly prompt: string
  readonly leftCheckpointId: string
  readonly rightCheckpointId?: string
  readonly sampling: SamplingSettings
  /** Of both sides; as they are unless it says otherwise. */
  readonly weights?: WeightFormat
}

/** One completion a prompt, in order; the draws of each come from the seed and its place. */
export interface BatchRequest {
  readonly checkpointId: string
  readonly prompts: readonly string[]
  readonly sampling: SamplingSettings
}

export interface WrittenText {
  readonly text: string
  readonly tokens: number
  readonly hasEnded: boolean
}

export interface StreamedPiece {
  readonly side: 'left' | 'right'
  readonly text: string
  /** Tokens written so far on this side, the end token not counted. */
  readonly tokens: number
  /** Present in a side's last piece: all that was written. */
  readonly end?: WrittenText & { readonly tokensASecond: number }
}

/** What is asked of the warm process, each with an id that its answers carry. */
export type WarmRequest =
  | { readonly kind: 'devices' }
  /** What a run would hold, before there is one. */
  | { readonly kind: 'memory'; readonly run: SizedRun }
  | { readonly kind: 'stream'; readonly request: StreamRequest }
  | { readonly kind: 'batch'; readonly request: BatchRequest }
  | { readonly kind: 'import-model'; readonly request: ImportRequest }
  | { readonly kind: 'export-model'; readonly request: ExportRequest }

export type WarmAnswer =
  | { readonly kind: 'memory'; readonly need: MemoryNeed }
  | { readonly kind: 'devices'; readonly devices: readonly Device[] }
  | { readonly kind: 'pieces'; readonly pieces: readonly StreamedPiece[] }
  | { readonly kind: 'batch'; readonly completions: readonly WrittenText[] }
  | { readonly kind: 'import-progress'; readonly share: number }
  | { readonly kind: 'imported-model'; readonly model: ImportedModel }
  | { readonly kind: 'exported-model'; readonly exported: ExportedModel }

export type ToCompute =
  | { readonly kind: 'train'; readonly job: TrainingJob }
  /** Try a device, say how it went, and end: a driver may take the process with it. */
  | { readonly kind: 'probe'; readonly deviceId: string }
  /** Run the self-test on a device and end. */
  | { readonly kind: 'selftest'; readonly deviceId: string; readonly threads?: number }
  /** Training only: save what is there and end. */
  | { readonly kind: 'stop' }
  /** The process answers requests until its channel closes. */
  | { readonly kind: 'warm'; readonly registryPath: string }
  | { readonly kind: 'ask'; readonly id: number; readonly request: WarmRequest }
  | { readonly kind: 'cancel'; readonly id: number }

export type FromCompute =
  /** What happened within at most 100 ms, in order. */
  | { readonly kind: 'events'; readonly events: readonly JobEvent[] }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: WarmAnswer }
  | { readonly kind: 'probed'; readonly device: Device }
  | { readonly kind: 'selftest'; readonly event: SelftestEvent }
  /** The self-test is over; `problem` when the device could not be used. */
  | { readonly kind: 'selftested'; readonly problem?: string }
  /** The last answer of a request. */
  | { readonly kind: 'done'; readonly id: number; readonly error?: StudioError }
