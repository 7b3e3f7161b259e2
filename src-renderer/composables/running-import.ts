/** A file on its way into the studio. */
import type { ImportProgress } from '../../src-shared/records/dataset'

/** A file, or the address of a dataset on the hub. */
export type ImportSource = File | string

export const sourceName = (source: ImportSource): string =>
  typeof source === 'string' ? source : source.name

export interface RunningImport {
  readonly id: number
  readonly fileName: string
  /** The file itself, or its address on the hub, to be read again in another way. */
  readonly source?: ImportSource
  /** Undefined while it waits for those before it. */
  readonly startedAtMs?: number
  /** Undefined until the first rows are read. */
  readonly progress?: ImportProgress
  /** Why the file was refused, in words that follow "was not imported: ". */
  readonly problem?: string
}
