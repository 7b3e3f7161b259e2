/**
 * What is asked again: of the same person, who is held against themselves; or of another, so that people can be held
 * against each other. A copy is an item like any other, and knows what it is a copy of.
 */
import type { Comparison } from '../../src-shared/records/comparison'
import { lastPlace, toComparison, type ComparisonRow } from './comparisons'
import { keyIn, keyOf } from './ids'
import type { ReadableDb, WritableDb } from './handle'

const columns =
  'prompt, prompt_turns, left_text, left_tokens, left_has_ended, left_writer, ' +
  'right_text, right_tokens, right_has_ended, right_writer, candidates, uncertainty'

/** Puts so many copies at the end of the queue. */
export function askAgain(
  db: WritableDb,
  comparisonId: string,
  {
    whom,
    times,
    nowMs,
  }: { readonly whom: 'same' | 'another'; readonly times: number; readonly nowMs: number },
): void {
  const key = keyOf('comparison', comparisonId)
  db.transaction(() => {
    const queueKey = db.get<{ queue_id: number }>(
      'SELECT queue_id FROM comparisons WHERE id = ?',
      key,
    )?.queue_id
    if (queueKey === undefined) return
    for (let time = 0; time < times; time++)
      db.run(
        `
        INSERT INTO comparisons (queue_id, place, created_at_ms, copy_of, copy_for, ${columns})
        SELECT queue_id, ?, ?, id, ?, ${columns} FROM comparisons WHERE id = ?`,
        lastPlace(db, queueKey) + 1,
        nowMs,
        whom,
        key,
      )
  })
}

/** Items judged in the queue that are no copies: every so many of them, one is asked again. */
export const judgedOriginals = (db: ReadableDb, queueId: string): number =>
  db.get<{ n: number }>(
    `
    SELECT count(*) AS n FROM comparisons
    WHERE queue_id = ? AND newest_judgment_id IS NOT NULL AND copy_for IS NOT 'same'`,
    keyOf('queue', queueId),
  )?.n ?? 0

export interface Asking {
  readonly queueId: string
  /** Items that this window has, and those that others have. */
  readonly own: readonly string[]
  readonly others: readonly string[]
  /** Empty where nobody gave a name. */
  readonly annotator: string
}

/**
 * Unjudged items for this person in the order of the queue: what they judged already comes only if it is to be asked
 * again, and of one item and its copies never two at a time.
 */
export function itemsFor(db: ReadableDb, { queueId, own, others, annotator }: Asking): readonly Item[] {
  const keysOf = (ids: readonly string[]) =>
    JSON.stringify(ids.map((id) => keyIn('comparison', id)).filter((key) => key !== undefined))
  return db
    .all<ItemRow>(
      `
    SELECT item.*, coalesce(item.copy_of, item.id) AS root FROM comparisons AS item
    WHERE item.queue_id = ? AND item.newest_judgment_id IS NULL
      AND item.id NOT IN (SELECT value FROM json_each(?)) AND item.id NOT IN (SELECT value FROM json_each(?))
      AND coalesce(item.copy_of, item.id) NOT IN
        (SELECT coalesce(copy_of, id) FROM comparisons WHERE id IN (SELECT value FROM json_each(?)))
      AND CASE item.copy_for WHEN 'same' THEN EXISTS (
          SELECT 1 FROM comparisons AS original JOIN judgments ON judgments.id = original.newest_judgment_id
          WHERE original.id = item.copy_of AND judgments.annotator = ?)
        ELSE NOT EXISTS (
          SELECT 1 FROM comparisons AS relative JOIN judgments ON judgments.id = relative.newest_judgment_id
          WHERE (relative.id = item.copy_of OR relative.copy_of = coalesce(item.copy_of, item.id))
            AND relative.copy_for IS NOT 'same' AND judgments.annotator = ?)
        END
    ORDER BY item.place LIMIT ?`,
      keyOf('queue', queueId),
      keysOf(own),
      keysOf(others),
      keysOf(own),
      annotator,
      annotator,
      looksAt,
    )
    .map((row) => ({
      comparison: toComparison(row),
      root: row.root,
      ...(row.uncertainty !== null && { uncertainty: row.uncertainty }),
    }))
}

/** More stand ahead of nobody. */
const looksAt = 256

export interface Item {
  readonly comparison: Comparison
  /** The same for an item and all its copies. */
  readonly root: number
  readonly uncertainty?: number
}

interface ItemRow extends ComparisonRow {
  root: number
  uncertainty: number | null
}

/** Keeps how unsure the queue's reward model is of each; copies of the same follow. */
export function keepUncertainty(
  db: WritableDb,
  found: readonly { readonly comparisonId: string; readonly uncertainty: number }[],
): void {
  db.transaction(() => {
    for (const { comparisonId, uncertainty } of found) {
      const key = keyOf('comparison', comparisonId)
      db.run('UPDATE comparisons SET uncertainty = ? WHERE id = ? OR copy_of = ?', uncertainty, key, key)
    }
  })
}

/** Unjudged items that the reward model has not looked at. */
export const unlookedAt = (db: ReadableDb, queueId: string, most: number): readonly Comparison[] =>
  db
    .all<ComparisonRow>(
      `
    SELECT * FROM comparisons
    WHERE queue_id = ? AND newest_judgment_id IS NULL AND uncertainty IS NULL AND copy_of IS NULL
    ORDER BY place LIMIT ?`,
      keyOf('queue', queueId),
      most,
    )
    .map(toComparison)

/** Whether it comes again already, or is what comes again. */
export const isAskedAgain = (db: ReadableDb, comparisonId: string): boolean => {
  const key = keyOf('comparison', comparisonId)
  return (
    db.get(
      "SELECT 1 FROM comparisons WHERE (id = ? OR copy_of = ?) AND copy_for = 'same' LIMIT 1",
      key,
      key,
    ) !== undefined
  )
}
