/** What a file would be read as, by its first rows: what a person sees before anything is stored. */
import { setImmediate } from 'node:timers/promises'
import type { ImportPreview, ReadingWish } from '../../src-shared/records/dataset'
import { errorText, StudioFailure } from '../../src-shared/result'
import { meanings } from './column-mapping'
import { columnSurvey, type Survey } from './column-survey'
import { LeftOut } from './refuse'
import { openFile, placed, rowsOf, type FileWish, type OpenedFile } from './opened-file'
import { rowReader } from './row-reader'
import type { SourceRow } from './rows'

/** Rows that are looked at for their columns; an import looks at all. */
const ROWS_LOOKED_AT = 1000
/** Rows shown, unless more are asked for. */
const ROWS_SHOWN = 5
const CHARACTERS_SHOWN = 200

/** @throws StudioFailure refused-file, when its rows cannot be read whatever their columns mean */
export async function previewFile(
  file: string,
  wish: FileWish,
  { lookedAt = ROWS_LOOKED_AT, shown: rowsShown = ROWS_SHOWN } = {},
): Promise<ImportPreview> {
  const opened = await openFile(file, wish)
  // all columns are shown, also those that mean nothing yet
  const survey = columnSurvey((found) => found)
  const read = columnSurvey((found) => found)
  const rows: SourceRow[] = []
  for await (const batch of rowsOf(opened, (found) => found, wish.cut)) {
    survey.look(batch)
    const apart = opened.apart(batch)
    read.look(apart)
    rows.push(...apart.rows.slice(0, lookedAt - rows.length))
    if (rows.length >= lookedAt) break
    await setImmediate()
  }
  const found = survey.result()
  return {
    columns: found.found.map((name) => ({ name, holds: shown(found.first[name]) })),
    meanings: [...meanings.keys()],
    ...readingOf(opened, { found: read.result(), rows, wish }, rowsShown),
  }
}

interface Looked {
  readonly found: Survey
  readonly rows: readonly SourceRow[]
  readonly wish: ReadingWish
}

function readingOf(
  opened: OpenedFile,
  { found, rows, wish }: Looked,
  rowsShown: number,
): Pick<ImportPreview, 'reading' | 'problem'> {
  try {
    const { kind, columns, read } = placed(opened, rows[0], () => rowReader(found, wish))
    const examples = rows
      .slice(0, rowsShown)
      .flatMap((row) => placed(opened, row, () => keptOf(() => read(row.values))))
    return { reading: { kind, columns, examples } }
  } catch (error) {
    if (!(error instanceof StudioFailure)) throw error
    return { problem: errorText(error.error) }
  }
}

/** A row that is left out shows nothing. */
function keptOf<T>(read: () => T): readonly T[] {
  try {
    return [read()]
  } catch (error) {
    if (error instanceof LeftOut) return []
    throw error
  }
}

function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value, bigAsText) ?? '')
  return text.length > CHARACTERS_SHOWN ? `${text.slice(0, CHARACTERS_SHOWN)}…` : text
}

const bigAsText = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value)
