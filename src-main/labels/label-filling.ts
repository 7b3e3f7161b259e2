/** Keeps comparisons ahead of whoever is labelling. */
import type { Comparison, LabelProgress, LabelQueue } from '../../src-shared/records/comparison'
import type { Prompt } from '../../src-shared/records/turn'
import { StudioFailure, thrownText } from '../../src-shared/result'
import { addComparisons, comparisonCounts, comparisonOfTexts } from '../store/comparisons'
import type { WritableDb } from '../store/handle'
import { labelProgress } from '../store/judgments'
import { listQueues, queueOf } from '../store/queues'
import type { StudioChanges } from '../changes/studio-changes'
import type { WarmProcess } from '../processes/warm-process'
import type { HandedOut } from './handed-out'
import { contendersOf } from '../store/contenders'
import { askAgain } from '../store/asked-again'
import { lookAhead } from './item-doubts'
import { itemWriter } from './item-writer'
import { matchWriter } from './match-writer'
import { promptLists } from './prompt-lists'
import { inDrawnOrder, pairWriter, type PairWriterOptions, type Sides, type WritePairs } from './pair-writer'

export interface LabelFilling {
  /** Samples until enough is ahead, unless it does so already. A problem it had before is forgotten. */
  fill(queueId: string): void
  fillAll(): void
  /** How the queue stands, and why no more comparisons come, if they do not. */
  progress(queueId: string): LabelProgress
  /** Two texts that are there already become the queue's newest comparison; asked again, the same one. */
  compare(queueId: string, prompt: Prompt, sides: Sides): Comparison
  close(): void
}

/** Comparisons made and not yet judged; more are made when there are fewer. */
const wantedAhead = 8
/** So many when the least sure come first: there must be some to choose from. */
const wantedToChoose = 32
/** Of them no window has: the next to come finds some. */
const wantedFree = 4
/** Pairs written at once: the first is there soon, and Compare's turn comes often. */
const pairsAtOnce = 4

export interface LabelFillingOptions {
  readonly db: WritableDb
  readonly warm: WarmProcess
  readonly changes: StudioChanges
  readonly handedOut: HandedOut
  readonly now: () => number
  readonly reportBug: (where: string, error: unknown) => void
}

export function labelFilling(options: LabelFillingOptions): LabelFilling {
  const { db, changes, now } = options
  const filler = queueFiller(options)
  return {
    fill: (queueId) => void filler.fill(queueId),
    fillAll: () => {
      for (const { id } of listQueues(db)) void filler.fill(id)
    },
    progress: (queueId) => {
      const problem = filler.problemOf(queueId)
      const longPrompts = filler.longPromptsOf(queueId)
      return {
        ...labelProgress(db, queueId),
        ...(problem !== undefined && { problem }),
        ...(longPrompts !== undefined && { longPrompts }),
      }
    },
    compare: (queueId, prompt, sides) => {
      const known = comparisonOfTexts(db, queueId, prompt, [sides[0].text, sides[1].text])
      if (known) return known
      const place = comparisonCounts(db, queueId).made + 1
      const comparison = inDrawnOrder(queueOf(db, queueId), place, prompt, sides)
      const [added] = addComparisons(db, queueId, [comparison], now())
      changes.queues.publish({ queueId })
      return added!
    },
    close: filler.close,
  }
}

interface QueueFiller {
  /** Resolves when enough is ahead, or no more can come. Never rejects. */
  fill(queueId: string): Promise<void>
  /** Why no more came the last time. */
  problemOf(queueId: string): string | undefined
  /** How many of its prompts are too long, once that is known. */
  longPromptsOf(queueId: string): string | undefined
  close(): void
}

function queueFiller(options: LabelFillingOptions): QueueFiller {
  const { db, warm, changes, handedOut, reportBug } = options
  const closing = new AbortController()
  const writing = { db, warm, signal: closing.signal }
  const { writePairs, longPromptsOf } = queueWriter(writing)
  const filling = new Set<string>()
  const problems = new Map<string, string>()

  async function fillUp(queueId: string): Promise<void> {
    const queue = queueOf(db, queueId)
    const missingNow = () => missingOf(db, queueOf(db, queueId), handedOut.count(queueId))
    for (let missing = missingNow(); missing > 0; missing = missingNow()) {
      const pairs = await writePairs(queue, Math.min(missing, pairsAtOnce))
      if (closing.signal.aborted) return
      keepPairs(options, queue, pairs)
      await lookAhead(writing, queue)
      if (closing.signal.aborted) return
      changes.queues.publish({ queueId })
    }
    await lookAhead(writing, queue)
  }

  function keepProblem(queueId: string, thrown: unknown): void {
    if (closing.signal.aborted) return
    if (!(thrown instanceof StudioFailure)) reportBug('filling a label queue', thrown)
    problems.set(queueId, thrownText(thrown))
    changes.queues.publish({ queueId })
  }

  return {
    fill: async (queueId) => {
      if (filling.has(queueId) || closing.signal.aborted) return
      filling.add(queueId)
      problems.delete(queueId)
      await fillUp(queueId)
        .catch((thrown: unknown) => keepProblem(queueId, thrown))
        .finally(() => filling.delete(queueId))
    },
    problemOf: (queueId) => problems.get(queueId),
    longPromptsOf,
    close: () => closing.abort(),
  }
}

/** Each is asked again of as many people as judge it. */
function keepPairs(
  { db, now }: Pick<LabelFillingOptions, 'db' | 'now'>,
  { id: queueId, labelling }: LabelQueue,
  pairs: Awaited<ReturnType<WritePairs>>,
): void {
  for (const { id } of addComparisons(db, queueId, pairs, now()))
    askAgain(db, id, { whom: 'another', times: labelling.people - 1, nowMs: now() })
}

interface QueueWriter {
  readonly writePairs: WritePairs
  readonly longPromptsOf: (queueId: string) => string | undefined
}

/** A queue with contenders is an arena, where two of them write each pair; other modes than pairs have items. */
function queueWriter(options: PairWriterOptions): QueueWriter {
  const lists = promptLists(options)
  const writePairs = pairWriter(options, lists)
  const writeMatches = matchWriter(options, lists)
  const writeItems = itemWriter(options, lists)
  return {
    longPromptsOf: lists.saidOf,
    writePairs: (queue, count) => {
      if (queue.labelling.mode !== 'pair') return writeItems(queue, count)
      const contenders = contendersOf(options.db, queue.id)
      return contenders.length === 0
        ? writePairs(queue, count)
        : writeMatches({ ...queue, contenders }, count)
    },
  }
}

/**
 * How many to make now: up to what is wanted ahead, and no more than the goal in all.
 * @param held comparisons that windows have before them
 */
function missingOf(db: WritableDb, { id, goal, labelling }: LabelQueue, held: number): number {
  const { made, judged, copies } = comparisonCounts(db, id)
  const least = labelling.order === 'made' ? wantedAhead : wantedToChoose
  const wanted = Math.max(least, held + wantedFree) * labelling.people
  return Math.min(Math.ceil((wanted - (made - judged)) / labelling.people), goal - (made - copies))
}
