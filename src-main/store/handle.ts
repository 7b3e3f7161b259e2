/** What a handle on the registry may do. Functions of this folder take the weaker one where it suffices. */

export type SqlValue = string | number | null

/** A handle that only reads. */
export interface ReadableDb {
  /** The registry's file, absolute; checkpoints lie in the same folder. */
  readonly path: string
  readonly isOpen: boolean
  all<Row>(sql: string, ...values: readonly SqlValue[]): Row[]
  get<Row>(sql: string, ...values: readonly SqlValue[]): Row | undefined
  close(): void
}

/**
 * The studio's one writing handle. What it has committed survives a killed process and a power loss. Each
 * function that writes throws StudioFailure storage when its file is lost.
 */
export interface WritableDb extends ReadableDb {
  /** @returns how many rows changed, and the key of the last one inserted */
  run(sql: string, ...values: readonly SqlValue[]): { readonly changes: number; readonly lastId: number }
  /** One statement for each row of values: all or nothing of it. */
  runEach(sql: string, rows: Iterable<readonly SqlValue[]>): void
  /** Several statements, without values. */
  script(sql: string): void
  /** All of `work` or nothing of it. A transaction inside a transaction joins it. */
  transaction<T>(work: () => T): T
  /** Why nothing more can be saved: the file was deleted, moved, replaced or cut short. undefined while it can. */
  lost(): string | undefined
  /** Writes all that is in it into a new file, also when its own is gone. */
  copyTo(file: string): void
}
