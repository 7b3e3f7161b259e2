/** Sweeps, and which runs are theirs. A sweep whose runs are all gone is gone, too. */
import type { RecipeName } from '../../src-shared/recipes/recipes'
import type { Sweep } from '../../src-shared/records/sweep'
import type { SweepPlan } from '../../src-shared/sweeps/plan'
import type { ReadableDb, WritableDb } from './handle'
import { idOf, keyIn, missing } from './ids'
import { storedJson } from './stored-json'

export type NewSweep = Omit<Sweep, 'id' | 'runIds'>

/** @returns its id */
export function createSweep(db: WritableDb, { name, recipe, plan, createdAtMs }: NewSweep): string {
  const { lastId } = db.run(
    'INSERT INTO sweeps (name, recipe, plan, created_at_ms) VALUES (?, ?, ?, ?)',
    name,
    recipe,
    JSON.stringify(plan),
    createdAtMs,
  )
  return idOf('sweep', lastId)
}

interface SweepRow {
  readonly id: number
  readonly name: string
  readonly recipe: RecipeName
  readonly plan: string
  readonly created_at_ms: number
}

/** Newest first. */
export const listSweeps = (db: ReadableDb): readonly Sweep[] =>
  db
    .all<SweepRow>('SELECT * FROM sweeps WHERE id IN (SELECT sweep_id FROM runs) ORDER BY id DESC')
    .map((row) => toSweep(db, row))

/** @throws StudioFailure not-found */
export function sweepOf(db: ReadableDb, sweepId: string): Sweep {
  const key = keyIn('sweep', sweepId)
  const row = key === undefined ? undefined : db.get<SweepRow>('SELECT * FROM sweeps WHERE id = ?', key)
  return row ? toSweep(db, row) : missing('sweep', sweepId)
}

/** A damaged plan costs the sweep its plan: its runs are there all the same. */
const noPlan: SweepPlan = { axes: [], draw: { by: 'grid' } }

const toSweep = (db: ReadableDb, { id, name, recipe, plan, created_at_ms }: SweepRow): Sweep => ({
  id: idOf('sweep', id),
  name,
  recipe,
  plan: storedJson<SweepPlan>(plan) ?? noPlan,
  createdAtMs: created_at_ms,
  runIds: db
    .all<{ id: number }>('SELECT id FROM runs WHERE sweep_id = ? ORDER BY id', id)
    .map((run) => idOf('run', run.id)),
})
