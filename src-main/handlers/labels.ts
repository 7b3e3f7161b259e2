/** Label queues: people's judgments of what models write. */
import type { Asker } from '../changes/asker'
import { nowAndOnChange, only, seldom } from '../changes/topic'
import { checkQueue } from '../labels/queue-check'
import type { Handlers } from '../border/serve'
import { comparisonOf, nextComparisons } from '../store/comparisons'
import { judge, undoJudgment } from '../store/judgments'
import { createQueue, listQueues, queueOf } from '../store/queues'
import type { StudioParts } from './studio-parts'

type LabelCalls = 'labels.queues' | 'labels.create' | 'labels.next' | 'labels.judge' | 'labels.undo'

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

export const labelCalls = (studio: StudioParts): Pick<Handlers['calls'], LabelCalls> => {
  const { db, changes, labels, survey, now } = studio
  const judged = judgedIn(studio)
  return {
    'labels.queues': () => listQueues(db),
    'labels.create': async (request) => {
      await checkQueue(db, survey, request)
      const queue = createQueue(db, { ...request, createdAtMs: now() })
      changes.datasets.publish()
      labels.fill(queue.id)
      return queue
    },
    'labels.next': ({ queueId, count, holding }) => {
      queueOf(db, queueId)
      labels.fill(queueId)
      return nextComparisons(db, queueId, count, holding)
    },
    'labels.judge': ({ comparisonId, verdict, margin, holding }, _signal, asker) => {
      const { queueId } = comparisonOf(db, comparisonId)
      judge(db, { comparisonId, verdict, judgedAtMs: now(), ...(margin && { margin }) })
      judged(queueId, asker)
      const [next] = nextComparisons(db, queueId, 1, holding)
      return { progress: labels.progress(queueId), ...(next && { next }) }
    },
    'labels.undo': ({ queueId }, _signal, asker) => {
      const comparison = undoJudgment(db, queueId, now())
      judged(queueId, asker)
      return { progress: labels.progress(queueId), ...(comparison && { comparison }) }
    },
  }
}

export const labelStreams = ({
  db,
  changes,
  labels,
}: StudioParts): Pick<Handlers['streams'], 'labels.watch'> => ({
  'labels.watch': ({ queueId }, signal, asker) => {
    queueOf(db, queueId)
    labels.fill(queueId)
    return nowAndOnChange(
      only(changes.queues, (change) => change.queueId === queueId && change.asker !== asker),
      () => labels.progress(queueId),
      signal,
    )
  },
})
