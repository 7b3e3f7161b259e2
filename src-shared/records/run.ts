/**
 * Runs: one launched training each, from request to end, with all that happens to it. Plain data, safe to
 * clone across any process border. Times are milliseconds since 1970.
 */
import type { Evidence } from '../evidence'
import type { SettingsValues } from '../fields'
import type { MetricName } from '../metrics'
import type { RecipeName } from '../recipes/recipes'
import type { FieldProblem } from '../result'
import type { Checkpoint } from './checkpoint'
import type { LiveProgress } from './live'
import type { RewardReport } from './reward-report'
import type { RunMarks } from './run-marks'
import type { Sample } from './sample'

export const runStates = ['queued', 'running', 'stopping', 'finished', 'stopped', 'failed'] as const

export type RunState = (typeof runStates)[number]

/** How a waiting run changes its place. */
export const queueMoves = ['first', 'up', 'down', 'last'] as const

export type QueueMove = (typeof queueMoves)[number]

/** What a run is made from: names of the recipe's inputs → ids of datasets or checkpoints. */
export type RunInputs = Readonly<Record<string, readonly string[]>>

export interface Run extends RunMarks {
  readonly id: string
  readonly name: string
  readonly recipe: RecipeName
  readonly state: RunState
  /** The whole parsed settings, defaults included. */
  readonly settings: SettingsValues
  readonly inputs: RunInputs
  /** Rows that its datasets of judgments had when it was launched, by their ids: they have more now. */
  readonly judgedRows?: Readonly<Record<string, number>>
  /** Highest judgment id known at launch: labels given later do not enter. */
  readonly judgmentWatermark: number
  /** Newest mark or edit of an example known at launch; absent: none. Later ones do not enter. */
  readonly exampleWatermark?: number
  readonly device: string
  /** How many threads of the device, when that was said. */
  readonly threads?: number
  readonly programVersion: string
  readonly createdAtMs: number
  readonly startedAtMs?: number
  readonly endedAtMs?: number
  readonly step: number
  readonly totalSteps: number
  /** Milliseconds left at the present pace, while running. */
  readonly leftMs?: number
  /** Why it failed, in words. */
  readonly error?: string
  /** Why it was stopped, in words, where nobody pressed a button. */
  readonly stopReason?: string
  /** The sweep that it is a try of. */
  readonly sweepId?: string
  /** While it is queued: the lowest is next. */
  readonly turn?: number
  /** Present while it waits for a person: how much of what it asks is answered. */
  readonly waits?: LiveProgress
  /** The newest checkpoint it can be resumed from; 0 where a person's answers are all there is yet. */
  readonly resumableStep?: number
}

export interface MetricPoint {
  readonly step: number
  readonly name: MetricName
  readonly value: number
}

export interface LogLine {
  readonly atMs: number
  /** The update after which it was said; undefined before the first. */
  readonly step?: number
  readonly level: 'info' | 'alarm' | 'error'
  readonly text: string
}

/**
 * A run's headline metric, thinned evenly: the first and the newest point are always there, as they were
 * measured.
 */
export interface RunTrend {
  readonly runId: string
  readonly steps: readonly number[]
  readonly values: readonly number[]
  /** What stands behind the newest value, of a metric that means nothing without. */
  readonly evidence?: Evidence
  /** What each metric was last, by its name. */
  readonly last?: Readonly<Partial<Record<MetricName, number>>>
}

/** What happened to the list of runs. */
export interface RunsChange {
  readonly runs: readonly Run[]
  /** Ids of runs that are gone. */
  readonly removed: readonly string[]
  /** Of some of these runs: a run that has measured nothing yet has none. */
  readonly trends: readonly RunTrend[]
}

/** What happened to a run since the last look. Only what changed is present. */
export interface RunUpdate {
  /**
   * The run was resumed at this update: points, samples and checkpoints after it no longer count. Holds
   * before the rest of this object.
   */
  readonly rewoundTo?: number
  readonly run?: Run
  readonly points?: readonly MetricPoint[]
  readonly samples?: readonly Sample[]
  readonly log?: readonly LogLine[]
  readonly checkpoints?: readonly Checkpoint[]
  /** In place of the one before. */
  readonly report?: RewardReport
}

/** What a run will hold in memory at its peak, by what it is for: bytes. */
export interface MemoryNeed {
  readonly parameters: number
  readonly gradients: number
  readonly optimizer: number
  /** What the way forward leaves for the way back. */
  readonly activations: number
  /** Keys and values of what is written. */
  readonly cache: number
  /** Everything else: other programs, copies on their way, the process itself. */
  readonly workspace: number
}

/** What a run needs, and what there is: bytes. */
export interface RunNeeds {
  readonly need: MemoryNeed
  /** All of it together. */
  readonly bytes: number
  /** What the machine has, or a container is allowed. */
  readonly machineBytes: number
  readonly freeBytes: number
  /** Why it cannot start, with the settings that would make it fit; empty when it fits. */
  readonly problems: readonly FieldProblem[]
}

/** What is wrong with a launch, and what it would take. */
export interface RunCheck {
  readonly problems: readonly FieldProblem[]
  /** What it can start with and should not be relied on for. */
  readonly warnings?: readonly FieldProblem[]
  readonly needs?: RunNeeds
}

/** A run as one file for other people. */
export interface ExportedRun {
  readonly path: string
  readonly bytes: number
}

/** What came of the file of a run. */
export interface ImportedRun {
  readonly run: Run
  /** `known`: it was here already, as far as the file goes; `continued`: it was, and the file goes further. */
  readonly outcome: 'new' | 'continued' | 'known'
}
