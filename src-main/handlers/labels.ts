/** Label queues: people's judgments of what models write. */
import { StudioFailure } from '../../src-shared/result'
import type { Asker } from '../changes/asker'
import { nowAndOnChange, only, seldom } from '../changes/topic'
import type { Handlers } from '../border/serve'
import type { Comparison, ComparisonSide, LabelQueue } from '../../src-shared/records/comparison'
import {
  comparisonCounts,
  comparisonOf,
  nextComparisons,
  standingVerdict,
  type StandingVerdict,
} from '../store/comparisons'
import { itemsFor } from '../store/asked-again'
import { judge, undoJudgment } from '../store/judgments'
import { leaseMs } from '../labels/handed-out'
import { judgmentFile } from '../labels/judgment-file'
import { labelAgreement } from '../labels/label-agreement'
import { askAgainInTime, soundSaying } from '../labels/saying'
import { inOrder } from '../labels/item-order'
import { watchModels } from '../labels/watching-models'
import { contendersOf } from '../store/contenders'
import type { ReadableDb } from '../store/handle'
import { createQueue, guideQueue, listQueues, queueOf, raiseGoal } from '../store/queues'
import type { StudioParts } from './studio-parts'

type QueueCalls = 'labels.queues' | 'labels.create' | 'labels.more' | 'labels.guide'
type ReadingCalls = 'labels.agreement' | 'labels.export'
type JudgingCalls = 'labels.next' | 'labels.judge' | 'labels.undo'

/** How often lists of datasets count what is judged meanwhile. */
const countEveryMs = 2000
/** How often each of a team is told what the others judge: fifty who are told ten times a second are kept waiting. */
const teamCountsEveryMs = 2000

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
  readonly annotator: string
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

/**
 * Whether this is what the same person said already: the answer to it was lost on the way, and it is said again.
 */
const isSaidAgain = (stands: StandingVerdict, verdict: string, { person }: Asker): boolean =>
  person !== undefined && stands.annotator === person && stands.verdict === verdict

/** @throws StudioFailure refused, for what another member of the team has before them now */
function refuseOfOthers({ handedOut }: StudioParts, { id, queueId, place }: Comparison, asker: Asker): void {
  if (asker.person === undefined || !handedOut.heldByOthers(queueId, asker).includes(id)) return
  const problem = `Comparison ${place} is before somebody else by now: yours was not taken.`
  throw new StudioFailure({ kind: 'refused', problem })
}

/** The next items that no window has yet and that are for this person; from now on this window has them. */
function handOut(
  { db, handedOut }: StudioParts,
  { queueId, count, holding, asker, annotator }: Asked,
): readonly Comparison[] {
  const others = handedOut.heldByOthers(queueId, asker)
  const own = asker.person === undefined ? holding : holding.filter((id) => !others.includes(id))
  const queue = queueOf(db, queueId)
  const found = isPlain(queue)
    ? nextComparisons(db, queueId, count, [...own, ...others])
    : inOrder(itemsFor(db, { queueId, own, others, annotator }), queue, {
        count,
        judged: comparisonCounts(db, queueId).judged + own.length,
      }).map(({ comparison }) => comparison)
  handedOut.hold(queueId, asker, [...own, ...found.map(({ id }) => id)])
  return found.map((each) => unnamed(db, each))
}

/** Each is judged once, by whoever comes, in the order in which they were made. */
const isPlain = ({ labelling: { order, people, repeatEvery } }: LabelQueue): boolean =>
  order === 'made' && people === 1 && repeatEvery === 0

/** One's own newest verdict is taken back; its comparison is before this window again. */
function takeBack(
  { db, handedOut, now }: StudioParts,
  queueId: string,
  asker: Asker,
  annotator?: string,
): Comparison | undefined {
  const own = {
    ...{
      window: asker.id,
      others: handedOut.others(queueId, asker),
      isNamedOnly: asker.person !== undefined,
    },
    ...(annotator && { annotator }),
  }
  const comparison = undoJudgment(db, { queueId, nowMs: now(), ...own })
  if (comparison) handedOut.hold(queueId, asker, [comparison.id, ...handedOut.heldBy(queueId, asker)])
  return comparison && unnamed(db, comparison)
}

export const labelCalls = (
  studio: StudioParts,
): Pick<Handlers['calls'], QueueCalls | ReadingCalls | JudgingCalls> => ({
  ...queueCalls(studio),
  ...readingCalls(studio),
  ...judgingCalls(studio),
})

const readingCalls = ({ db, judging }: StudioParts): Pick<Handlers['calls'], ReadingCalls> => ({
  'labels.agreement': ({ queueId }) => {
    watchModels(db, queueOf(db, queueId))
    judging.fill(queueId)
    return labelAgreement(db, queueId, judging.problemOf)
  },
  'labels.export': ({ queueId, format }) => judgmentFile(db, queueId, format),
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
    watchModels(db, queue)
    changes.datasets.publish()
    labels.fill(queue.id)
    return queue
  },
  'labels.guide': ({ queueId, guidance }, _signal, asker) => {
    const queue = guideQueue(db, queueId, guidance)
    changes.queues.publish({ queueId, asker })
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
    'labels.next': ({ queueId, count, holding, annotator = '' }, _signal, asker) => {
      queueOf(db, queueId)
      const found = handOut(studio, { queueId, count, holding, asker, annotator })
      labels.fill(queueId)
      return found
    },
    'labels.judge': ({ comparisonId, holding, annotator = '', ...given }, _signal, asker) => {
      const item = comparisonOf(db, comparisonId)
      const { queueId, place } = item
      const stands = standingVerdict(db, comparisonId)
      if (stands && !isSaidAgain(stands, given.verdict, asker)) throw judgedMeanwhile(place, stands)
      if (!stands) {
        refuseOfOthers(studio, item, asker)
        const queue = queueOf(db, queueId)
        const said = soundSaying(queue, item, given)
        judge(db, { ...said, comparisonId, annotator, judgedAtMs: now(), window: asker.id })
        askAgainInTime(db, queue, comparisonId, now())
      }
      const [next] = handOut(studio, { queueId, count: 1, holding, asker, annotator })
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
    const isFree = (): unknown => db.isOpen && changes.queues.publish({ queueId })
    signal.addEventListener(
      'abort',
      () => (asker.person === undefined ? isFree() : setTimeout(isFree, leaseMs).unref()),
      { once: true },
    )
    labels.fill(queueId)
    return nowAndOnChange(
      only(changes.queues, (change) => change.queueId === queueId && change.asker !== asker),
      () => labels.progress(queueId),
      signal,
      asker.person === undefined ? undefined : teamCountsEveryMs,
    )
  },
})
