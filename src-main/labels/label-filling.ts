/**
 * Keeps comparisons ahead of whoever is labelling: two completions of one prompt, written by the queue's
 * checkpoint in the warm process. Prompts are taken in an order drawn from the queue's seed, and so is which
 * completion stands left.
 */
import type {
  Comparison,
  ComparisonSide,
  LabelProgress,
  LabelQueue,
} from '../../src-shared/records/comparison'
import { errorText, StudioFailure } from '../../src-shared/result'
import { breathe } from '../changes/topic'
import { seeded, seedOf, shuffled } from '../maths/random'
import { addComparisons, comparisonCounts, type NewComparison } from '../store/comparisons'
import type { WritableDb } from '../store/handle'
import { examplesOf } from '../store/examples'
import { labelProgress } from '../store/judgments'
import { listQueues, queueOf } from '../store/queues'
import type { StudioChanges } from '../changes/studio-changes'
import type { WarmProcess } from '../processes/warm-process'

export interface LabelFilling {
  /** Samples until enough is ahead, unless it does so already. A problem it had before is forgotten. */
  fill(queueId: string): void
  fillAll(): void
  /** How the queue stands, and why no more comparisons come, if they do not. */
  progress(queueId: string): LabelProgress
  /** Two texts that are there already become the queue's newest comparison. */
  compare(queueId: string, prompt: string, sides: readonly [ComparisonSide, ComparisonSide]): Comparison
  close(): void
}

/** Comparisons made and not yet judged; more are made when there are fewer. */
const wantedAhead = 8
/** Pairs written at once: the first is there soon, and Compare's turn comes often. */
const pairsAtOnce = 4
/** A pair whose two completions are the same says nothing and is drawn again, so many times. */
const mostDraws = 8

export interface LabelFillingOptions {
  readonly db: WritableDb
  readonly warm: WarmProcess
  readonly changes: StudioChanges
  readonly now: () => number
  readonly reportBug: (where: string, error: unknown) => void
}

export function labelFilling({ db, warm, changes, now, reportBug }: LabelFillingOptions): LabelFilling {
  const filling = new Set<string>()
  const problems = new Map<string, string>()
  const prompts = new Map<string, readonly string[]>()
  const closing = new AbortController()

  async function fill(queueId: string): Promise<void> {
    if (filling.has(queueId) || closing.signal.aborted) return
    filling.add(queueId)
    problems.delete(queueId)
    try {
      const queue = queueOf(db, queueId)
      for (let missing = missingOf(queue); missing > 0; missing = missingOf(queue)) {
        const made = await pairsOf(queue, Math.min(missing, pairsAtOnce))
        if (closing.signal.aborted) return
        addComparisons(db, queueId, made, now())
        changes.queues.publish({ queueId })
      }
    } catch (error) {
      if (closing.signal.aborted) return
      if (!(error instanceof StudioFailure)) reportBug('filling a label queue', error)
      problems.set(
        queueId,
        error instanceof StudioFailure
          ? errorText(error.error)
          : errorText({ kind: 'bug', message: String(error) }),
      )
      changes.queues.publish({ queueId })
    } finally {
      filling.delete(queueId)
    }
  }

  /** How many to make now: up to what is wanted ahead, and no more than the goal in all. */
  function missingOf({ id, goal }: LabelQueue): number {
    const { made, judged } = comparisonCounts(db, id)
    return Math.min(wantedAhead - (made - judged), goal - made)
  }

  async function pairsOf(queue: LabelQueue, count: number): Promise<readonly NewComparison[]> {
    const { made } = comparisonCounts(db, queue.id)
    const all = prompts.get(queue.id) ?? (await distinctPrompts(queue))
    prompts.set(queue.id, all)
    const places = Array.from({ length: count }, (_, i) => made + 1 + i)
    const drawn = new Map<number, readonly [ComparisonSide, ComparisonSide]>()
    for (let draw = 0; draw < mostDraws && drawn.size < places.length; draw++) {
      const open = places.filter((place) => !drawn.has(place))
      for (const [i, pair] of (
        await write(
          queue,
          open.map((place) => promptAt(queue, all, place)),
          seedOf(queue.sampling.seed, 'pairs', made, draw),
        )
      ).entries()) {
        if (pair[0].text !== pair[1].text) drawn.set(open[i]!, pair)
      }
    }
    if (drawn.size === 0)
      throw new StudioFailure({
        kind: 'compute-failed',
        problem:
          `Both completions of a prompt came out the same ${mostDraws} times: a higher temperature or a ` +
          'larger top-k makes them differ.',
      })
    return places
      .filter((place) => drawn.has(place))
      .map((place, i) => placed(queue, made + 1 + i, promptAt(queue, all, place), drawn.get(place)!))
  }

  async function write(
    queue: LabelQueue,
    asked: readonly string[],
    seed: number,
  ): Promise<readonly (readonly [ComparisonSide, ComparisonSide])[]> {
    const texts = await warm.batch(
      {
        checkpointId: queue.checkpointId,
        prompts: asked.flatMap((prompt) => [prompt, prompt]),
        sampling: { ...queue.sampling, seed },
      },
      closing.signal,
    )
    return asked.map((_, i) => [texts[2 * i]!, texts[2 * i + 1]!])
  }

  async function distinctPrompts({ promptDatasetId }: LabelQueue): Promise<readonly string[]> {
    const distinct = new Set<string>()
    let visited = 0
    for (const { prompt } of examplesOf(db, promptDatasetId)) {
      if (prompt !== undefined) distinct.add(prompt)
      if (++visited % 1000 === 0) await breathe()
    }
    if (distinct.size === 0)
      throw new StudioFailure({
        kind: 'compute-failed',
        problem: 'The prompt list of this queue has no prompt.',
      })
    return [...distinct]
  }

  return {
    fill: (queueId) => void fill(queueId),
    fillAll: () => {
      for (const { id } of listQueues(db)) void fill(id)
    },
    progress: (queueId) => {
      const problem = problems.get(queueId)
      return { ...labelProgress(db, queueId), ...(problem !== undefined && { problem }) }
    },
    compare: (queueId, prompt, sides) => {
      const queue = queueOf(db, queueId)
      const [comparison] = addComparisons(
        db,
        queueId,
        [placed(queue, comparisonCounts(db, queueId).made + 1, prompt, sides)],
        now(),
      )
      changes.queues.publish({ queueId })
      return comparison!
    },
    close: () => closing.abort(),
  }
}

/** The prompt list is gone through again and again, each time in another order. @param place 1-based */
function promptAt({ sampling }: LabelQueue, all: readonly string[], place: number): string {
  const pass = Math.floor((place - 1) / all.length)
  const order = shuffled(all.length, seeded(sampling.seed, 'prompt order', pass))
  return all[order[(place - 1) % all.length]!]!
}

function placed(
  { sampling }: LabelQueue,
  place: number,
  prompt: string,
  [first, second]: readonly [ComparisonSide, ComparisonSide],
): NewComparison {
  const isSwapped = seeded(sampling.seed, 'sides', place)() < 0.5
  return isSwapped ? { prompt, left: second, right: first } : { prompt, left: first, right: second }
}
