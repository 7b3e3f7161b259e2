/** Reward models by what they learned from. */
import { idOf, keyOf } from './ids'
import type { ReadableDb } from './handle'

/** The last checkpoint of the newest finished run that learned from this dataset. */
export function newestRewardModel(db: ReadableDb, datasetId: string): string | undefined {
  const row = db.get<{ id: number }>(
    `
    SELECT checkpoints.id FROM checkpoints
      JOIN runs ON runs.id = checkpoints.run_id
      JOIN run_inputs ON run_inputs.run_id = runs.id
    WHERE run_inputs.dataset_id = ? AND runs.state IN ('finished', 'stopped') AND checkpoints.kind = 'reward-model'
    ORDER BY runs.id DESC, checkpoints.step DESC LIMIT 1`,
    keyOf('dataset', datasetId),
  )
  return row && idOf('checkpoint', row.id)
}
