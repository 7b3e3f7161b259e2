/**
 * What runs ask people, and what people said: append-only, the newest answer of a question counts. Questions of one
 * rollout are a round; one that was asked before is asked again only where it has no answer.
 */
import type { Asked, LiveProgress, LiveQuestion } from '../../src-shared/records/live'
import { StudioFailure } from '../../src-shared/result'
import { keyOf } from './ids'
import type { ReadableDb, WritableDb } from './handle'

/** The questions of a rollout, from which its run goes on when all are answered. */
export function askLive(db: WritableDb, runId: string, asked: readonly Asked[], nowMs: number): void {
  const run = keyOf('run', runId)
  db.transaction(() => {
    const round = newestRound(db, run) + 1
    for (const question of asked)
      db.run(
        `
        INSERT INTO live_questions (run_id, asked, round, asked_at_ms) VALUES (?, ?, ?, ?)
        ON CONFLICT (run_id, asked) DO UPDATE SET round = excluded.round, asked_at_ms = excluded.asked_at_ms`,
        run,
        textOf(question),
        round,
        nowMs,
      )
  })
}

const textOf = ({ how, prompt, completions }: Asked): string => JSON.stringify({ how, prompt, completions })

const newestRound = (db: ReadableDb, run: number): number =>
  db.get<{ round: number | null }>('SELECT max(round) AS round FROM live_questions WHERE run_id = ?', run)
    ?.round ?? 0

/** What was said of each of these, by whoever; undefined for what was not. */
export const liveAnswers = (
  db: ReadableDb,
  runId: string,
  asked: readonly Asked[],
): readonly (number | undefined)[] =>
  asked.map(
    (question) =>
      db.get<{ answer: number | null }>(
        'SELECT answer FROM answered_live WHERE run_id = ? AND asked = ?',
        keyOf('run', runId),
        textOf(question),
      )?.answer ?? undefined,
  )

/** The questions of the newest rollout, in the order in which they were asked. */
export const liveQuestions = (db: ReadableDb, runId: string): readonly LiveQuestion[] => {
  const run = keyOf('run', runId)
  return db
    .all<QuestionRow>(
      'SELECT id, asked, answer FROM answered_live WHERE run_id = ? AND round = ? ORDER BY id',
      run,
      newestRound(db, run),
    )
    .map(({ id, asked, answer }) => ({
      id: String(id),
      ...(JSON.parse(asked) as Asked),
      ...(answer !== null && { answer }),
    }))
}

interface QuestionRow {
  readonly id: number
  readonly asked: string
  readonly answer: number | null
}

/** How far the newest rollout's are answered; undefined where nothing is left to be said. */
export function liveProgress(db: ReadableDb, run: number): LiveProgress | undefined {
  const found = db.get<{ given: number; of: number; since_ms: number | null }>(
    `
    SELECT count(answer) AS given, count(*) AS "of", min(asked_at_ms) AS since_ms FROM answered_live
    WHERE run_id = ? AND round = ?`,
    run,
    newestRound(db, run),
  )
  if (!found || found.given === found.of) return undefined
  return { given: found.given, of: found.of, sinceMs: found.since_ms ?? 0 }
}

/** Whether a person has said anything to a run: it can go on from its beginning, too. */
export const hasLiveAnswers = (db: ReadableDb, run: number): boolean =>
  db.get('SELECT 1 FROM answered_live WHERE run_id = ? AND answer IS NOT NULL LIMIT 1', run) !== undefined

/** @throws StudioFailure invalid-input, for an answer that the question does not have */
export function answerLive(
  db: WritableDb,
  runId: string,
  { questionId, answer, annotator }: { questionId: string; answer: number; annotator?: string | undefined },
  nowMs: number,
): void {
  const row = db.get<{ asked: string }>(
    'SELECT asked FROM live_questions WHERE id = ? AND run_id = ?',
    Number(questionId),
    keyOf('run', runId),
  )
  if (!row) throw refusal('questionId', 'is no question of this run')
  const { how } = JSON.parse(row.asked) as Asked
  if (!allowed[how].includes(answer)) throw refusal('answer', `must be one of ${allowed[how].join(', ')}`)
  insertAnswer(db, Number(questionId), answer, { annotator, nowMs })
}

const allowed: Readonly<Record<Asked['how'], readonly number[]>> = {
  rate: [1, 2, 3, 4, 5],
  compare: [1, -1, 0],
}

/** The newest answer of the rollout that waits is taken back; false where there is none. */
export function undoLive(
  db: WritableDb,
  runId: string,
  annotator: string | undefined,
  nowMs: number,
): boolean {
  const run = keyOf('run', runId)
  const newest = db.get<{ id: number }>(
    `
    SELECT id FROM answered_live WHERE run_id = ? AND round = ? AND answer IS NOT NULL
    ORDER BY answer_id DESC LIMIT 1`,
    run,
    newestRound(db, run),
  )
  if (!newest) return false
  insertAnswer(db, newest.id, null, { annotator, nowMs })
  return true
}

const insertAnswer = (
  db: WritableDb,
  question: number,
  answer: number | null,
  { annotator, nowMs }: { readonly annotator: string | undefined; readonly nowMs: number },
): unknown =>
  db.run(
    'INSERT INTO live_answers (question_id, answer, annotator, answered_at_ms) VALUES (?, ?, ?, ?)',
    question,
    answer,
    annotator ?? null,
    nowMs,
  )

const refusal = (field: string, problem: string): StudioFailure =>
  new StudioFailure({ kind: 'invalid-input', field, problem })
