/**
 * Models as people handle them: checkpoints of runs, and what was imported or is exported. Plain data, safe
 * to clone across any process border. Times are milliseconds since 1970.
 */

import type { HubDownload } from './download'

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

export const exportFormats = ['hugging-face', 'gguf', 'onnx', 'peft', 'peft-with-base'] as const

/**
 * A folder that `transformers` loads, a file that llama.cpp does, a folder that transformers.js does, or of a
 * model with an adapter the adapter alone, as PEFT loads it, or with its base, as `AutoPeftModel` does.
 */
export type ExportFormat = (typeof exportFormats)[number]

export const exportNumbers = ['F32', 'F16', 'BF16', 'Q8_0', 'Q4_0'] as const

/** How numbers are stored: in 32 or 16 bits, or in blocks of 32 with a scale, 8 or 4 bits each. */
export type ExportNumbers = (typeof exportNumbers)[number]

/** What each form can hold; the first unless another is asked for. */
export const numbersOfFormat: Readonly<Record<ExportFormat, readonly ExportNumbers[]>> = {
  'hugging-face': ['F32', 'BF16', 'F16'],
  gguf: ['F16', 'Q8_0', 'Q4_0', 'BF16', 'F32'],
  onnx: ['F32'],
  peft: ['F32', 'BF16', 'F16'],
  'peft-with-base': ['F32', 'BF16', 'F16'],
}

/** How far a model's import is; the last one carries the checkpoint. */
export interface ModelImportProgress {
  /** Of one from the hub, while its files come. */
  readonly download?: HubDownload
  /** 0 … 1 */
  readonly share: number
  readonly done?: Checkpoint
}

export interface ExportedModel {
  readonly folder: string
  readonly files: readonly string[]
  readonly bytes: number
}
