/** A run as a stream: what is stored, in parts, then what happens, with neither gap nor double. */
import type { RunUpdate } from '../../src-shared/records/run'
import { breathe, changesOf, type Topic } from '../changes/topic'
import { checkpointsOfRun } from '../store/checkpoints'
import type { ReadableDb } from '../store/handle'
import { logOf } from '../store/log-lines'
import { pointsSince } from '../store/metric-points'
import { reportOf } from '../store/reward-reports'
import { runOf } from '../store/runs'
import { samplesOfRun } from '../store/samples'
import { mergeUpdates, type StudioChanges } from '../changes/studio-changes'

/** Points of one part: few enough that reading and sending them holds up nobody for longer than a frame. */
const pointsAtOnce = 4000

/**
 * The first item has the run, its samples, log and checkpoints whole, and the first points; more points
 * follow in parts.
 *
 * Listening begins in the turn in which the last stored step is looked up: what is recorded from then on
 * comes live, and what is read in later turns ends at that step. A run that is resumed meanwhile says so
 * after those parts.
 *
 * @throws StudioFailure not-found
 */
export async function* watchRun(
  db: ReadableDb,
  changes: StudioChanges,
  { runId, sinceStep }: { readonly runId: string; readonly sinceStep: number },
  signal: AbortSignal,
): AsyncGenerator<RunUpdate> {
  const live = changesOf(updatesOf(changes, runId), mergeUpdates, signal)
  const run = runOf(db, runId)
  const lastStep = run.step
  let from = Math.min(sinceStep, lastStep)
  let partSteps = pointsAtOnce / 20
  const report = reportOf(db, runId)
  let first: RunUpdate | undefined = {
    ...(sinceStep > lastStep && { rewoundTo: lastStep }),
    run,
    samples: samplesOfRun(db, runId),
    log: logOf(db, runId),
    checkpoints: checkpointsOfRun(db, runId),
    ...(report && { report }),
  }
  do {
    const to = Math.min(from + Math.max(1, Math.floor(partSteps)), lastStep)
    const points = pointsSince(db, runId, from, to)
    if (first || points.length > 0) yield { ...first, ...(points.length > 0 && { points }) }
    first = undefined
    if (points.length > 0) partSteps = ((to - from) * pointsAtOnce) / points.length
    else partSteps *= 2
    from = to
    await breathe()
  } while (from < lastStep && !signal.aborted)
  yield* live
}

/** Updates of one run. */
function updatesOf({ updates }: StudioChanges, runId: string): Topic<RunUpdate> {
  return {
    publish: (update) => updates.publish({ runId, update }),
    subscribe: (listener) =>
      updates.subscribe((change) => {
        if (change.runId === runId) listener(change.update)
      }),
  }
}
