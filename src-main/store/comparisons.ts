/**
 * Comparisons of a queue, in the order they were made. Which side is left was drawn before they come here and
 * stays.
 */
import type { Comparison, ComparisonSide } from '../../src-shared/records/comparison'
import { idOf, keyIn, keyOf, missing } from './ids'
import type { ReadableDb, WritableDb } from './handle'

export interface NewComparison {
  readonly prompt: string
  readonly left: ComparisonSide
  readonly right: ComparisonSide
}

/** Adds them at the end of the queue, all in one transaction. @throws StudioFailure not-found */
export function addComparisons(
  db: WritableDb,
  queueId: string,
  comparisons: readonly NewComparison[],
  createdAtMs: number,
): readonly Comparison[] {
  const queueKey = keyOf('queue', queueId)
  return db.transaction(() => {
    if (!db.get('SELECT 1 FROM queues WHERE id = ?', queueKey)) missing('queue', queueId)
    return comparisons.map((each) => insert(db, queueKey, each, createdAtMs))
  })
}

function insert(
  db: WritableDb,
  queueKey: number,
  { prompt, left, right }: NewComparison,
  createdAtMs: number,
): Comparison {
  const place =
    (db.get<{ last: number | null }>(
      'SELECT max(place) AS last FROM comparisons WHERE queue_id = ?',
      queueKey,
    )?.last ?? 0) + 1
  const { lastId } = db.run(
    `
    INSERT INTO comparisons (
      queue_id, place, created_at_ms, prompt,
      left_text, left_tokens, left_has_ended, right_text, right_tokens, right_has_ended)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    queueKey,
    place,
    createdAtMs,
    prompt,
    left.text,
    left.tokens,
    Number(left.hasEnded),
    right.text,
    right.tokens,
    Number(right.hasEnded),
  )
  return { id: idOf('comparison', lastId), queueId: idOf('queue', queueKey), place, prompt, left, right }
}

/** The oldest comparisons without a verdict, at most `count`, except those that are held already. */
export function nextComparisons(
  db: ReadableDb,
  queueId: string,
  count: number,
  holding: readonly string[],
): readonly Comparison[] {
  const held = holding.map((id) => keyIn('comparison', id)).filter((key) => key !== undefined)
  return db
    .all<ComparisonRow>(
      `
    SELECT * FROM comparisons
    WHERE queue_id = ? AND newest_judgment_id IS NULL AND id NOT IN (SELECT value FROM json_each(?))
    ORDER BY place LIMIT ?`,
      keyOf('queue', queueId),
      JSON.stringify(held),
      count,
    )
    .map(toComparison)
}

/** @throws StudioFailure not-found */
export function comparisonOf(db: ReadableDb, comparisonId: string): Comparison {
  const row = db.get<ComparisonRow>(
    'SELECT * FROM comparisons WHERE id = ?',
    keyOf('comparison', comparisonId),
  )
  return row ? toComparison(row) : missing('comparison', comparisonId)
}

export interface ComparisonCounts {
  readonly made: number
  /** With a verdict of any kind. */
  readonly judged: number
  /** Whose verdict is left or right. */
  readonly pairs: number
}

export function comparisonCounts(db: ReadableDb, queueId: string): ComparisonCounts {
  const key = keyOf('queue', queueId)
  const unjudged = count(
    db,
    'SELECT count(*) AS n FROM comparisons WHERE queue_id = ? AND newest_judgment_id IS NULL',
    key,
  )
  const judged = count(
    db,
    'SELECT count(*) AS n FROM comparisons WHERE queue_id = ? AND newest_judgment_id IS NOT NULL',
    key,
  )
  const pairs = count(
    db,
    "SELECT count(*) AS n FROM comparisons WHERE queue_id = ? AND newest_verdict IN ('left', 'right') " +
      'AND newest_judgment_id IS NOT NULL',
    key,
  )
  return { made: unjudged + judged, judged, pairs }
}

const count = (db: ReadableDb, sql: string, key: number): number => db.get<{ n: number }>(sql, key)?.n ?? 0

interface ComparisonRow {
  id: number
  queue_id: number
  place: number
  prompt: string
  left_text: string
  left_tokens: number
  left_has_ended: number
  right_text: string
  right_tokens: number
  right_has_ended: number
}

function toComparison(row: ComparisonRow): Comparison {
  return {
    id: idOf('comparison', row.id),
    queueId: idOf('queue', row.queue_id),
    place: row.place,
    prompt: row.prompt,
    left: { text: row.left_text, tokens: row.left_tokens, hasEnded: row.left_has_ended === 1 },
    right: { text: row.right_text, tokens: row.right_tokens, hasEnded: row.right_has_ended === 1 },
  }
}
