/** How a plan stands: each step by the run or the queue that it has made. */
import type { Plan, PlannedStep, PlanSource, PlanStep } from '../../src-shared/records/plan'
import { StudioFailure } from '../../src-shared/result'
import { checkpointsOfRun } from '../store/checkpoints'
import type { ReadableDb } from '../store/handle'
import { labelProgress } from '../store/judgments'
import { keptPlan, keptPlans, type KeptPlan, type KeptStep } from '../store/plans'
import { queueOf } from '../store/queues'
import { runOf } from '../store/runs'

/** Newest first. */
export const listPlans = (db: ReadableDb): readonly Plan[] => keptPlans(db).map((kept) => standing(db, kept))

/** @throws StudioFailure not-found */
export const planOf = (db: ReadableDb, planId: string): Plan => standing(db, keptPlan(db, planId))

const damagedStep: PlanStep = { kind: 'run', recipe: 'sft', settings: {}, inputs: {} }

export function standing(db: ReadableDb, { steps, ...plan }: KeptPlan): Plan {
  // a goal that is raised after a later step has begun does not call the plan back
  const begun = steps.findLastIndex(({ madeId }) => madeId !== undefined)
  return {
    ...plan,
    steps: steps.map((kept, place) => {
      const stands = { step: kept.step ?? damagedStep, ...howStepStands(db, kept) }
      return place < begun ? { ...stands, state: 'done' as const } : stands
    }),
  }
}

type Standing = Omit<PlannedStep, 'step'>

function howStepStands(db: ReadableDb, kept: KeptStep): Standing {
  const { step, madeId, problem } = kept
  if (!step) return { state: 'held', problem: 'What was kept of this step is damaged: make the plan anew.' }
  if (problem !== undefined) return { state: 'held', problem, ...(madeId !== undefined && { madeId }) }
  if (madeId === undefined) return { state: 'later' }
  try {
    return { madeId, ...(step.kind === 'run' ? ofRun(db, madeId, kept) : ofJudging(db, madeId, kept)) }
  } catch (error) {
    if (!(error instanceof StudioFailure) || error.error.kind !== 'not-found') throw error
    const what = step.kind === 'run' ? 'run' : 'queue'
    return { state: 'held', problem: `Its ${what} was deleted; to go on begins the step again.` }
  }
}

function ofRun(db: ReadableDb, runId: string, { isEnough }: KeptStep): Standing {
  const { state, error, stopReason } = runOf(db, runId)
  if (state === 'finished') return { state: 'done' }
  if (state !== 'stopped' && state !== 'failed') return { state: 'under-way' }
  const hasEnough = checkpointsOfRun(db, runId).length > 0
  if (isEnough && hasEnough) return { state: 'done' }
  return { state: 'held', hasEnough, problem: error ?? stopReason ?? 'Its run was stopped.' }
}

function ofJudging(db: ReadableDb, queueId: string, { isEnough }: KeptStep): Standing {
  const { judged, goal, pairs } = labelProgress(db, queueId)
  const isDone = judged >= goal || isEnough
  return { state: isDone ? 'done' : 'waits', judged, goal, hasEnough: pairs > 0 }
}

/**
 * What a step is made from, as it stands now: the last checkpoint of a run, the judgments of a queue.
 * @throws StudioFailure not-found
 */
export function sourceId(db: ReadableDb, plan: KeptPlan, source: PlanSource): string {
  if (typeof source === 'string') return source
  const { step, madeId = '' } = plan.steps[source.step] ?? {}
  if (step?.kind !== 'run') return queueOf(db, madeId).datasetId
  const made = checkpointsOfRun(db, runOf(db, madeId).id).toSorted((a, b) => b.step - a.step)[0]
  if (made) return made.id
  const problem = 'made no checkpoint that is still there: begin the plan anew'
  throw new StudioFailure({ kind: 'invalid-input', field: `Step ${source.step + 1}`, problem })
}
