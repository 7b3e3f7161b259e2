/** Texts of an example written anew. What they were is kept, for undo and for runs that learned from it. */
import type { Example } from '../../src-shared/records/example'
import type { ExampleEdit } from '../../src-shared/records/example-marks'
import { StudioFailure } from '../../src-shared/result'
import { findDataset } from './datasets'
import { datasetKeyOf } from './example-keys'
import { exampleOf } from './examples'
import { idOf, missing } from './ids'
import { binOf, characters, parts, type WholeSummary } from './lengths'
import type { ReadableDb, WritableDb } from './handle'
import { storedJson } from './stored-json'

type Texts = Readonly<Record<(typeof parts)[number], string | null>>

/** @throws StudioFailure not-found; invalid-input, for a row that is no plain text or has no such part */
export function editExample(db: WritableDb, edit: ExampleEdit, saidAtMs: number): Example {
  const { exampleId } = edit
  return db.transaction(() => {
    const before = editableTexts(db, exampleId)
    const after: Texts = {
      prompt: edit.prompt ?? before.prompt,
      completion: edit.completion ?? before.completion,
      rejected: edit.rejected ?? before.rejected,
    }
    for (const part of parts)
      if ((before[part] === null) !== (after[part] === null))
        refuse(part, 'is not there: this row has no such part')
    keepVersions(db, exampleId, [before, after], saidAtMs)
    replaceTexts(db, exampleId, before, after)
    moveLengths(db, datasetKeyOf(exampleId), before, after)
    return exampleOf(db, exampleId)
  })
}

function editableTexts(db: ReadableDb, exampleId: number): Texts {
  if (findDataset(db, idOf('dataset', datasetKeyOf(exampleId)))?.origin === 'judgments')
    refuse('exampleId', 'is what people judged: judge it again in Label')
  const row = db.get<Texts & { turns: string | null }>(
    'SELECT prompt, completion, rejected, turns FROM examples WHERE id = ?',
    exampleId,
  )
  if (!row) return missing('example', String(exampleId))
  if (row.turns !== null)
    refuse('exampleId', 'is more than plain texts (turns, candidates or steps): only texts are edited')
  const { prompt, completion, rejected } = row
  return { prompt, completion, rejected }
}

/** Before the first edit, what it was is a version, too. */
function keepVersions(
  db: WritableDb,
  exampleId: number,
  [before, after]: readonly [Texts, Texts],
  saidAtMs: number,
): void {
  const hasEarlier = db.get(
    'SELECT 1 FROM example_versions WHERE example_id = ? AND parts IS NOT NULL LIMIT 1',
    exampleId,
  )
  const now = db.get<{ is_excluded: number; tags: string }>(
    'SELECT is_excluded, tags FROM marked_examples WHERE example_id = ?',
    exampleId,
  )
  for (const texts of hasEarlier ? [after] : [before, after])
    db.run(
      'INSERT INTO example_versions (example_id, is_excluded, tags, parts, said_at_ms) VALUES (?, ?, ?, ?, ?)',
      exampleId,
      now?.is_excluded ?? 0,
      now?.tags ?? '[]',
      JSON.stringify(texts),
      saidAtMs,
    )
}

/** The index of words holds no texts of its own: it is told what stood there. */
function replaceTexts(db: WritableDb, exampleId: number, before: Texts, after: Texts): void {
  db.run(
    `INSERT INTO examples_search (examples_search, rowid, prompt, completion, rejected) VALUES ('delete', ?, ?, ?, ?)`,
    exampleId,
    ...parts.map((part) => before[part]),
  )
  db.run(
    `
    UPDATE examples SET prompt = ?, completion = ?, rejected = ?,
      prompt_characters = ?, completion_characters = ?, rejected_characters = ? WHERE id = ?`,
    ...parts.map((part) => after[part]),
    ...parts.map((part) => lengthOf(after[part])),
    exampleId,
  )
  db.run(
    'INSERT INTO examples_search (rowid, prompt, completion, rejected) VALUES (?, ?, ?, ?)',
    exampleId,
    ...parts.map((part) => after[part]),
  )
}

/** One row moves between the bins of the histograms; the file it came from is no longer what the dataset is. */
function moveLengths(db: WritableDb, datasetKey: number, before: Texts, after: Texts): void {
  const row = db.get<{ summary: string | null }>('SELECT summary FROM datasets WHERE id = ?', datasetKey)
  const summary = storedJson<WholeSummary>(row?.summary ?? null)
  const histograms = summary?.histograms.map((histogram) => {
    const all = [...histogram.all]
    const [from, to] = [before, after].map((texts) => lengthOf(texts[histogram.part]))
    if (from !== null && from !== undefined) all[binOf(from, histogram.binWidth)]! -= 1
    if (to !== null && to !== undefined) all[binOf(to, histogram.binWidth)]! += 1
    return { ...histogram, all }
  })
  const moved = summary && histograms ? JSON.stringify({ ...summary, histograms }) : (row?.summary ?? null)
  db.run('UPDATE datasets SET content_hash = NULL, summary = ? WHERE id = ?', moved, datasetKey)
}

const lengthOf = (text: string | null): number | null => (text === null ? null : characters(text))

function refuse(field: string, problem: string): never {
  throw new StudioFailure({ kind: 'invalid-input', field, problem })
}
