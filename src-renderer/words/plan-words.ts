/** What a plan's steps are called, how each stands, and the room in which it is. */
import { recipeOf } from '../../src-shared/recipes/recipes'
import type { Run } from '../../src-shared/records/run'
import { currentStep, type Plan, type PlannedStep, type PlanStepState } from '../../src-shared/records/plan'
import { countOf } from '../../src-shared/sizes'
import { capital } from './capital'
import type { NextStep } from './next-steps'

export interface PlanRow {
  readonly title: string
  readonly doc: string
  readonly state: PlanStepState
  readonly says: string
  readonly isFailure: boolean
  /** Where it is looked at, or done, and what the button says. */
  readonly open?: { readonly label: string } & Pick<NextStep, 'query'> & {
      readonly room: NextStep['room'] | 'runs'
    }
}

/** @param runOf a run by its id */
export const planRows = ({ steps }: Plan, runOf: (id: string) => Run | undefined): readonly PlanRow[] =>
  steps.map((planned, index) => ({
    ...stepWords[planned.step.kind](planned, index),
    state: planned.state,
    says: saysOf(planned, runOf),
    isFailure: planned.state === 'held',
  }))

type Words = Pick<PlanRow, 'title' | 'doc' | 'open'>

const stepWords: Readonly<
  Record<PlannedStep['step']['kind'], (planned: PlannedStep, index: number) => Words>
> = {
  run: ({ step, madeId }) => {
    const { title, summary } = recipeOf(step.kind === 'run' ? step.recipe : 'sft')
    return { title, doc: capital(summary), ...opened(madeId, 'Open the run', 'runs', (run) => ({ run })) }
  },
  label: ({ madeId, state }) => ({
    title: 'Label',
    doc: 'You say which of two completions is better.',
    ...opened(madeId, state === 'waits' ? 'Go on labelling' : 'Open the queue', 'label', (queue) => ({
      queue,
    })),
  }),
  arena: ({ madeId, state }) => ({
    title: 'Judge blind',
    doc: 'Where it started against what came of it, names hidden.',
    ...opened(madeId, state === 'waits' ? 'Go on judging' : 'Open the arena', 'compare', (arena) => ({
      mode: 'arena',
      arena,
    })),
  }),
}

function opened(
  madeId: string | undefined,
  label: string,
  room: NonNullable<PlanRow['open']>['room'],
  query: (id: string) => Readonly<Record<string, string>>,
): Pick<PlanRow, 'open'> {
  return madeId === undefined ? {} : { open: { label, room, query: query(madeId) } }
}

function saysOf(planned: PlannedStep, runOf: (id: string) => Run | undefined): string {
  if (planned.state === 'held') return planned.problem ?? ''
  if (planned.goal !== undefined)
    return `${Math.min(planned.judged ?? 0, planned.goal)} of ${countOf(planned.goal, 'judgment')}`
  const run = planned.madeId === undefined ? undefined : runOf(planned.madeId)
  if (!run) return ''
  if (planned.state === 'done') return run.name
  if (run.state === 'queued') return `${run.name} waits for its turn`
  return `${run.name}, update ${run.step} of ${run.totalSteps}`
}

export const stateWords: Readonly<Record<PlanStepState, string>> = {
  later: 'later',
  'under-way': 'under way',
  waits: 'waits for you',
  held: 'held',
  done: 'done',
}

/** How the whole of it stands, in a sentence. */
export function planSays(plan: Plan): string {
  const at = currentStep(plan)
  const done = plan.steps.filter(({ state }) => state === 'done').length
  if (!at) return `All ${countOf(done, 'step')} are done.`
  const step = `step ${done + 1} of ${plan.steps.length}`
  if (plan.isStopped) return `Stopped at ${step}.`
  return `It is at ${step}: ${stateWords[at.state]}.`
}
