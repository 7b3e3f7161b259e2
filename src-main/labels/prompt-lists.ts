/** The prompts of each label queue, without those that leave its writers no room, and what is said of those. */
import { distinctPrompts } from '../../src-shared/prompts'
import type { Arena } from '../../src-shared/records/arena'
import type { LabelQueue } from '../../src-shared/records/comparison'
import type { Prompt } from '../../src-shared/records/turn'
import { StudioFailure } from '../../src-shared/result'
import { breathe } from '../changes/topic'
import type { LongQueuePrompts } from '../launch/queue-prompts'
import { examplesOf } from '../store/examples'
import type { WritableDb } from '../store/handle'
import type { WarmProcess } from '../processes/warm-process'

/** Who writes is one, or the contenders. */
type Asked = LabelQueue | Arena

export interface PromptLists {
  /**
   * Each queue's distinct prompts, in the order of its prompt list; remembered.
   * @throws StudioFailure compute-failed, when none is left
   */
  of(queue: Asked): Promise<readonly Prompt[]>
  /** What was left out of a list, or cut, once it is known. */
  saidOf(queueId: string): string | undefined
}

export interface PromptListOptions {
  readonly db: WritableDb
  readonly warm: Pick<WarmProcess, 'longPrompts'>
  /** Ends what is being looked at. */
  readonly signal: AbortSignal
}

export function promptLists({ db, warm, signal }: PromptListOptions): PromptLists {
  const lists = new Map<string, readonly Prompt[]>()
  const said = new Map<string, string>()

  async function listOf(queue: Asked): Promise<readonly Prompt[]> {
    const { id, promptDatasetId, labelling } = queue
    const writers = ('contenders' in queue ? queue.contenders : [queue]).map(
      ({ checkpointId, sampling: { maxTokens } }) => ({ checkpointId, maxTokens }),
    )
    const { longPrompts } = labelling
    const long = await warm.longPrompts({ promptDatasetId, longPrompts, writers }, signal)
    const prompts = await promptsIn(db, promptDatasetId, long)
    if (prompts.length === 0)
      throw noPrompts(
        long.whyNone === undefined
          ? 'has no prompt.'
          : `${long.whyNone}. Import shorter prompts, or write less.`,
      )
    if (long.said !== undefined) said.set(id, long.said)
    return distinctPrompts(prompts)
  }

  return {
    of: async (queue) => {
      const list = lists.get(queue.id) ?? (await listOf(queue))
      lists.set(queue.id, list)
      return list
    },
    saidOf: (queueId) => said.get(queueId),
  }
}

async function promptsIn(
  db: WritableDb,
  datasetId: string,
  long: LongQueuePrompts,
): Promise<readonly Prompt[]> {
  const leftOut = new Set(long.leftOut)
  const cut = new Map(long.cut.map(({ row, prompt }) => [row, prompt]))
  const prompts: Prompt[] = []
  let visited = 0
  for (const { prompt, row } of examplesOf(db, datasetId)) {
    if (prompt !== undefined && !leftOut.has(row)) prompts.push(cut.get(row) ?? prompt)
    if (++visited % 1000 === 0) await breathe()
  }
  return prompts
}

const noPrompts = (what: string): StudioFailure =>
  new StudioFailure({ kind: 'compute-failed', problem: `The prompt list of this queue ${what}` })
