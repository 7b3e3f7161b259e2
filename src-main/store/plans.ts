/** Plans and their steps, with what each step has made. */
import type { PlanStep } from '../../src-shared/records/plan'
import type { ReadableDb, WritableDb } from './handle'
import { idOf, keyOf, missing } from './ids'
import { storedJson } from './stored-json'

/** A step as it is kept: how it stands follows from what it has made. */
export interface KeptStep {
  /** Undefined where what is kept of it is damaged. */
  readonly step: PlanStep | undefined
  readonly madeId?: string
  readonly isEnough: boolean
  readonly problem?: string
}

export interface KeptPlan {
  readonly id: string
  readonly name: string
  readonly createdAtMs: number
  readonly isStopped: boolean
  readonly steps: readonly KeptStep[]
}

export type NewPlan = Pick<KeptPlan, 'name' | 'createdAtMs'> & { readonly steps: readonly PlanStep[] }

export function createPlan(db: WritableDb, { name, createdAtMs, steps }: NewPlan): KeptPlan {
  return db.transaction(() => {
    const { lastId } = db.run('INSERT INTO plans (name, created_at_ms) VALUES (?, ?)', name, createdAtMs)
    for (const [place, step] of steps.entries())
      db.run(
        'INSERT INTO plan_steps (plan_id, place, step) VALUES (?, ?, ?)',
        lastId,
        place,
        JSON.stringify(step),
      )
    return keptPlan(db, idOf('plan', lastId))
  })
}

interface PlanRow {
  readonly id: number
  readonly name: string
  readonly is_stopped: number
  readonly created_at_ms: number
}

interface StepRow {
  readonly step: string
  readonly made: string | null
  readonly is_enough: number
  readonly problem: string | null
}

/** Newest first. */
export const keptPlans = (db: ReadableDb): readonly KeptPlan[] =>
  db.all<PlanRow>('SELECT * FROM plans ORDER BY id DESC').map((row) => toPlan(db, row))

/** @throws StudioFailure not-found */
export function keptPlan(db: ReadableDb, planId: string): KeptPlan {
  const row = db.get<PlanRow>('SELECT * FROM plans WHERE id = ?', keyOf('plan', planId))
  return row ? toPlan(db, row) : missing('plan', planId)
}

const toPlan = (db: ReadableDb, { id, name, is_stopped, created_at_ms }: PlanRow): KeptPlan => ({
  id: idOf('plan', id),
  name,
  createdAtMs: created_at_ms,
  isStopped: is_stopped === 1,
  steps: db
    .all<StepRow>('SELECT * FROM plan_steps WHERE plan_id = ? ORDER BY place', id)
    .map(({ step, made, is_enough, problem }) => ({
      step: storedJson<PlanStep>(step),
      isEnough: is_enough === 1,
      ...(made !== null && { madeId: made }),
      ...(problem !== null && { problem }),
    })),
})

export function stopPlan(db: WritableDb, planId: string, isStopped: boolean): void {
  db.run('UPDATE plans SET is_stopped = ? WHERE id = ?', isStopped ? 1 : 0, keyOf('plan', planId))
}

type StepChange = Pick<KeptStep, 'madeId' | 'isEnough' | 'problem'>

/** What is not said of it is so no more. */
export function noteStep(db: WritableDb, planId: string, place: number, change: Partial<StepChange>): void {
  db.run(
    'UPDATE plan_steps SET made = ?, is_enough = ?, problem = ? WHERE plan_id = ? AND place = ?',
    change.madeId ?? null,
    change.isEnough ? 1 : 0,
    change.problem ?? null,
    keyOf('plan', planId),
    place,
  )
}

/** @throws StudioFailure not-found */
export function removePlan(db: WritableDb, planId: string): void {
  const { changes } = db.run('DELETE FROM plans WHERE id = ?', keyOf('plan', planId))
  if (changes === 0) missing('plan', planId)
}
