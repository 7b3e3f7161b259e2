/**
 * Judgments: what people said. Rows are only added; the newest of a comparison counts, and undo is a row that
 * retracts.
 */
import { StudioFailure } from '../../src-shared/result'
import type { Comparison, LabelProgress, LabelQueue } from '../../src-shared/records/comparison'
import type { Judgment, Margin, Verdict } from '../../src-shared/records/judgment'
import type { LabelModeName } from '../../src-shared/records/labelling'
import { labelModes } from '../../src-shared/label-modes/modes'
import { textOf } from '../../src-shared/turn-texts'
import { answeredRows, comparisonCounts, comparisonOf } from './comparisons'
import { idOf, keyOf } from './ids'
import { queueOf } from './queues'
import type { ReadableDb, WritableDb } from './handle'
import { storedJson } from './stored-json'

export interface NewJudgment {
  readonly comparisonId: string
  readonly verdict: Verdict | 'answer'
  /** Only with left and right. */
  readonly margin?: Margin
  /** With the verdict `answer`, and so many examples it makes. */
  readonly answer?: { readonly given: unknown; readonly rows: number }
  readonly judgedAtMs: number
  /** Where it was said. */
  readonly window: string
  /** Who said it; empty where nobody gave a name. */
  readonly annotator?: string
}

