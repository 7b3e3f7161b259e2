/**
 * Comparisons of a queue, in the order they were made. Which side is left was drawn before they come here and
 * stays.
 */
import type { Comparison, ComparisonSide, Writer } from '../../src-shared/records/comparison'
import type { Verdict } from '../../src-shared/records/judgment'
import type { Prompt } from '../../src-shared/records/turn'
import { idOf, keyIn, keyOf, missing } from './ids'
import type { ReadableDb, WritableDb } from './handle'
import { columnsOfPrompt, promptInColumns } from './turns'
import { storedJson } from './stored-json'

export interface NewComparison {
  readonly prompt: Prompt
  readonly left: ComparisonSide
  readonly right: ComparisonSide
  /** All of them, where they are not two. */
  readonly candidates?: readonly ComparisonSide[]
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
  { prompt, left, right, candidates }: NewComparison,
  createdAtMs: number,
): Comparison {
  const { lastId } = db.run(
    `
    INSERT INTO comparisons (
      queue_id, place, created_at_ms, prompt, prompt_turns,
      left_text, left_tokens, left_has_ended, left_writer,
      right_text, right_tokens, right_has_ended, right_writer, candidates)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    queueKey,
    lastPlace(db, queueKey) + 1,
    createdAtMs,
    ...columnsOfPrompt(prompt),
    ...columnsOf(left),
    ...columnsOf(right),
    candidates === undefined ? null : JSON.stringify(candidates),
  )
  return comparisonOf(db, idOf('comparison', lastId))
}

/** 0 in an empty queue. */
export const lastPlace = (db: ReadableDb, queueKey: number): number =>
  db.get<{ last: number | null }>('SELECT max(place) AS last FROM comparisons WHERE queue_id = ?', queueKey)
    ?.last ?? 0

const columnsOf = ({ text, tokens, hasEnded, writer }: ComparisonSide) => [
  text,
  tokens,
  Number(hasEnded),
  writer === undefined ? null : JSON.stringify(writer),
]

/** The queue's comparison of these two texts after this prompt, whichever stands left. */
export function comparisonOfTexts(
  db: ReadableDb,
  queueId: string,
  prompt: Prompt,
  [one, other]: readonly [string, string],
): Comparison | undefined {
  const row = db.get<ComparisonRow>(
    `
    SELECT * FROM comparisons
    WHERE queue_id = ? AND prompt = ? AND prompt_turns IS ?
      AND ((left_text = ? AND right_text = ?) OR (left_text = ? AND right_text = ?))
    ORDER BY place LIMIT 1`,
    keyOf('queue', queueId),
    ...columnsOfPrompt(prompt),
    one,
    other,
    other,
    one,
  )
  return row && toComparison(row)
}

export interface StandingVerdict {
  readonly verdict: Verdict | 'answer'
  /** Empty where nobody gave a name. */
  readonly annotator: string
}

/** The verdict that counts now; undefined while there is none. */
export const standingVerdict = (db: ReadableDb, comparisonId: string): StandingVerdict | undefined =>
  db.get<StandingVerdict>(
    `
    SELECT judgments.verdict, judgments.annotator
    FROM comparisons JOIN judgments ON judgments.id = comparisons.newest_judgment_id
    WHERE comparisons.id = ?`,
    keyOf('comparison', comparisonId),
  )

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
  /** Of those made: what is asked again, or of another person too. */
  readonly copies: number
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
  const copies = count(
    db,
    'SELECT count(*) AS n FROM comparisons WHERE queue_id = ? AND copy_of IS NOT NULL',
    key,
  )
  return { made: unjudged + judged, judged, pairs: pairs - sidedTwice(db, key), copies }
}

/** Copies with a side that make no pair of their own: what one was asked again, and what an original says already. */
const sidedTwice = (db: ReadableDb, queueKey: number): number =>
  db.get<{ n: number }>(
    `
    SELECT count(*) - count(DISTINCT CASE
      WHEN copy_for = 'another' AND (SELECT newest_verdict FROM comparisons AS original
        WHERE original.id = copy.copy_of AND newest_verdict IN ('left', 'right')) IS NULL THEN copy_of END) AS n
    FROM comparisons AS copy
    WHERE queue_id = ? AND copy_of IS NOT NULL AND newest_verdict IN ('left', 'right')`,
    queueKey,
  )?.n ?? 0

/** Examples that its answers make; what one was asked again makes none. */
export const answeredRows = (db: ReadableDb, queueId: string): number =>
  db.get<{ n: number | null }>(
    `
    SELECT sum(newest_rows) AS n FROM comparisons
    WHERE queue_id = ? AND newest_judgment_id IS NOT NULL AND copy_for IS NOT 'same'`,
    keyOf('queue', queueId),
  )?.n ?? 0

const count = (db: ReadableDb, sql: string, key: number): number => db.get<{ n: number }>(sql, key)?.n ?? 0

/** A stored row, as other files of the store read it. */
export interface ComparisonRow {
  id: number
  queue_id: number
  place: number
  prompt: string
  prompt_turns: string | null
  left_text: string
  left_tokens: number
  left_has_ended: number
  left_writer: string | null
  right_text: string
  right_tokens: number
  right_has_ended: number
  right_writer: string | null
  newest_verdict: Verdict | null
  candidates: string | null
}

/** What ended a text that did not end by itself: the limit that was set, or the room that the model has. */
function cutIn(hasEnded: boolean, tokens: number, writer: Writer | undefined): Pick<ComparisonSide, 'cutBy'> {
  if (hasEnded || writer?.sampling === undefined) return {}
  return { cutBy: tokens >= writer.sampling.maxTokens ? 'limit' : 'context' }
}

function sideIn(text: string, tokens: number, hasEnded: number, writerJson: string | null): ComparisonSide {
  const writer = storedJson<Writer>(writerJson)
  const isEnded = hasEnded === 1
  return { text, tokens, hasEnded: isEnded, ...cutIn(isEnded, tokens, writer), ...(writer && { writer }) }
}

export const toComparison = (row: ComparisonRow): Comparison => ({
  id: idOf('comparison', row.id),
  queueId: idOf('queue', row.queue_id),
  place: row.place,
  prompt: promptInColumns(row.prompt, row.prompt_turns),
  left: sideIn(row.left_text, row.left_tokens, row.left_has_ended, row.left_writer),
  right: sideIn(row.right_text, row.right_tokens, row.right_has_ended, row.right_writer),
  ...candidatesIn(row.candidates),
})

function candidatesIn(json: string | null): Pick<Comparison, 'candidates'> {
  const candidates = storedJson<readonly ComparisonSide[]>(json)
  return candidates ? { candidates: candidates.map(withCut) } : {}
}

const withCut = (side: ComparisonSide): ComparisonSide => ({
  ...side,
  ...cutIn(side.hasEnded, side.tokens, side.writer),
})
