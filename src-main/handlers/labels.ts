/** Label queues: people's judgments of what models write. */
import { StudioFailure } from '../../src-shared/result'
import type { Asker } from '../changes/asker'
import { nowAndOnChange, only, seldom } from '../changes/topic'
import type { Handlers } from '../border/serve'
import type { Comparison, ComparisonSide } from '../../src-shared/records/comparison'
import { comparisonOf, nextComparisons, standingVerdict, type StandingVerdict } from '../store/comparisons'
import { judge, undoJudgment } from '../store/judgments'
import { contendersOf } from '../store/contenders'
import type { ReadableDb } from '../store/handle'
import { createQueue, listQueues, queueOf, raiseGoal } from '../store/queues'
import type { StudioParts } from './studio-parts'

type QueueCalls = 'labels.queues' | 'labels.create' | 'labels.more'
type JudgingCalls = 'labels.next' | 'labels.judge' | 'labels.undo'

/** How often lists of datasets count what is judged meanwhile. */
const countEveryMs = 2000

/**
 * Tells of a verdict. Judgments are rows of a dataset: with each alone, all lists of datasets would be counted anew.
 */
function judgedIn({ db, changes, labels }: StudioParts): (queueId: string, asker: Asker) => void {
  const sayDatasets = seldom(() => {
    if (db.isOpen) changes.datasets.publish()
  }, countEveryMs)
  return (queueId, asker) => {
    changes.queues.publish({ queueId, asker })
    sayDatasets()
    labels.fill(queueId)
  }
}

interface Asked {
  readonly queueId: string
  readonly count: number
  /** What the window has already. */
  readonly holding: readonly string[]
  readonly asker: Asker
}

const isArena = (db: ReadableDb, queueId: string): boolean => contendersOf(db, queueId).length > 0

/** In an arena names come after the verdict: until then no window is sent them. */
function unnamed(db: ReadableDb, comparison: Comparison): Comparison {
  if (!isArena(db, comparison.queueId)) return comparison
  const { left, right } = comparison
  return { ...comparison, left: withoutWriter(left), right: withoutWriter(right) }
}

const withoutWriter = ({ text, tokens, hasEnded, cutBy }: ComparisonSide): ComparisonSide => ({
  ...{ text, tokens, hasEnded },
  ...(cutBy && { cutBy }),
})

const judgedMeanwhile = (place: number, { verdict, annotator }: StandingVerdict): StudioFailure =>
  new StudioFailure({ kind: 'judged-meanwhile', place, verdict, ...(annotator && { by: annotator }) })

/** The next comparisons that no window has yet; from now on this one has them. */
function handOut(
  { db, handedOut }: StudioParts,
  { queueId, count, holding, asker }: Asked,
): readonly Comparison[] {
  const taken = [...holding, ...handedOut.heldByOthers(queueId, asker)]
  const found = nextComparisons(db, queueId, count, taken)
  handedOut.hold(queueId, asker, [...holding, ...found.map(({ id }) => id)])
  return found.map((each) => unnamed(db, each))
}

/** One's own newest verdict is taken back; its comparison is before this window again. */
function takeBack(
  { db, handedOut, now }: StudioParts,
  queueId: string,
  asker: Asker,
  annotator?: string,
): Comparison | undefined {
  const own = { window: asker.id, others: handedOut.others(queueId, asker), ...(annotator && { annotator }) }
  const comparison = undoJudgment(db, { queueId, nowMs: now(), ...own })
  if (comparison) handedOut.hold(queueId, asker, [comparison.id, ...handedOut.heldBy(queueId, asker)])
  return comparison && unnamed(db, comparison)
}

export const labelCalls = (studio: StudioParts): Pick<Handlers['calls'], QueueCalls | JudgingCalls> => ({
  ...queueCalls(studio),
  ...judgingCalls(studio),
})

const queueCalls = ({
  db,
  changes,
  labels,
  reader,
  now,
}: StudioParts): Pick<Handlers['calls'], QueueCalls> => ({
  // arenas are judged in Compare
  'labels.queues': () => listQueues(db).filter(({ id }) => !isArena(db, id)),
  'labels.create': async (request) => {
    await reader.checkQueue(request)
    const queue = createQueue(db, { ...request, createdAtMs: now() })
    changes.datasets.publish()
    labels.fill(queue.id)
    return queue
  },
  'labels.more': ({ queueId, count }, _signal, asker) => {
    raiseGoal(db, queueId, count)
    changes.queues.publish({ queueId, asker })
    labels.fill(queueId)
    return labels.progress(queueId)
  },
})

function judgingCalls(studio: StudioParts): Pick<Handlers['calls'], JudgingCalls> {
  const { db, labels, now } = studio
  const judged = judgedIn(studio)
  return {
    'labels.next': ({ queueId, count, holding }, _signal, asker) => {
      queueOf(db, queueId)
      const found = handOut(studio, { queueId, count, holding, asker })
      labels.fill(queueId)
      return found
    },
    'labels.judge': ({ comparisonId, verdict, margin, annotator, holding }, _signal, asker) => {
      const { queueId, place } = comparisonOf(db, comparisonId)
      const stands = standingVerdict(db, comparisonId)
      if (stands) throw judgedMeanwhile(place, stands)
      const said = { comparisonId, verdict, judgedAtMs: now(), window: asker.id }
      judge(db, { ...said, ...(margin && { margin }), ...(annotator && { annotator }) })
      const [next] = handOut(studio, { queueId, count: 1, holding, asker })
      judged(queueId, asker)
      return { progress: labels.progress(queueId), ...(next && { next }) }
    },
    'labels.undo': ({ queueId, annotator }, _signal, asker) => {
      const comparison = takeBack(studio, queueId, asker, annotator)
      judged(queueId, asker)
      return { progress: labels.progress(queueId), ...(comparison && { comparison }) }
    },
  }
}

export const labelStreams = ({
  db,
  changes,
  labels,
  handedOut,
}: StudioParts): Pick<Handlers['streams'], 'labels.watch'> => ({
  'labels.watch': ({ queueId }, signal, asker) => {
    queueOf(db, queueId)
    handedOut.watch(queueId, asker, signal)
    // what it had is free: another window may be waiting for it
    signal.addEventListener('abort', () => db.isOpen && changes.queues.publish({ queueId }), { once: true })
    labels.fill(queueId)
    return nowAndOnChange(
      only(changes.queues, (change) => change.queueId === queueId && change.asker !== asker),
      () => labels.progress(queueId),
      signal,
    )
  },
})
