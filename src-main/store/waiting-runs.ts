/** Runs that wait for their turn, in their order. */
import type { ReadableDb, WritableDb } from './handle'
import { idOf, keyOf } from './ids'

/** Ids, the next one first. */
export const waitingRuns = (db: ReadableDb): readonly string[] =>
  db
    .all<{ id: number }>("SELECT id FROM runs WHERE state = 'queued' ORDER BY turn, id")
    .map(({ id }) => idOf('run', id))

/** The turn of the last that waits; 0 where none does. */
export const lastTurn = (db: ReadableDb): number =>
  db.get<{ turn: number | null }>("SELECT max(turn) AS turn FROM runs WHERE state = 'queued'")?.turn ?? 0

/** Gives turns in this order. A run that does not wait any more is passed over. */
export function arrangeRuns(db: WritableDb, runIds: readonly string[]): void {
  db.transaction(() => {
    for (const [index, runId] of runIds.entries())
      db.run("UPDATE runs SET turn = ? WHERE id = ? AND state = 'queued'", index + 1, keyOf('run', runId))
  })
}
