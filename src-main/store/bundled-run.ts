/**
 * One run, row by row from a registry into another: its own row, what it measured, wrote, said and was told. What it
 * was made from is in the other registry already, under ids of its own.
 */
import type { Run, RunInputs } from '../../src-shared/records/run'
import { clusterOfDevice } from '../../src-shared/records/cluster'
import { recipeNames } from '../../src-shared/recipes/recipes'
import { StudioFailure } from '../../src-shared/result'
import { migrations } from './migrations'
import { idOf, keyIn, keyOf } from './ids'
import { insertInputs } from './run-inputs'
import { findRun, runOf } from './runs'
import type { ReadableDb, SqlValue, WritableDb } from './handle'

type Row = Record<string, SqlValue>

/** What goes with a run, by table, and in which order: each row names its run and its update. */
const tables = {
  metric_points: 'name, step',
  samples: 'id',
  log_lines: 'id',
  reward_reports: 'place',
} as const
type Table = keyof typeof tables
const tableNames = Object.keys(tables) as readonly Table[]

export interface BundledRun {
  readonly inputs: RunInputs
  /** The same id as it had; else the next that is free. */
  readonly keepsId: boolean
}

/**
 * A run that was under way is stopped where it goes.
 * @returns the run there
 */
export function copyRun(
  from: ReadableDb,
  to: WritableDb,
  runId: string,
  { inputs, keepsId }: BundledRun,
): Run {
  return to.transaction(() => {
    const { id, ...row } = rowOf(from, runId)
    const key = insertRow(to, 'runs', {
      ...row,
      ...(keepsId && { id: id as SqlValue }),
      state: restingState(String(row['state'])),
      // where it goes, nobody knows of the clusters here
      device: clusterOfDevice(String(row['device'])) === undefined ? (row['device'] ?? '') : 'cpu',
      left_ms: null,
      judgment_watermark: 0,
      example_watermark: 0,
      is_pinned: 0,
      shelf: 'desk',
      sweep_id: null,
    })
    insertInputs(to, key, inputs)
    for (const table of tableNames) copyRows(from, to, table, { runKey: Number(id), key, afterStep: -1 })
    copyAnswers(from, to, Number(id), key)
    return runOf(to, idOf('run', key))
  })
}

/**
 * What a run did after the update at which it stands here: it went on elsewhere and has come back.
 * @param runId in `from`
 */
export function copyContinuation(from: ReadableDb, to: WritableDb, runId: string, here: Run): Run {
  return to.transaction(() => {
    const row = rowOf(from, runId)
    const key = keyOf('run', here.id)
    for (const table of tableNames)
      copyRows(from, to, table, { runKey: Number(row['id']), key, afterStep: here.step })
    to.run(
      'UPDATE runs SET state = ?, step = ?, total_steps = ?, ended_at_ms = ?, error = ? WHERE id = ?',
      restingState(String(row['state'])),
      row['step'] ?? 0,
      row['total_steps'] ?? 0,
      row['ended_at_ms'] ?? null,
      row['error'] ?? null,
      key,
    )
    return runOf(to, here.id)
  })
}

/** The same run, whichever registry it went through: launched in the same millisecond with the same settings. */
export function sameRunIn(db: ReadableDb, { createdAtMs, recipe }: Run, settings: string): Run | undefined {
  const row = db.get<{ id: number }>(
    'SELECT id FROM runs WHERE created_at_ms = ? AND recipe = ? AND settings = ?',
    createdAtMs,
    recipe,
    settings,
  )
  return row && findRun(db, idOf('run', row.id))
}

/** The settings as they are stored. */
export const settingsText = (db: ReadableDb, runId: string): string => String(rowOf(db, runId)['settings'])

/**
 * The one run of a bundle. A file from elsewhere may hold anything: tables that are none, triggers, rows of other
 * programs.
 * @throws StudioFailure refused-file
 */
export function onlyRunIn(bundle: ReadableDb, own: ReadableDb, file: string): Run {
  const refuse = (problem: string): never => {
    throw new StudioFailure({ kind: 'refused-file', file, problem })
  }
  if (schemaOf(bundle) !== schemaOf(own))
    refuse(`it is no bundle of this studio: its tables are not those of format ${migrations.length}.`)
  const ids = bundle.all<{ id: number; recipe: string }>('SELECT id, recipe FROM runs LIMIT 2')
  const [only] = ids
  if (!only || ids.length > 1) return refuse('it holds no run, or more than one.')
  if (!(recipeNames as readonly string[]).includes(only.recipe))
    refuse(`its run is of a recipe that this version does not know: “${only.recipe.slice(0, 80)}”.`)
  const run = runOf(bundle, idOf('run', only.id))
  if (keyIn('run', run.id) === undefined || Object.keys(run.settings).length === 0)
    refuse('the settings of its run are damaged.')
  return run
}

/** Every table, index, trigger and view, however this SQLite or another quotes and spaces it. */
const schemaOf = (db: ReadableDb): string =>
  db
    .all<{ sql: string | null }>(
      "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY type, name",
    )
    .map(({ sql }) => sql?.replace(/["\s]+/g, ' ').trim())
    .join('\n')

const restingState = (state: string): string =>
  state === 'queued' || state === 'running' || state === 'stopping' ? 'stopped' : state

function rowOf(db: ReadableDb, runId: string): Row {
  runOf(db, runId)
  return db.get<Row>('SELECT * FROM runs WHERE id = ?', keyOf('run', runId)) ?? {}
}

interface Copied {
  readonly runKey: number
  readonly key: number
  readonly afterStep: number
}

function copyRows(from: ReadableDb, to: WritableDb, table: Table, { runKey, key, afterStep }: Copied): void {
  const rows = from.all<Row>(
    `SELECT * FROM ${table} WHERE run_id = ? AND coalesce(step, 0) > ? ORDER BY ${tables[table]}`,
    runKey,
    afterStep,
  )
  if (table === 'reward_reports' && rows.length > 0)
    to.run('DELETE FROM reward_reports WHERE run_id = ?', key)
  for (const { id: _, ...row } of rows)
    insertRow(to, table, { ...row, run_id: key, ...(table === 'samples' && { checkpoint_id: null }) })
}

function copyAnswers(from: ReadableDb, to: WritableDb, runKey: number, key: number): void {
  for (const { id, ...question } of from.all<Row>(
    'SELECT * FROM live_questions WHERE run_id = ? ORDER BY id',
    runKey,
  )) {
    const asked = insertRow(to, 'live_questions', { ...question, run_id: key })
    for (const { id: _, ...answer } of from.all<Row>(
      'SELECT * FROM live_answers WHERE question_id = ? ORDER BY id',
      id as SqlValue,
    ))
      insertRow(to, 'live_answers', { ...answer, question_id: asked })
  }
}

/** Columns by name: both registries are of one format. @returns its key */
function insertRow(db: WritableDb, table: string, row: Row): number {
  const columns = Object.keys(row)
  return db.run(
    `INSERT OR REPLACE INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
    ...Object.values(row),
  ).lastId
}
