/** What people said of a queue's items, as things that two can say the same of. */
import { labelModes } from '../../src-shared/label-modes/modes'
import type { Opinion } from '../../src-shared/label-modes/mode'
import { candidatesOf } from '../../src-shared/records/comparison'
import type { Margin, Verdict } from '../../src-shared/records/judgment'
import { toComparison, type ComparisonRow } from './comparisons'
import { keyOf } from './ids'
import { queueOf } from './queues'
import type { ReadableDb } from './handle'
import { storedJson } from './stored-json'

export interface SaidOfItem {
  readonly comparisonKey: number
  /** The same for an item and its copies for other people. */
  readonly root: number
  /** The item that this one asks again. */
  readonly repeats?: number
  readonly judgmentId: number
  readonly annotator: string
  readonly judgedAtMs: number
  readonly verdict: Verdict | 'answer'
  /** Empty for a skip. */
  readonly opinions: readonly Opinion[]
}

/** Judgments that count, in the order in which they were said. @throws StudioFailure not-found */
export function saidInQueue(db: ReadableDb, queueId: string): readonly SaidOfItem[] {
  const { mode } = queueOf(db, queueId).labelling
  const row = labelModes[mode]
  return db.all<SaidRow>(saidSql, keyOf('queue', queueId)).map((each) => {
    const item = toComparison(each)
    const judged = { prompt: item.prompt, candidates: candidatesOf(item).map(({ text }) => text) }
    const { verdict, margin } = each
    const answer = each.answer === null ? { verdict, ...(margin && { margin }) } : storedJson(each.answer)
    const said = row.read(judged, answer)
    return {
      comparisonKey: each.id,
      root: each.copy_for === 'another' ? each.copy_of! : each.id,
      ...(each.copy_for === 'same' && { repeats: each.copy_of! }),
      judgmentId: each.judgment_id,
      annotator: each.annotator,
      judgedAtMs: each.judged_at_ms,
      verdict,
      opinions: typeof said === 'string' ? [] : said.opinions,
    }
  })
}

const saidSql = `
  SELECT comparisons.*, judgments.id AS judgment_id, judgments.annotator, judgments.judged_at_ms,
    judgments.verdict, judgments.margin, judgments.answer
  FROM comparisons JOIN judgments ON judgments.id = comparisons.newest_judgment_id
  WHERE comparisons.queue_id = ? AND comparisons.newest_judgment_id IS NOT NULL
  ORDER BY comparisons.newest_judgment_id`

interface SaidRow extends ComparisonRow {
  copy_of: number | null
  copy_for: 'same' | 'another' | null
  judgment_id: number
  annotator: string
  judged_at_ms: number
  verdict: Verdict | 'answer'
  margin: Margin | null
  answer: string | null
}
