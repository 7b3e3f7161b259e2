/**
 * Works at plans: when a step is done, the next one begins. One look goes through all of them; what happens meanwhile
 * is looked at after it, so that no step begins twice.
 */
import type { PlannedStep } from '../../src-shared/records/plan'
import { StudioFailure } from '../../src-shared/result'
import type { StudioChanges } from '../changes/studio-changes'
import { seldom } from '../changes/topic'
import type { WritableDb } from '../store/handle'
import { keptPlan, keptPlans, noteStep, type KeptPlan, type KeptStep } from '../store/plans'
import { runOf } from '../store/runs'
import { listPlans, standing } from './plan-standing'
import { studioClosed, type RunSupervisor } from './run-supervisor'

/** A step whose making was checked. */
export interface ReadyStep {
  /** Makes its row. @returns the row's id */
  make(): string
  /** Lets it begin, now that the plan knows it. */
  begin(id: string): void
}

export interface PlanWorking {
  /** From now on plans go on by themselves. Begun already, it does nothing. */
  begin(): void
  /** Looks at once. Resolves when nothing more can begin for now; it never rejects. */
  look(): Promise<void>
  close(): void
}

export interface PlanWorkingOptions {
  readonly db: WritableDb
  readonly changes: StudioChanges
  readonly supervisor: Pick<RunSupervisor, 'resume' | 'stop'>
  /** @throws StudioFailure why it cannot begin */
  readonly prepare: (plan: KeptPlan, step: NonNullable<KeptStep['step']>) => Promise<ReadyStep>
  readonly reportBug: (where: string, error: unknown) => void
}

/** Runs say something ten times a second. */
const lookEveryMs = 250

export function planWorking(options: PlanWorkingOptions): PlanWorking {
  const { db, changes, reportBug } = options
  let looking: Promise<void> | undefined
  let isAsked = false
  let told = ''
  const stops: (() => void)[] = []

  async function lookAtAll(): Promise<void> {
    while (isAsked && db.isOpen) {
      isAsked = false
      for (const { id } of keptPlans(db)) await advance(options, id)
      tell()
    }
  }
  function tell(): void {
    if (!db.isOpen) return
    const now = JSON.stringify(listPlans(db))
    if (now !== told) changes.plans.publish()
    told = now
  }
  const look = (): Promise<void> => {
    isAsked = true
    looking ??= lookAtAll()
      .catch((error: unknown) => {
        if (db.isOpen) reportBug('a plan', error)
      })
      .finally(() => (looking = undefined))
    return looking
  }

  return {
    look,
    begin: () => {
      if (stops.length > 0) return
      const soon = seldom(() => void look(), lookEveryMs)
      stops.push(changes.runs.subscribe(soon), changes.queues.subscribe(soon))
      resumeCutShort(options)
      void look()
    },
    close: () => stops.splice(0).forEach((stop) => stop()),
  }
}

/** Begins the steps of one plan that can begin now. */
async function advance({ db, prepare }: PlanWorkingOptions, planId: string): Promise<void> {
  for (;;) {
    const plan = keptPlan(db, planId)
    const place = standing(db, plan).steps.findIndex(({ state }) => state !== 'done')
    const kept = plan.steps[place]
    if (plan.isStopped || !kept?.step || kept.madeId !== undefined || kept.problem !== undefined) return
    try {
      const ready = await prepare(plan, kept.step)
      if (!db.isOpen || isStopped(db, planId)) return
      const madeId = db.transaction(() => {
        const id = ready.make()
        noteStep(db, planId, place, { madeId: id })
        return id
      })
      ready.begin(madeId)
    } catch (error) {
      if (!(error instanceof StudioFailure)) throw error
      if (!db.isOpen || isStopped(db, planId)) return
      noteStep(db, planId, place, { problem: error.message })
    }
  }
}

/** Forgotten is stopped, too. */
const isStopped = (db: WritableDb, planId: string): boolean =>
  keptPlans(db).find(({ id }) => id === planId)?.isStopped ?? true

/** Its run that was under way when the studio was closed goes on with it. */
function resumeCutShort({ db, supervisor }: PlanWorkingOptions): void {
  for (const plan of keptPlans(db)) {
    const at = currentOf(db, plan)
    if (plan.isStopped || at?.step.kind !== 'run' || at.state !== 'held' || at.madeId === undefined) continue
    if (runOf(db, at.madeId).stopReason === studioClosed) supervisor.resume(at.madeId, { orAfresh: true })
  }
}

const currentOf = (db: WritableDb, plan: KeptPlan): PlannedStep | undefined =>
  standing(db, plan).steps.find(({ state }) => state !== 'done')
