/** Tags, notes, pins and places of runs. What a run did and measured is not touched by them. */
import type { RunMark, RunMarks } from '../../src-shared/records/run-marks'
import type { WritableDb } from './handle'
import { keyOf } from './ids'
import { storedJson } from './stored-json'

interface MarkColumns {
  readonly tags: string
  readonly note: string
  readonly is_pinned: number
  readonly shelf: string
}

/** As they are said of a run: what was not said is not there. */
export function marksIn({ tags, note, is_pinned, shelf }: MarkColumns): RunMarks {
  const said = storedJson<readonly string[]>(tags) ?? []
  return {
    ...(said.length > 0 && { tags: said }),
    ...(note !== '' && { note }),
    ...(is_pinned === 1 && { isPinned: true }),
    ...((shelf === 'archive' || shelf === 'bin') && { shelf }),
  }
}

/** Only what is present changes. @throws StudioFailure not-found */
export function markRun(db: WritableDb, mark: RunMark): void {
  const { runId, tags, note, isPinned, shelf } = mark
  db.run(
    `
    UPDATE runs SET tags = coalesce(?, tags), note = coalesce(?, note), is_pinned = coalesce(?, is_pinned),
      shelf = coalesce(?, shelf) WHERE id = ?`,
    tags === undefined ? null : JSON.stringify([...new Set(tags)]),
    note ?? null,
    isPinned === undefined ? null : Number(isPinned),
    shelf ?? null,
    keyOf('run', runId),
  )
}
