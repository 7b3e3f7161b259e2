/**
 * Datasets, how they come in and what is counted of them. Plain data, safe to clone across any process
 * border. Times are milliseconds since 1970.
 */

import type { HubDownload } from './download'
import type { ExampleParts } from './example'

export const datasetKinds = [
  'text',
  'labelled',
  'demonstrations',
  'preferences',
  'rankings',
  'steps',
  'prompts',
] as const

/**
 * text: completion only · labelled: completion + label · demonstrations: prompt + completion ·
 * preferences: prompt + completion (chosen) + rejected · prompts: prompt only ·
 * rankings: prompt + candidates, the best of which is the completion ·
 * steps: prompt + steps, which together are the completion
 */
export type DatasetKind = (typeof datasetKinds)[number]

/** The kinds whose rows have prompts to be written on from. */
export const kindsWithPrompts: readonly DatasetKind[] = ['prompts', 'preferences', 'demonstrations']

export interface Dataset {
  readonly id: string
  readonly name: string
  readonly kind: DatasetKind
  /** `judgments`: the preference pairs that a label queue's verdicts make, growing with them. */
  readonly origin: 'bundled' | 'imported' | 'judgments'
  readonly rows: number
  /** How many of them are left out of training; absent: none. */
  readonly excluded?: number
  readonly bytes: number
  /** Name of the file it came from, without its folder. */
  readonly fileName: string
  /** Where the text comes from and on what terms, when known. */
  readonly terms: string
  readonly createdAtMs: number
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
  /** Tags that its examples have, the most frequent first; absent: none. */
  readonly tags?: readonly { readonly tag: string; readonly rows: number }[]
  /** Names of runs trained on it. */
  readonly usedBy: readonly string[]
  /** Absent of judgments, and of what came in before it was kept. */
  readonly reading?: DatasetReading
}

/** Columns of a file by what they mean: { prompt: 'question', chosen: 'response_j' }. */
export type ColumnMapping = Readonly<Record<string, string>>

/** What one asks of an import, beyond what the file says of itself. */
export interface ReadingWish {
  readonly kind?: DatasetKind
  readonly columns?: ColumnMapping
  /** How plain text is cut: lines, whole, blank-lines, or marker: and the marker. */
  readonly cut?: string
}

/** What an import made of a file's columns. */
export interface ReadColumns {
  /** By what each was taken for: prompt, completion, chosen … */
  readonly read: readonly { readonly column: string; readonly as: string }[]
  /** Columns with values that no example has. */
  readonly unread: readonly string[]
}

/** How a dataset was read when it came in. */
export interface DatasetReading {
  readonly columns: ReadColumns
  /** What was odd in it and kept, or left out, each a sentence. */
  readonly notes: readonly string[]
}

/** A file before it is imported, by its first rows. */
export interface ImportPreview {
  /** Columns with a value, and the first value of each, shortened. */
  readonly columns: readonly { readonly name: string; readonly holds: string }[]
  /** What a column can be read as. */
  readonly meanings: readonly string[]
  /** What it would be read as, and its first rows so read; absent where it cannot be read. */
  readonly reading?: {
    readonly kind: DatasetKind
    readonly columns: ReadColumns
    readonly examples: readonly ExampleParts[]
  }
  /** Why it cannot be read, in words. */
  readonly problem?: string
}

export interface ImportProgress {
  /** Of one from the hub, while its files come. */
  readonly download?: HubDownload
  /** Whether its columns are still being looked for: no row is stored yet. */
  readonly isLooking?: true
  readonly rows: number
  readonly bytesRead: number
  readonly bytesTotal: number
  /**
   * Present in the last item. `isNew` is false when the same content was imported before; `notes` say what is
   * odd in it and was kept.
   */
  readonly done?: {
    readonly dataset: Dataset
    readonly isNew: boolean
    readonly columns: ReadColumns
    readonly notes?: readonly string[]
  }
}
