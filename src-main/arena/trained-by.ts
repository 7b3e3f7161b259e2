/** Whether a judge has trained a checkpoint, or one that it stems from: then its opinion of it says nothing. */
import type { ArenaJudge } from '../../src-shared/records/arena'
import { writtenTerms } from '../../src-shared/rewards/terms'
import { checkpointOf } from '../store/checkpoints'
import type { ReadableDb } from '../store/handle'
import { keyIn } from '../store/ids'
import { runOf } from '../store/runs'

export function hasTrained(db: ReadableDb, judge: ArenaJudge, checkpointId: string): boolean {
  const ancestors = new Set([checkpointId])
  for (const id of ancestors) {
    const { runId } = checkpointOf(db, id)
    if (runId === undefined) continue
    const { settings, inputs } = runOf(db, runId)
    const checkpoints = Object.values(inputs)
      .flat()
      .filter((each) => keyIn('checkpoint', each) !== undefined)
    if (rewardedBy(String(settings['rewards'] ?? ''), checkpoints, judge)) return true
    for (const each of checkpoints) ancestors.add(each)
  }
  return false
}

/** A reward model counts by its checkpoint, any other source by its name. */
function rewardedBy(rewards: string, checkpoints: readonly string[], judge: ArenaJudge): boolean {
  const learnedFrom = sourcesIn(rewards)
  return [...sourcesIn(judge.rewards)].some((source) =>
    source === 'reward-model'
      ? learnedFrom.has(source) &&
        judge.checkpointId !== undefined &&
        checkpoints.includes(judge.checkpointId)
      : learnedFrom.has(source),
  )
}

/** Those with a weight: one of weight 0 only watches. */
const sourcesIn = (rewards: string): ReadonlySet<string> =>
  new Set((writtenTerms(rewards) ?? []).filter(({ weight }) => weight !== 0).map(({ source }) => source))
