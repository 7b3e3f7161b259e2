/** Rows of datasets that are much alike: within one, or of one in another. */

/** What of a row is compared. */
export const comparedParts = ['row', 'prompt', 'completion'] as const
export type ComparedPart = (typeof comparedParts)[number]

export interface NearRow {
  readonly exampleId: number
  readonly row: number
  /** Its beginning. */
  readonly text: string
  /** How much of its shingles and those of the first of its group are the same, 0 … 1; 1 for the first. */
  readonly similarity: number
}

/** The first stays; against another dataset it is the row there. */
export interface NearGroup {
  readonly first: NearRow
  /** The most alike first; of a large group not all. */
  readonly others: readonly NearRow[]
  readonly rows: number
}

export interface NearReport {
  /** Rows that were compared; those that are left out and those without a word are not. */
  readonly rows: number
  /** The largest first; of many not all. */
  readonly groups: readonly NearGroup[]
  readonly groupCount: number
  /** All rows but the first of each group, in their order: what excluding all but one leaves out. */
  readonly others: readonly NearOther[]
}

export interface NearOther {
  readonly id: number
  readonly row: number
}

export interface NearProgress {
  readonly compared: number
  readonly total: number
  /** Present in the last item. */
  readonly done?: NearReport
}