/** @throws StudioFailure not-found; invalid-input, for a margin that its verdict cannot have */
export function judge(db: WritableDb, judgment: NewJudgment): Judgment {
  const { verdict, margin, answer, judgedAtMs, window, annotator = '' } = judgment
  if (margin !== undefined && verdict !== 'left' && verdict !== 'right')
    throw new StudioFailure({
      kind: 'invalid-input',
      field: 'margin',
      problem: `has no meaning with the verdict ${verdict}`,
    })
  return db.transaction(() => {
    const { id, place, prompt } = comparisonOf(db, judgment.comparisonId)
    const { lastId } = db.run(
      `
      INSERT INTO judgments (comparison_id, verdict, margin, answer, rows, judged_at_ms, window, annotator)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      keyOf('comparison', id),
      verdict,
      margin ?? null,
      answer === undefined ? null : JSON.stringify(answer.given),
      answer?.rows ?? 0,
      judgedAtMs,
      window,
      annotator,
    )
    return {
      id: lastId,
      comparisonId: id,
      place,
      prompt: textOf(prompt),
      verdict,
      judgedAtMs,
      window,
      ...(margin !== undefined && { margin }),
      ...(annotator !== '' && { annotator }),
    }
  })
}

export interface Undoing {
  readonly queueId: string
  readonly nowMs: number
  readonly window: string
  /** Windows that label the queue at this moment: what they said is theirs to take back. */
  readonly others: readonly string[]
  /** Who takes back: what someone else put their name to stays, also after their window is gone. */
  readonly annotator?: string
  /** Whether what nobody put a name to is not theirs either: a member of a team has a name always. */
  readonly isNamedOnly?: boolean
}

/**
 * Takes back one's own newest verdict of the queue that still counts, of this window or of one that is gone; of what
 * nobody put a name to, too.
 * @returns its comparison, unjudged again; undefined when there is none
 */
export function undoJudgment(
  db: WritableDb,
  { queueId, nowMs, window, others, annotator = '', isNamedOnly = false }: Undoing,
): Comparison | undefined {
  return db.transaction(() => {
    const newest = db.get<{ id: number }>(
      `
      SELECT comparisons.id FROM comparisons JOIN judgments ON judgments.id = comparisons.newest_judgment_id
      WHERE comparisons.queue_id = ? AND comparisons.newest_judgment_id IS NOT NULL
        AND judgments.window NOT IN (SELECT value FROM json_each(?))
        AND (judgments.annotator IN (?, ?) OR ? = '' AND judgments.window = ?)
      ORDER BY comparisons.newest_judgment_id DESC LIMIT 1`,
      keyOf('queue', queueId),
      JSON.stringify(others),
      isNamedOnly ? annotator : '',
      annotator,
      annotator,
      window,
    )
    if (!newest) return undefined
    db.run(
      `
      INSERT INTO judgments (comparison_id, verdict, judged_at_ms, window, annotator)
      VALUES (?, 'retracted', ?, ?, ?)`,
      newest.id,
      nowMs,
      window,
      annotator,
    )
    return comparisonOf(db, idOf('comparison', newest.id))
  })
}

/** The highest judgment id there is; 0 before the first. */
export function judgmentWatermark(db: ReadableDb): number {
  return db.get<{ highest: number | null }>('SELECT max(id) AS highest FROM judgments')?.highest ?? 0
}

const RECENT = 12

/**
 * How a queue stands. Why no more comparisons come is not known here: `problem` is added by who samples them.
 */
export function labelProgress(db: ReadableDb, queueId: string): LabelProgress {
  const queue = queueOf(db, queueId)
  const { goal, labelling } = queue
  const { made, judged, pairs, copies } = comparisonCounts(db, queueId)
  const newest = newestJudgments(db, queue, PACE_OVER)
  const pace = judgmentsAMinute(newest.map((each) => each.judgedAtMs))
  return {
    judged,
    goal: goal + copies,
    pairs: labelling.mode === 'pair' ? pairs : answeredRows(db, queueId),
    ahead: made - judged,
    recent: newest.slice(0, RECENT),
    ...(pace !== undefined && { judgmentsAMinute: pace }),
  }
}

/** Those that count, newest first. */
function newestJudgments(
  db: ReadableDb,
  { id: queueId, labelling: { mode } }: LabelQueue,
  count: number,
): readonly Judgment[] {
  return db
    .all<JudgmentRow>(
      `
    SELECT
      judgments.id, judgments.comparison_id, judgments.verdict, judgments.margin, judgments.answer,
      judgments.judged_at_ms, judgments.window, judgments.annotator,
      comparisons.place, comparisons.prompt
    FROM comparisons JOIN judgments ON judgments.id = comparisons.newest_judgment_id
    WHERE comparisons.queue_id = ? AND comparisons.newest_judgment_id IS NOT NULL
    ORDER BY comparisons.newest_judgment_id DESC LIMIT ?`,
      keyOf('queue', queueId),
      count,
    )
    .map((row) => toJudgment(row, mode))
}

/** Judgments the pace is taken from, and the longest time between two that still counts as work. */
const PACE_OVER = 31
const PAUSE_MS = 120_000

/**
 * Judgments a minute of work, from the times of the newest, newest first; pauses are left out. Unknown below
 * two.
 */
export function judgmentsAMinute(timesMs: readonly number[]): number | undefined {
  const gaps = timesMs
    .slice(1)
    .map((earlier, i) => (timesMs[i] ?? earlier) - earlier)
    .filter((gap) => gap >= 0 && gap <= PAUSE_MS)
  const workedMs = gaps.reduce((sum, gap) => sum + gap, 0)
  return workedMs > 0 ? (gaps.length * 60_000) / workedMs : undefined
}

const longestSaid = 80

/** What an answer says in a list; the list needs no completions for that. */
function answerText(mode: LabelModeName, json: string): string {
  const said = labelModes[mode].said(storedJson(json))
  return said.length > longestSaid ? `${said.slice(0, longestSaid)}…` : said
}

interface JudgmentRow {
  id: number
  comparison_id: number
  verdict: Verdict | 'answer'
  margin: Margin | null
  answer: string | null
  judged_at_ms: number
  window: string
  annotator: string
  place: number
  prompt: string
}

const toJudgment = (row: JudgmentRow, mode: LabelModeName): Judgment => ({
  id: row.id,
  comparisonId: idOf('comparison', row.comparison_id),
  place: row.place,
  prompt: row.prompt,
  verdict: row.verdict,
  judgedAtMs: row.judged_at_ms,
  window: row.window,
  ...(row.margin !== null && { margin: row.margin }),
  ...(row.answer !== null && { said: answerText(mode, row.answer) }),
  ...(row.annotator !== '' && { annotator: row.annotator }),
})
