/** A file on its way into the studio. */
import type { ImportProgress } from '../../src-shared/records/dataset'

export interface RunningImport {
  readonly id: number
  readonly fileName: string
  /** The file itself, to be read again in another way. */
  readonly file?: File
  /** Undefined while it waits for those before it. */
  readonly startedAtMs?: number
  /** Undefined until the first rows are read. */
  readonly progress?: ImportProgress
  /** Why the file was refused, in words that follow "was not imported: ". */
  readonly problem?: string
}
