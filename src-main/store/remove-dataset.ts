/** Removing a dataset hides it at once; its rows go in short transactions, so that the window never waits. */
import { setImmediate } from 'node:timers/promises'
import { StudioFailure } from '../../src-shared/result'
import { datasetOf } from './datasets'
import { keyRange } from './example-keys'
import { keyOf } from './ids'
import { runsUsingDataset } from './run-inputs'
import type { ReadableDb, WritableDb } from './handle'

/**
 * Hides the dataset; `purgeRemoved` clears its rows.
 * @throws StudioFailure not-found; in-use, while a run was made from it or a label queue reads or fills it
 */
export function removeDataset(db: WritableDb, datasetId: string): void {
  db.transaction(() => {
    const { id } = datasetOf(db, datasetId)
    const by = userOf(db, keyOf('dataset', id))
    if (by !== undefined) throw new StudioFailure({ kind: 'in-use', what: 'dataset', by })
    db.run("UPDATE datasets SET state = 'removing' WHERE id = ?", keyOf('dataset', id))
  })
}

/**
 * Clears what removed datasets and unfinished imports left, giving way to other work between steps. Ends
 * early when the registry is closed.
 */
export async function purgeRemoved(db: WritableDb): Promise<void> {
  while (db.isOpen && purgeSome(db)) await setImmediate()
}

/**
 * Imports that were under way when the registry was last closed, or its process killed. Called once at open,
 * before any import.
 */
export function discardUnfinishedImports(db: WritableDb): void {
  db.run("UPDATE datasets SET state = 'removing' WHERE state = 'importing'")
}

/** Rows cleared in one transaction: about 10 ms. */
const AT_ONCE = 500

/** @returns whether there was anything left to clear */
function purgeSome(db: WritableDb): boolean {
  return db.transaction(() => {
    const dataset = db.get<{ id: number }>(
      "SELECT id FROM datasets WHERE state = 'removing' ORDER BY id LIMIT 1",
    )
    if (!dataset) return false
    const [first, last] = keyRange(dataset.id)
    const end = db
      .all<{ id: number }>(
        'SELECT id FROM examples WHERE id BETWEEN ? AND ? ORDER BY id LIMIT ?',
        first,
        last,
        AT_ONCE,
      )
      .at(-1)?.id
    if (end === undefined) {
      db.run('DELETE FROM example_versions WHERE example_id BETWEEN ? AND ?', first, last)
      db.run('DELETE FROM marked_examples WHERE example_id BETWEEN ? AND ?', first, last)
      db.run('DELETE FROM datasets WHERE id = ?', dataset.id)
    } else {
      db.run(
        `INSERT INTO examples_search (examples_search, rowid, prompt, completion, rejected)
        SELECT 'delete', id, prompt, completion, rejected FROM examples WHERE id BETWEEN ? AND ?`,
        first,
        end,
      )
      db.run('DELETE FROM examples WHERE id BETWEEN ? AND ?', first, end)
    }
    return true
  })
}

/** What keeps a dataset from being removed. @throws StudioFailure not-found */
export const userOfDataset = (db: ReadableDb, datasetId: string): string | undefined =>
  userOf(db, keyOf('dataset', datasetOf(db, datasetId).id))

function userOf(db: ReadableDb, datasetKey: number): string | undefined {
  const [run, ...others] = runsUsingDataset(db, datasetKey)
  if (run !== undefined)
    return others.length === 0 ? `the run “${run}”` : `the run “${run}” and ${others.length} more`
  const queue = db.get<{ name: string }>(
    'SELECT name FROM queues WHERE prompt_dataset_id = ? OR dataset_id = ?',
    datasetKey,
    datasetKey,
  )
  return queue && `the label queue “${queue.name}”`
}
