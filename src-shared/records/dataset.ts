/**
 * Datasets, how they come in and what is counted of them. Plain data, safe to clone across any process
 * border. Times are milliseconds since 1970.
 */

export const datasetKinds = ['text', 'labelled', 'demonstrations', 'preferences', 'prompts'] as const

/**
 * text: completion only · labelled: completion + label · demonstrations: prompt + completion ·
 * preferences: prompt + completion (chosen) + rejected · prompts: prompt only
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
