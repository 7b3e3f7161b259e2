/** The nouns. Plain data, safe to clone across any process border. Times are milliseconds since 1970. */
import type { SettingsValues } from './fields'
import type { MetricName } from './metrics'
import type { Checkpoint } from './models'

export * from './models'
export * from './needs'

// ---- data ----

export const datasetKinds = ['text', 'labelled', 'demonstrations', 'preferences', 'prompts'] as const
/**
 * text: completion only · labelled: completion + label · demonstrations: prompt + completion ·
 * preferences: prompt + completion (chosen) + rejected · prompts: prompt only
 */
export type DatasetKind = (typeof datasetKinds)[number]

export interface Dataset {
  readonly id: string
  readonly name: string
  readonly kind: DatasetKind
  /** `judgments`: the preference pairs that a label queue's verdicts make, growing with them. */
  readonly origin: 'bundled' | 'imported' | 'judgments'
  readonly rows: number
  readonly bytes: number
  /** Name of the file it came from, without its folder. */
  readonly fileName: string
  /** Where the text comes from and on what terms, when known. */
  readonly terms: string
  readonly createdAtMs: number
}

/** One row of training data of any kind; a part that the kind does not have is undefined. */
export interface Example {
  readonly id: number
  readonly datasetId: string
  /** 1-based place in its dataset. */
  readonly row: number
  readonly prompt?: string
  /** The text itself, the completion, or the chosen completion. */
  readonly completion?: string
  readonly rejected?: string
  readonly label?: number
  readonly source?: string
  readonly isFlagged: boolean
}

/** What a file says of an example, before it has a place in a dataset. */
export type ExampleParts = Pick<Example, 'prompt' | 'completion' | 'rejected' | 'label' | 'source'>

export interface ExampleFilter {
  /** Words to find, all of them; empty finds all. */
  readonly search: string
  readonly source?: string
  readonly label?: number
  readonly flaggedOnly?: boolean
  /** Bounds on the characters of prompt + completion. */
  readonly minCharacters?: number
  readonly maxCharacters?: number
}

export interface ExamplePage {
  /** How many rows match in all. */
  readonly total: number
  readonly rows: readonly Example[]
}

/** Lengths in characters: counts of equally wide bins from 0, the last one open. */
export interface LengthHistogram {
  readonly part: 'prompt' | 'completion' | 'rejected'
  readonly binWidth: number
  readonly all: readonly number[]
  /** The rows that match the filter, in the same bins. */
  readonly matching: readonly number[]
  readonly median: number
  readonly percentile95: number
}

export interface DatasetSummary {
  readonly histograms: readonly LengthHistogram[]
  readonly sources: readonly { readonly source: string; readonly rows: number }[]
  readonly labels: readonly { readonly label: number; readonly rows: number }[]
  /** Names of runs trained on it. */
  readonly usedBy: readonly string[]
}

export interface ImportProgress {
  readonly rows: number
  readonly bytesRead: number
  readonly bytesTotal: number
  /**
   * Present in the last item. `isNew` is false when the same content was imported before; `notes` say what is
   * odd in it and was kept.
   */
  readonly done?: { readonly dataset: Dataset; readonly isNew: boolean; readonly notes?: readonly string[] }
}

export interface Token {
  readonly id: number
  readonly text: string
}
export interface TokenView {
  readonly tokenizer: string
  readonly vocabulary: number
  readonly tokens: readonly Token[]
  /** Characters the tokenizer cannot encode, each once. */
  readonly unknown: readonly string[]
}

// ---- labels ----

export const verdicts = ['left', 'right', 'tie', 'both-bad', 'skip'] as const
export type Verdict = (typeof verdicts)[number]
/** How much better; only with left and right. */
export type Margin = 'better' | 'slightly'

export interface LabelQueue {
  readonly id: string
  /** The dataset of preference pairs that its judgments make. */
  readonly datasetId: string
  readonly name: string
  readonly checkpointId: string
  readonly promptDatasetId: string
  readonly sampling: SamplingSettings
  /** How many judgments were aimed at. */
  readonly goal: number
  /** What counts as better here, shown below the pair. */
  readonly guidance: string
  readonly createdAtMs: number
}

