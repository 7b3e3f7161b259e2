/** Label queues: people's judgments of what models write. */
import { nowAndOnChange, only } from '../changes/topic'
import { checkQueue } from '../labels/queue-check'
import type { Handlers } from '../border/serve'
import { comparisonOf, nextComparisons } from '../store/comparisons'
import { judge, undoJudgment } from '../store/judgments'
import { createQueue, listQueues, queueOf } from '../store/queues'
import type { StudioParts } from './studio-parts'

type LabelCalls = 'labels.queues' | 'labels.create' | 'labels.next' | 'labels.judge' | 'labels.undo'

export const labelCalls = ({
  db,
  changes,
  labels,
  survey,
  now,
}: StudioParts): Pick<Handlers['calls'], LabelCalls> => {
  /** Its judgments are the rows of its dataset. */
  function judged(queueId: string): void {
    changes.queues.publish(queueId)
    changes.datasets.publish()
    labels.fill(queueId)
  }

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
    'labels.judge': ({ comparisonId, verdict, margin }) => {
      const { queueId } = comparisonOf(db, comparisonId)
      judge(db, { comparisonId, verdict, judgedAtMs: now(), ...(margin && { margin }) })
      judged(queueId)
      return labels.progress(queueId)
    },
    'labels.undo': ({ queueId }) => {
      const comparison = undoJudgment(db, queueId, now())
      judged(queueId)
      return { progress: labels.progress(queueId), ...(comparison && { comparison }) }
    },
  }
}

export const labelStreams = ({
  db,
  changes,
  labels,
}: StudioParts): Pick<Handlers['streams'], 'labels.watch'> => ({
  'labels.watch': ({ queueId }, signal) => {
    queueOf(db, queueId)
    labels.fill(queueId)
    return nowAndOnChange(
      only(changes.queues, (changed) => changed === queueId),
      () => labels.progress(queueId),
      signal,
    )
  },
})
