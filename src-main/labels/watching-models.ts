/** Reward models that are held against a queue's people: the one it names, and the newest that learned from it. */
import type { LabelQueue } from '../../src-shared/records/comparison'
import { addJudge } from '../store/arena-judges'
import { checkpointOf, findCheckpoint } from '../store/checkpoints'
import type { WritableDb } from '../store/handle'
import { newestRewardModel } from '../store/reward-models'

/** Pairs only: other answers name no side. */
export function watchModels(db: WritableDb, { id, datasetId, labelling }: LabelQueue): void {
  if (labelling.mode !== 'pair') return
  const wanted = [labelling.scoredBy, newestRewardModel(db, datasetId)]
  for (const checkpointId of wanted)
    if (checkpointId !== undefined && findCheckpoint(db, checkpointId))
      addJudge(db, id, {
        rewards: 'reward-model',
        checkpointId,
        name: checkpointOf(db, checkpointId).name,
      })
}
