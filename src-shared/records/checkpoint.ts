/**
 * Models as people handle them: checkpoints of runs, and what was imported or is exported. Plain data, safe
 * to clone across any process border. Times are milliseconds since 1970.
 */

export const modelKinds = ['language-model', 'reward-model'] as const

export type ModelKind = (typeof modelKinds)[number]

export interface Checkpoint {
  readonly id: string
  readonly name: string
  readonly kind: ModelKind
  /** The run that made it; undefined for one that was imported or came with the studio. */
  readonly runId?: string
  readonly step: number
  /** "gpt", "llama" … */
  readonly architecture: string
  readonly parameters: number
  /** Longest text it can read, in tokens. */
  readonly contextTokens: number
  readonly tokenizer: string
  readonly bytes: number
  /**
   * Terms of use of the weights, where they are known: "apache-2.0". A run's checkpoint is under those of
   * what it started from.
   */
  readonly licence: string
  /** Of an imported one: the file or folder it was read from. */
  readonly importedFrom?: string
  /** Of an imported adapter: the checkpoint it stands on. */
  readonly base?: { readonly id: string; readonly name: string }
  readonly createdAtMs: number
}

export const exportFormats = ['hugging-face', 'onnx', 'peft'] as const

/**
 * A folder that `transformers` loads, one that transformers.js does, or of a model with an adapter the
 * adapter alone, as PEFT loads it.
 */
export type ExportFormat = (typeof exportFormats)[number]

/** How far a model's import is; the last one carries the checkpoint. */
export interface ModelImportProgress {
  /** 0 … 1 */
  readonly share: number
  readonly done?: Checkpoint
}

export interface ExportedModel {
  readonly folder: string
  readonly files: readonly string[]
  readonly bytes: number
}