/** Two completions of one prompt. Which of them stands left was drawn at random when it was made. */
export interface Comparison {
  readonly id: string
  readonly queueId: string
  /** 1-based place in its queue. */
  readonly place: number
  readonly prompt: string
  readonly left: ComparisonSide
  readonly right: ComparisonSide
}
export interface ComparisonSide {
  readonly text: string
  readonly tokens: number
  readonly hasEnded: boolean
}

/** A person's act. Rows are only ever added; the newest of a comparison counts. */
export interface Judgment {
  readonly id: number
  readonly comparisonId: string
  readonly place: number
  readonly prompt: string
  readonly verdict: Verdict
  readonly margin?: Margin
  readonly judgedAtMs: number
}

export interface LabelProgress {
  readonly judged: number
  readonly goal: number
  readonly pairs: number
  /** Comparisons made and not yet judged. */
  readonly ahead: number
  /** Why no more are coming, if they are not. */
  readonly problem?: string
  readonly judgmentsAMinute?: number
  /** Newest first, at most 12. */
  readonly recent: readonly Judgment[]
}

// ---- runs ----

export const runStates = ['queued', 'running', 'stopping', 'finished', 'stopped', 'failed'] as const
export type RunState = (typeof runStates)[number]
export const recipeNames = ['pretrain', 'sft', 'reward', 'ppo'] as const
export type RecipeName = (typeof recipeNames)[number]

/** What a run is made from: names of the recipe's inputs → ids of datasets or checkpoints. */
export type RunInputs = Readonly<Record<string, readonly string[]>>

export interface Run {
  readonly id: string
  readonly name: string
  readonly recipe: RecipeName
  readonly state: RunState
  /** The whole parsed settings, defaults included. */
  readonly settings: SettingsValues
  readonly inputs: RunInputs
  /** Highest judgment id known at launch: labels given later do not enter. */
  readonly judgmentWatermark: number
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
  /** The newest checkpoint it can be resumed from. */
  readonly resumableStep?: number
}

export interface MetricPoint {
  readonly step: number
  readonly name: MetricName
  readonly value: number
}

/** A completion kept for people to look at. */
export interface Sample {
  readonly id: string
  readonly runId?: string
  readonly checkpointId?: string
  readonly step: number
  readonly prompt: string
  readonly completion: string
  readonly tokens: number
  readonly hasEnded: boolean
  readonly reward?: number
  readonly judge?: number
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
}

// ---- generation ----

/**
 * How weights are read to write text: as their checkpoint has them, or the large matrices in 8 bits, faster
 * and with fewer digits.
 */
export const weightFormats = ['as-they-are', '8-bit'] as const
export type WeightFormat = (typeof weightFormats)[number]

export interface SamplingSettings {
  readonly temperature: number
  /** 0 is off. */
  readonly topK: number
  /** 1 is off. */
  readonly topP: number
  readonly maxTokens: number
  readonly seed: number
}

export interface GeneratedPiece {
  readonly side: 'left' | 'right'
  /** Text to append. */
  readonly text: string
  readonly tokens: number
  /** Present in a side's last piece. */
  readonly end?: { readonly sampleId: string; readonly hasEnded: boolean; readonly tokensASecond: number }
}

// ---- the machine ----

export interface Device {
  readonly id: string
  /** "CPU, 2 threads, compiled" */
  readonly name: string
  readonly isUsable: boolean
  readonly whyNot?: string
  readonly isDefault: boolean
  /** All it has, free or not; absent where nobody says. */
  readonly memoryBytes?: number
  /** Most threads it can be told to use; absent where it takes no number of them. */
  readonly mostThreads?: number
  /** This project's own tests do not run on it, and the self-test has not passed on it yet. */
  readonly isUntested?: boolean
}

export interface AppInfo {
  readonly version: string
  readonly host: 'electron' | 'headless'
  readonly registryPath: string
  readonly registryBytes: number
  readonly devices: readonly Device[]
}
