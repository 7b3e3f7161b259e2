/** Plans: a chain of runs and rounds of judging that goes on by itself. */
import { labelOf } from '../../src-shared/fields'
import { recipeOf } from '../../src-shared/recipes/recipes'
import type { PlanSource, PlanStep } from '../../src-shared/records/plan'
import { StudioFailure, type FieldProblem } from '../../src-shared/result'
import type { Handlers } from '../border/serve'
import { nowAndOnChange } from '../changes/topic'
import { listPlans, planOf } from '../runs/plan-standing'
import { nextPlanName } from '../runs/run-names'
import type { ReadableDb } from '../store/handle'
import { createPlan, keptPlan, noteStep, removePlan, stopPlan } from '../store/plans'
import { listRuns } from '../store/runs'
import { launching } from './launching'
import type { StudioParts } from './studio-parts'

type PlanCalls =
  | 'plans.check'
  | 'plans.start'
  | 'plans.list'
  | 'plans.stop'
  | 'plans.resume'
  | 'plans.enough'
  | 'plans.remove'
  | 'plans.work'

export const planCalls = (studio: StudioParts): Pick<Handlers['calls'], PlanCalls> => ({
  ...madeCalls(studio),
  ...goingCalls(studio),
})

type MadeCalls = 'plans.check' | 'plans.start' | 'plans.list' | 'plans.remove' | 'plans.work'

function madeCalls(studio: StudioParts): Pick<Handlers['calls'], MadeCalls> {
  const { db, changes, plans, supervisor, now } = studio
  return {
    'plans.check': async ({ steps }) => ({ problems: await problemsOf(studio, steps) }),
    'plans.start': async ({ steps, name = nextPlanName(listPlans(db)) }) => {
      const problems = await problemsOf(studio, steps)
      if (problems.length > 0) throw new StudioFailure({ kind: 'refused-settings', problems })
      const { id } = createPlan(db, { name, steps, createdAtMs: now() })
      changes.plans.publish()
      plans.begin()
      await plans.look()
      return planOf(db, id)
    },
    'plans.list': () => listPlans(db),
    'plans.remove': ({ planId }) => {
      const { isStopped, steps } = planOf(db, planId)
      if (!isStopped && steps.some(({ state }) => state === 'under-way'))
        throw new StudioFailure({
          kind: 'refused',
          problem: 'A run of this plan is under way: stop it first.',
        })
      removePlan(db, planId)
      changes.plans.publish()
    },
    'plans.work': async () => {
      supervisor.takeUp(waitingOf(studio))
      plans.begin()
      await plans.look()
      return listPlans(db)
    },
  }
}

/** Runs of plans that wait from before this start of the studio. */
function waitingOf({ db }: StudioParts): readonly string[] {
  const made = new Set(listPlans(db).flatMap(({ steps }) => steps.map(({ madeId }) => madeId)))
  return listRuns(db).flatMap(({ id, state }) => (state === 'queued' && made.has(id) ? [id] : []))
}

type GoingCalls = 'plans.stop' | 'plans.resume' | 'plans.enough'

function goingCalls({ db, plans, supervisor, changes }: StudioParts): Pick<Handlers['calls'], GoingCalls> {
  async function lookedAt(planId: string) {
    changes.plans.publish()
    plans.begin()
    await plans.look()
    return planOf(db, planId)
  }
  return {
    'plans.stop': ({ planId }) => {
      const { stands } = current(db, planId)
      stopPlan(db, planId, true)
      if (stands.state === 'under-way' && stands.madeId !== undefined) supervisor.stop(stands.madeId)
      changes.plans.publish()
      return planOf(db, planId)
    },
    'plans.resume': ({ planId }) => {
      const { place, stands, kept } = current(db, planId)
      stopPlan(db, planId, false)
      if (kept.problem !== undefined || (stands.state === 'held' && stands.madeId === undefined))
        noteStep(db, planId, place, {})
      else if (stands.state === 'held' && stands.madeId !== undefined)
        supervisor.resume(stands.madeId, { orAfresh: true })
      return lookedAt(planId)
    },
    'plans.enough': ({ planId }) => {
      const { place, stands, kept } = current(db, planId)
      if (stands.hasEnough !== true || kept.madeId === undefined)
        throw new StudioFailure({
          kind: 'refused',
          problem: 'There is nothing of this step yet to go on with.',
        })
      noteStep(db, planId, place, { madeId: kept.madeId, isEnough: true })
      stopPlan(db, planId, false)
      return lookedAt(planId)
    },
  }
}

/** The step that it stands at. @throws StudioFailure refused, when all is done */
function current(db: ReadableDb, planId: string) {
  const plan = planOf(db, planId)
  const place = plan.steps.findIndex(({ state }) => state !== 'done')
  const [stands, kept] = [plan.steps[place], keptPlan(db, planId).steps[place]]
  if (stands && kept) return { place, stands, kept }
  throw new StudioFailure({ kind: 'refused', problem: 'All steps of this plan are done.' })
}

export const planStreams = ({ db, changes }: StudioParts): Pick<Handlers['streams'], 'plans.changes'> => ({
  'plans.changes': (_, signal) => nowAndOnChange(changes.plans, () => listPlans(db), signal),
})

/**
 * What can be said before its models are there: each run is checked with the model that its chain begins with, which
 * has the same sizes; what its own inputs are yet to be is not held against it.
 */
async function problemsOf(studio: StudioParts, steps: readonly PlanStep[]): Promise<readonly FieldProblem[]> {
  const problems: FieldProblem[] = []
  for (const [index, step] of steps.entries()) {
    const say = (problem: string): void => void problems.push({ field: `Step ${index + 1}`, problem })
    const late = sourcesOf(step).find((source) => typeof source !== 'string' && source.step >= index)
    if (late !== undefined) say('is made from a step that comes after it')
    else if (step.kind === 'run') {
      const { title, inputs: known } = recipeOf(step.recipe)
      const yetToBe = new Set<string>()
      const inputs = Object.entries(step.inputs).map(([input, sources]) => {
        const ids = sources.flatMap((source) => standIn(steps, source) ?? [])
        // beside what is yet to be judged, pairs that are there must hold by themselves
        if (ids.length === 0 && sources.length > 0) yetToBe.add(input)
        return [input, ids] as const
      })
      const { kind: _, ...request } = step
      const checked = await launching(studio).check({ ...request, inputs: Object.fromEntries(inputs) })
      for (const { field, problem } of checked.problems)
        if (!yetToBe.has(field)) say(`${title}, ${known[field]?.label ?? labelOf(field)}: ${problem}`)
    }
  }
  return problems
}

const sourcesOf = (step: PlanStep): readonly PlanSource[] =>
  step.kind === 'run'
    ? Object.values(step.inputs).flat()
    : step.kind === 'label'
      ? [step.writer]
      : step.contenders

/** Of a language model that is yet to be trained, the one that its training begins with. */
function standIn(steps: readonly PlanStep[], source: PlanSource): string | undefined {
  if (typeof source === 'string') return source
  const step = steps[source.step]
  if (step?.kind !== 'run' || recipeOf(step.recipe).makes !== 'language-model') return undefined
  const [start] = step.inputs['policy'] ?? []
  return start === undefined ? undefined : standIn(steps, start)
}
