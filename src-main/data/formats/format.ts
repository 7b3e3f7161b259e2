/** What a file format is: a row of the table in data/formats.ts. */
import type { RowBatch } from '../rows'
import type { SourceFile } from '../source-file'

/** What is known of a file before it is read. */
export interface FileStart {
  /** Whether the ending of its name is this format's, another's or nobody's. */
  readonly named: 'as-this' | 'as-another' | 'as-none'
  /** How it is packed, by name. */
  readonly packing: string | undefined
  /** The first bytes, unpacked if it is packed, as Latin 1: a unit a byte. */
  readonly head: string
  /** The first character that is neither white space nor a byte order mark. */
  readonly opening: string | undefined
}

export interface FileFormat {
  readonly name: string
  /** Endings of names, in lower case with the dot; several formats may share one. */
  readonly extensions: readonly string[]
  /** What a row's place in the file is counted by, in refusals. */
  readonly countsBy: 'line' | 'row'
  /** Whether a file is of this format: asked in the order of the table. */
  readonly recognises: (start: FileStart) => boolean
  /** Why a file that it recognises cannot be read after all. */
  readonly refusal?: (start: FileStart) => string | undefined
  /**
   * Reads the rows, by the batch.
   * @param meant those of the found columns that mean something: the others need not be read
   * @param cut how plain text is cut into texts; no other format asks
   * @throws StudioFailure refused-file, with the place of what cannot be read
   */
  readonly rows: (
    source: SourceFile,
    meant: (found: readonly string[]) => readonly string[],
    cut?: string,
  ) => AsyncGenerator<RowBatch>
}
