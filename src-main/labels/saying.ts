/** What a person says of an item, checked against how its queue is judged; and what is asked again because of it. */
import { labelModes } from '../../src-shared/label-modes/modes'
import { candidatesOf, type Comparison, type LabelQueue } from '../../src-shared/records/comparison'
import type { Margin, Verdict } from '../../src-shared/records/judgment'
import { StudioFailure } from '../../src-shared/result'
import { askAgain, isAskedAgain, judgedOriginals } from '../store/asked-again'
import type { WritableDb } from '../store/handle'
import type { NewJudgment } from '../store/judgments'

export interface Given {
  readonly verdict: Verdict | 'answer'
  readonly margin?: Margin | undefined
  readonly answer?: unknown
}

/** Beside an answer: what can be said of any item. */
const asides: readonly Given['verdict'][] = ['both-bad', 'skip']

/** @throws StudioFailure invalid-input */
export function soundSaying(
  { labelling: { mode } }: LabelQueue,
  item: Comparison,
  { verdict, margin, answer }: Given,
): Pick<NewJudgment, 'verdict' | 'margin' | 'answer'> {
  if (mode === 'pair') {
    if (verdict === 'answer') throw refusal('verdict', 'must name a side here: this queue has pairs')
    return { verdict, ...(margin && { margin }) }
  }
  if (verdict !== 'answer') {
    if (!asides.includes(verdict)) throw refusal('verdict', `${verdict} names a side: this queue has none`)
    return { verdict }
  }
  const judged = { prompt: item.prompt, candidates: candidatesOf(item).map(({ text }) => text) }
  const said = labelModes[mode].read(judged, answer)
  if (typeof said === 'string') throw refusal('answer', said)
  return { verdict, answer: { given: answer, rows: said.examples.length } }
}

const refusal = (field: string, problem: string): StudioFailure =>
  new StudioFailure({ kind: 'invalid-input', field, problem })

/** Every so many items, the one just judged comes again, behind those that stand ahead. */
export function askAgainInTime(
  db: WritableDb,
  { id: queueId, labelling: { repeatEvery } }: LabelQueue,
  comparisonId: string,
  nowMs: number,
): void {
  if (repeatEvery === 0 || isAskedAgain(db, comparisonId)) return
  if (judgedOriginals(db, queueId) % repeatEvery === 0)
    askAgain(db, comparisonId, { whom: 'same', times: 1, nowMs })
}
