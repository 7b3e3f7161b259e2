/** The list of runs as a stream, with the small curves that stand beside them. */
import { recipeOf } from '../../src-shared/recipes/recipes'
import type { Run, RunsChange, RunTrend } from '../../src-shared/records/run'
import { mergeRuns, type StudioChanges } from '../changes/studio-changes'
import { changesOf } from '../changes/topic'
import { evidenceOf } from '../store/evidence'
import type { ReadableDb } from '../store/handle'
import { newestValues, thinnedPoints } from '../store/metric-points'
import { listRuns } from '../store/runs'

/** All runs first, then each again as it changes. */
export async function* watchRuns(
  db: ReadableDb,
  changes: StudioChanges,
  signal: AbortSignal,
): AsyncGenerator<RunsChange> {
  const live = changesOf(changes.runs, mergeRuns, signal)
  const trendsOf = pacedTrends(db)
  const all = listRuns(db)
  yield { runs: all, removed: [], trends: trendsOf(all) }
  for await (const change of live) yield { ...change, trends: trendsOf(change.runs) }
}

const trendPoints = 60
/** A curve that grows is drawn again at most so often: it is read from all points that the run has by then. */
const trendEveryMs = 2000

/** @returns the curves of those of the runs that are due; of a run that goes no further, always */
function pacedTrends(db: ReadableDb): (runs: readonly Run[]) => readonly RunTrend[] {
  const saidAtMs = new Map<string, number>()
  return (runs) =>
    runs
      .filter(
        ({ id, state }) => state !== 'running' || !(performance.now() - saidAtMs.get(id)! < trendEveryMs),
      )
      .flatMap((run) => {
        saidAtMs.set(run.id, performance.now())
        return trendOf(db, run) ?? []
      })
}

/** The course of a run's headline metric; undefined before its first point. */
function trendOf(db: ReadableDb, { id, recipe }: Run): RunTrend | undefined {
  const { headline } = recipeOf(recipe)
  const points = thinnedPoints(db, id, headline, trendPoints)
  if (points.length === 0) return undefined
  const evidence = evidenceOf(db, id, headline)
  return {
    runId: id,
    steps: points.map(({ step }) => step),
    values: points.map(({ value }) => value),
    ...(evidence && { evidence }),
    last: newestValues(db, id),
  }
}
