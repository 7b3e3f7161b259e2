/** Automatic judges of an arena, and their scores of both sides of what people judged. */
import type { ArenaJudge } from '../../src-shared/records/arena'
import type { Prompt } from '../../src-shared/records/turn'
import { idOf, keyOf } from './ids'
import type { ReadableDb, WritableDb } from './handle'
import { promptInColumns } from './turns'

export type NewJudge = Omit<ArenaJudge, 'id'>

/** The same one again is the one there is. */
export function addJudge(db: WritableDb, queueId: string, { rewards, checkpointId, name }: NewJudge): void {
  const isThere = judgesOf(db, queueId).some(
    (one) => one.rewards === rewards && one.checkpointId === checkpointId,
  )
  if (isThere) return
  db.run(
    'INSERT INTO arena_judges (queue_id, rewards, checkpoint_id, name) VALUES (?, ?, ?, ?)',
    keyOf('queue', queueId),
    rewards,
    checkpointId === undefined ? null : keyOf('checkpoint', checkpointId),
    name,
  )
}

export function removeJudge(db: WritableDb, queueId: string, judgeId: string): void {
  db.run('DELETE FROM arena_judges WHERE id = ? AND queue_id = ?', Number(judgeId), keyOf('queue', queueId))
}

export const judgesOf = (db: ReadableDb, queueId: string): readonly ArenaJudge[] =>
  db
    .all<JudgeRow>('SELECT * FROM arena_judges WHERE queue_id = ? ORDER BY id', keyOf('queue', queueId))
    .map(({ id, rewards, checkpoint_id, name }) => ({
      id: String(id),
      rewards,
      name,
      ...(checkpoint_id !== null && { checkpointId: idOf('checkpoint', checkpoint_id) }),
    }))

export interface Unscored {
  readonly comparisonKey: number
  readonly prompt: Prompt
  readonly left: string
  readonly right: string
  readonly leftHasEnded: boolean
  readonly rightHasEnded: boolean
}

/** What people gave to a side, and this judge has not scored yet, oldest first. */
export const unscoredBy = (
  db: ReadableDb,
  queueId: string,
  judgeId: string,
  most: number,
): readonly Unscored[] =>
  db
    .all<UnscoredRow>(
      `
    SELECT id, prompt, prompt_turns, left_text, right_text, left_has_ended, right_has_ended FROM comparisons
    WHERE queue_id = ? AND newest_judgment_id IS NOT NULL AND newest_verdict IN ('left', 'right')
      AND NOT EXISTS (SELECT 1 FROM arena_scores WHERE judge_id = ? AND comparison_id = comparisons.id)
    ORDER BY place LIMIT ?`,
      keyOf('queue', queueId),
      Number(judgeId),
      most,
    )
    .map((row) => ({
      comparisonKey: row.id,
      prompt: promptInColumns(row.prompt, row.prompt_turns),
      left: row.left_text,
      right: row.right_text,
      leftHasEnded: row.left_has_ended === 1,
      rightHasEnded: row.right_has_ended === 1,
    }))

/** All in one transaction. */
export function insertScores(
  db: WritableDb,
  judgeId: string,
  scores: readonly { readonly comparisonKey: number; readonly left: number; readonly right: number }[],
): void {
  db.transaction(() => {
    for (const { comparisonKey, left, right } of scores)
      db.run(
        'INSERT OR IGNORE INTO arena_scores (judge_id, comparison_id, left_score, right_score) VALUES (?, ?, ?, ?)',
        Number(judgeId),
        comparisonKey,
        left,
        right,
      )
  })
}

/** Left less right, by comparison. */
export const leadsOf = (db: ReadableDb, judgeId: string): ReadonlyMap<number, number> =>
  new Map(
    db
      .all<{ comparison_id: number; lead: number }>(
        'SELECT comparison_id, left_score - right_score AS lead FROM arena_scores WHERE judge_id = ?',
        Number(judgeId),
      )
      .map(({ comparison_id, lead }) => [comparison_id, lead]),
  )

interface JudgeRow {
  id: number
  rewards: string
  checkpoint_id: number | null
  name: string
}

interface UnscoredRow {
  id: number
  prompt: string
  prompt_turns: string | null
  left_text: string
  right_text: string
  left_has_ended: number
  right_has_ended: number
}
