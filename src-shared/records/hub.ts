/** What a hub of models and datasets, such as Hugging Face's, offers. Plain data, safe to clone across any border. */
import type { ImportPreview } from './dataset'

export const hubKinds = ['datasets', 'models'] as const

export type HubKind = (typeof hubKinds)[number]

/** One repository that a search found. */
export interface HubFound {
  /** "OWNER/NAME" */
  readonly name: string
  /** As its tags say it: "apache-2.0"; empty when they do not. */
  readonly licence: string
  /** Whether its terms are to be accepted on the hub before it may be had. */
  readonly isGated: boolean
  readonly downloads: number
  readonly updatedAtMs: number
  /** Of a dataset, as its tags say it: "10K to 100K rows"; of a model its parameters. Empty when unknown. */
  readonly size: string
  /** Of a model: "llama", "gguf"; empty when it does not say so. */
  readonly family: string
}

export interface HubSplit {
  readonly name: string
  readonly files: readonly string[]
  readonly bytes: number
}

/** A dataset's own division: several sets under one name. */
export interface HubConfig {
  readonly name: string
  readonly isDefault: boolean
  readonly splits: readonly HubSplit[]
}

interface HubRepository {
  readonly name: string
  /** The commit that all of this is about. */
  readonly commit: string
  readonly licence: string
  readonly isGated: boolean
  readonly downloads: number
  /** Its page. */
  readonly page: string
}

export interface HubDataset extends HubRepository {
  readonly configs: readonly HubConfig[]
}

/** Rows of it as they would be read, fetched without the rest. */
export interface HubPreview extends ImportPreview {
  readonly file: string
  readonly config: string
  readonly split: string
}

export interface HubModel extends HubRepository {
  /** "llama"; empty when nothing says so. */
  readonly family: string
  readonly parameters: number | undefined
  /** The files that are needed of it; none when it holds no weights that are read. */
  readonly files: readonly string[]
  readonly bytes: number
  /** Single files, each of which is a whole model. */
  readonly alternatives: readonly { readonly file: string; readonly bytes: number }[]
  /** Why it cannot be read here, in words. */
  readonly problem?: string
  /** What it takes of memory to write with it, and what this machine has. */
  readonly memory?: { readonly needBytes: number; readonly availableBytes: number }
}
