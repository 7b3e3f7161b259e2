/** What a run is made from: the only place that knows which input is a dataset and which a checkpoint. */
import type { RunInputs } from '../../src-shared/records/run'
import { keyIn, idOf, missing } from './ids'
import type { ReadableDb, WritableDb } from './handle'

/** @throws StudioFailure not-found, for an id that names no ready dataset and no checkpoint */
export function insertInputs(db: WritableDb, runKey: number, inputs: RunInputs): void {
  for (const [input, ids] of Object.entries(inputs)) {
    ids.forEach((id, position) => {
      const { datasetKey, checkpointKey } = sourceOf(db, id)
      db.run(
        'INSERT INTO run_inputs (run_id, input, position, dataset_id, checkpoint_id) VALUES (?, ?, ?, ?, ?)',
        runKey,
        input,
        position,
        datasetKey,
        checkpointKey,
      )
    })
  }
}

function sourceOf(db: ReadableDb, id: string): { datasetKey: number | null; checkpointKey: number | null } {
  const datasetKey = keyIn('dataset', id)
  if (
    datasetKey !== undefined &&
    db.get("SELECT 1 FROM datasets WHERE id = ? AND state = 'ready'", datasetKey)
  )
    return { datasetKey, checkpointKey: null }
  const checkpointKey = keyIn('checkpoint', id)
  if (checkpointKey !== undefined && db.get('SELECT 1 FROM checkpoints WHERE id = ?', checkpointKey))
    return { datasetKey: null, checkpointKey }
  return missing(id.startsWith('checkpoint') ? 'checkpoint' : 'dataset', id)
}

export function inputsOf(db: ReadableDb, runKey: number): RunInputs {
  const inputs: Record<string, string[]> = {}
  const rows = db.all<{ input: string; dataset_id: number | null; checkpoint_id: number | null }>(
    `
    SELECT input, dataset_id, checkpoint_id FROM run_inputs WHERE run_id = ? ORDER BY input, position`,
    runKey,
  )
  for (const row of rows) {
    const id =
      row.dataset_id === null
        ? idOf('checkpoint', Number(row.checkpoint_id))
        : idOf('dataset', row.dataset_id)
    inputs[row.input] = [...(inputs[row.input] ?? []), id]
  }
  return inputs
}

/** Names of the runs made from a dataset, oldest first. */
export function runsUsingDataset(db: ReadableDb, datasetKey: number): readonly string[] {
  return db
    .all<{ name: string }>(
      `
    SELECT name FROM runs WHERE id IN (SELECT run_id FROM run_inputs WHERE dataset_id = ?) ORDER BY id`,
      datasetKey,
    )
    .map((row) => row.name)
}

/** Names of the other runs made from a checkpoint of this run, oldest first. */
export function runsBuiltOn(db: ReadableDb, runKey: number): readonly string[] {
  return db
    .all<{ name: string }>(
      `
    SELECT name FROM runs WHERE id <> ? AND id IN (
      SELECT run_id FROM run_inputs WHERE checkpoint_id IN (SELECT id FROM checkpoints WHERE run_id = ?)) ORDER BY id`,
      runKey,
      runKey,
    )
    .map((row) => row.name)
}
