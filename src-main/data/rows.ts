/** Rows of a file before their columns mean anything. */

export interface SourceRow {
  readonly values: Readonly<Record<string, unknown>>
  /** Where it begins, from 1; a Parquet file has rows instead of lines. */
  readonly line: number
  /** The file it stands in, where several are read as one. */
  readonly file?: string
  /** Whether it waits for its first answer: it is a prompt, or nothing. */
  readonly isUnanswered?: true
  /** Why nothing can be made of it. */
  readonly lacks?: string
}

export interface RowBatch {
  readonly rows: readonly SourceRow[]
  /** Of the file on disk, so far. */
  readonly bytesRead: number
  /** All columns, also those that were not asked for, where a file names them before its rows. */
  readonly columns?: readonly string[]
  /** What of the file is in no row, in sentences. */
  readonly notes?: readonly string[]
}
