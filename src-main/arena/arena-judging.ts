/** Keeps an arena's automatic judges beside its people: what is judged by a person is scored by each of them. */
import type { ArenaJudge } from '../../src-shared/records/arena'
import { StudioFailure, thrownText } from '../../src-shared/result'
import type { StudioChanges } from '../changes/studio-changes'
import type { WarmProcess } from '../processes/warm-process'
import { insertScores, judgesOf, unscoredBy } from '../store/arena-judges'
import type { WritableDb } from '../store/handle'

export interface ArenaJudging {
  /** Scores what is not scored yet, unless it does so already. */
  fill(arenaId: string): void
  /** Why a judge scores no more. */
  problemOf(judgeId: string): string | undefined
  close(): void
}

/** Pairs scored at once. */
const atOnce = 32

export interface ArenaJudgingOptions {
  readonly db: WritableDb
  readonly warm: WarmProcess
  readonly changes: StudioChanges
  readonly reportBug: (where: string, error: unknown) => void
}

export function arenaJudging(options: ArenaJudgingOptions): ArenaJudging {
  const { db, changes, reportBug } = options
  const closing = new AbortController()
  const filling = new Set<string>()
  const problems = new Map<string, string>()

  async function fillUp(arenaId: string, judge: ArenaJudge): Promise<void> {
    while (!closing.signal.aborted && (await scoreSome(options, arenaId, judge, closing.signal))) {
      problems.delete(judge.id)
      changes.queues.publish({ queueId: arenaId })
    }
  }

  function keepProblem(arenaId: string, judge: ArenaJudge, thrown: unknown): void {
    if (closing.signal.aborted) return
    if (!(thrown instanceof StudioFailure)) reportBug('scoring in an arena', thrown)
    problems.set(judge.id, thrownText(thrown))
    changes.queues.publish({ queueId: arenaId })
  }

  async function fillAll(arenaId: string): Promise<void> {
    for (const judge of judgesOf(db, arenaId))
      if (!problems.has(judge.id))
        await fillUp(arenaId, judge).catch((thrown: unknown) => keepProblem(arenaId, judge, thrown))
  }

  return {
    fill: (arenaId) => {
      if (filling.has(arenaId) || closing.signal.aborted) return
      filling.add(arenaId)
      void fillAll(arenaId).finally(() => filling.delete(arenaId))
    },
    problemOf: (judgeId) => problems.get(judgeId),
    close: () => closing.abort(),
  }
}

/** @returns whether there was anything to score, and it was kept */
async function scoreSome(
  { db, warm }: ArenaJudgingOptions,
  arenaId: string,
  { id, rewards, checkpointId }: ArenaJudge,
  signal: AbortSignal,
): Promise<boolean> {
  const pairs = unscoredBy(db, arenaId, id, atOnce)
  if (pairs.length === 0) return false
  const texts = pairs.flatMap(({ prompt, left, right, leftHasEnded, rightHasEnded }) => [
    { prompt, completion: left, hasEnded: leftHasEnded },
    { prompt, completion: right, hasEnded: rightHasEnded },
  ])
  const scores = await warm.score({ rewards, texts, ...(checkpointId && { checkpointId }) }, signal)
  if (signal.aborted) return false
  const rows = pairs.map(({ comparisonKey }, index) => ({
    comparisonKey,
    left: scores[2 * index]!,
    right: scores[2 * index + 1]!,
  }))
  insertScores(db, id, rows)
  return true
}
