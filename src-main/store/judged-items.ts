/** A queue's judgments that count, with what they were about. */
import { candidatesOf, type ComparisonSide } from '../../src-shared/records/comparison'
import type { Margin, Verdict } from '../../src-shared/records/judgment'
import type { Prompt } from '../../src-shared/records/turn'
import { toComparison, type ComparisonRow } from './comparisons'
import { keyOf } from './ids'
import type { ReadableDb } from './handle'
import { storedJson } from './stored-json'

export interface JudgedItem {
  readonly place: number
  readonly prompt: Prompt
  readonly candidates: readonly ComparisonSide[]
  readonly verdict: Verdict | 'answer'
  readonly margin?: Margin
  readonly answer?: unknown
  readonly annotator: string
  readonly judgedAtMs: number
  /** What it asks again: of the same person, or of another. */
  readonly askedAgain?: 'same' | 'another'
}

/** In the order of the queue. */
export const judgedItems = (db: ReadableDb, queueId: string): readonly JudgedItem[] =>
  db
    .all<JudgedRow>(
      `
    SELECT comparisons.*, judgments.verdict, judgments.margin, judgments.answer, judgments.annotator,
      judgments.judged_at_ms
    FROM comparisons JOIN judgments ON judgments.id = comparisons.newest_judgment_id
    WHERE comparisons.queue_id = ? AND comparisons.newest_judgment_id IS NOT NULL ORDER BY comparisons.place`,
      keyOf('queue', queueId),
    )
    .map((row) => {
      const item = toComparison(row)
      return {
        place: item.place,
        prompt: item.prompt,
        candidates: candidatesOf(item),
        verdict: row.verdict,
        annotator: row.annotator,
        judgedAtMs: row.judged_at_ms,
        ...(row.margin !== null && { margin: row.margin }),
        ...(row.answer !== null && { answer: storedJson(row.answer) }),
        ...(row.copy_for !== null && { askedAgain: row.copy_for }),
      }
    })

interface JudgedRow extends ComparisonRow {
  copy_for: 'same' | 'another' | null
  verdict: Verdict | 'answer'
  margin: Margin | null
  answer: string | null
  annotator: string
  judged_at_ms: number
}
