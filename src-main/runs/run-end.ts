/** The end of a run's row, whatever became of its process. */
import { StudioFailure } from '../../src-shared/result'
import type { LogLine, Run } from '../../src-shared/records/run'
import { publishUpdate, type StudioChanges } from '../changes/studio-changes'
import { endInWords, type ProcessEnd } from '../processes/compute-child'
import type { WritableDb } from '../store/handle'
import { appendLog } from '../store/log-lines'
import { endRun, runOf, type RunEnd } from '../store/runs'

const retryMs = 5000

/** Ends a run's row. @param lastWords what its process wrote to its error stream at the end */
export type SettleRun = (runId: string, end: RunEnd, lastWords?: string) => void

/**
 * Ends the run's row and keeps its process's last words. On a full disk watchers hear of it, and it is tried again
 * until there is room.
 */
export function runEnder({
  db,
  changes,
}: {
  readonly db: WritableDb
  readonly changes: StudioChanges
}): SettleRun {
  function settle(runId: string, end: RunEnd, lastWords = ''): void {
    if (!db.isOpen) return
    const log: readonly LogLine[] = lastWords
      ? [{ atMs: end.endedAtMs, level: 'error', text: lastWords }]
      : []
    try {
      const run = db.transaction(() => {
        appendLog(db, runId, log)
        return endRun(db, runId, end)
      })
      publishUpdate(changes, runId, { run, ...(log.length > 0 && { log }) })
    } catch (error) {
      if (!(error instanceof StudioFailure)) throw error
      publishUpdate(changes, runId, { run: { ...runOf(db, runId), ...end } })
      setTimeout(() => settle(runId, end, lastWords), retryMs).unref()
    }
  }

  return settle
}

/**
 * The end of a run whose process ended without a word of it.
 * @param run      as it stood when its process ended
 * @param isKilled somebody asked for that end
 */
export const unsaidEnd = (run: Run, end: ProcessEnd, isKilled: boolean, endedAtMs: number): RunEnd =>
  isKilled ? { state: 'stopped', endedAtMs } : { state: 'failed', endedAtMs, error: crashText(run, end) }

function crashText(run: Run, end: ProcessEnd): string {
  const kept =
    run.resumableStep === undefined
      ? 'There was no checkpoint yet: start it again.'
      : `Everything up to update ${run.resumableStep} is kept: Resume continues from there.`
  return `${endInWords(end)} at update ${run.step}. ${kept}`
}
