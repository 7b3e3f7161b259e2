/** A label queue of the page alone, half judged: verdicts are taken and taken back in memory. */
import type { Comparison, LabelProgress, LabelQueue } from '../../src-shared/records/comparison'
import { plainLabelling } from '../../src-shared/records/labelling'
import type { Judgment } from '../../src-shared/records/judgment'
import type { Signal } from '../../src-shared/wire'
import type { LabelAgreement } from '../../src-shared/records/agreement'
import { textOf } from '../../src-shared/turn-texts'
import { liveList } from './live-list'
import { conversationAt } from './sample-conversations'
import { found, pause, type Part } from './sample-answers'
import { queue } from './sample-records'
import { blameAt, longText, praiseAt, promptAt } from './sample-texts'

const judgedAlready = 46
/** So many comparisons are ready. */
const made = 60

export function sampleLabels(): Part<'labels'> {
  const queues = liveList<LabelQueue>([queue])
  let judgments = firstJudgments
  let { goal } = queue
  const isJudged = ({ id }: Comparison): boolean => judgments.some(({ comparisonId }) => comparisonId === id)
  const nextOnes = (holding: readonly string[]): readonly Comparison[] =>
    all.filter((one) => !isJudged(one) && !holding.includes(one.id))
  const progress = (): LabelProgress => progressOf(judgments, goal)

  return {
    calls: {
      'labels.queues': queues.all,
      'labels.create': (input) => {
        const { labelling = plainLabelling } = input
        const created = { ...input, labelling, id: input.name, datasetId: 'judged', createdAtMs: Date.now() }
        queues.put(created)
        return created
      },
      ...readingCalls,
      'labels.more': ({ count }) => {
        goal += count
        return progress()
      },
      'labels.next': ({ count, holding }) => nextOnes(holding).slice(0, count),
      'labels.judge': ({ comparisonId, verdict, margin, holding }) => {
        const judgment = judgmentOf(found(all, 'comparison', comparisonId), verdict)
        judgments = [...judgments, { ...judgment, ...(margin && { margin }) }]
        const [next] = nextOnes(holding)
        return { progress: progress(), ...(next && { next }) }
      },
      'labels.undo': () => {
        const last = judgments.at(-1)
        judgments = judgments.slice(0, -1)
        const comparison = all.find(({ id }) => id === last?.comparisonId)
        return { progress: progress(), ...(comparison && { comparison }) }
      },
    },
    streams: { 'labels.watch': (_input, signal) => everyTwoSeconds(progress, signal) },
  }
}

const readingCalls: Pick<Part<'labels'>['calls'], 'labels.agreement' | 'labels.export' | 'labels.guide'> = {
  'labels.guide': ({ guidance }) => ({ ...queue, guidance }),
  'labels.agreement': () => sampleAgreement,
  'labels.export': () => ({ text: '', judgments: 0 }),
}

const sampleAgreement: LabelAgreement = {
  people: [
    { annotator: 'Annotator A', judged: 31, judgmentsAMinute: 6.5 },
    { annotator: 'Annotator B', judged: 15, judgmentsAMinute: 4.1 },
  ],
  between: [
    {
      one: 'Annotator A',
      other: 'Annotator B',
      both: 14,
      same: { value: 0.79, low: 0.52, high: 0.92 },
      kappa: { value: 0.58, low: 0.15, high: 1 },
    },
  ],
  self: [
    {
      annotator: 'Annotator A',
      asked: 5,
      same: { value: 0.8, low: 0.38, high: 0.96 },
      last: [true, true, false, true, true],
    },
  ],
  models: [],
}

async function* everyTwoSeconds<T>(item: () => T, signal: Signal): AsyncGenerator<T> {
  while (!signal.aborted) {
    yield item()
    await pause(2000, signal)
  }
}

const progressOf = (judgments: readonly Judgment[], goal: number): LabelProgress => ({
  judged: judgments.length,
  goal,
  pairs: judgments.filter(({ verdict }) => verdict === 'left' || verdict === 'right').length,
  ahead: made - judgments.length,
  judgmentsAMinute: 6.5,
  recent: judgments.slice(-12).reverse(),
})

export function comparisonAt(index: number): Comparison {
  const right = index % 9 === 8 ? longText : blameAt(index)
  return {
    id: `comparison ${index + 1}`,
    queueId: queue.id,
    place: index + 1,
    prompt: index % 4 === 3 ? conversationAt(index) : promptAt(index),
    left: { text: praiseAt(index), tokens: 14, hasEnded: true },
    right:
      right === longText
        ? { text: right, tokens: 64, hasEnded: false }
        : { text: right, tokens: 6, hasEnded: true },
  }
}

const judgmentOf = ({ id, place, prompt }: Comparison, verdict: Judgment['verdict']): Judgment => ({
  id: place,
  comparisonId: id,
  place,
  prompt: textOf(prompt),
  verdict,
  window: 'one',
  judgedAtMs: Date.now(),
})

const all = Array.from({ length: made }, (_, index) => comparisonAt(index))
const firstJudgments: readonly Judgment[] = all
  .slice(0, judgedAlready)
  .map((comparison, index) => judgmentOf(comparison, index % 5 === 0 ? 'tie' : 'left'))
