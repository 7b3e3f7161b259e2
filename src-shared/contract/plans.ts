/** What is asked of plans. */
import { z } from 'zod'
import { id, name } from '../launch-schema'
import { mostSteps, planStep, type Plan } from '../records/plan'
import type { FieldProblem } from '../result'
import { call, stream } from './row'

const planned = { name: name.optional(), steps: z.array(planStep).min(1, 'must not be empty').max(mostSteps) }

export const plansCalls = {
  /** What is wrong with it as far as can be known before its models are there. */
  'plans.check': call(planned).returns<{ readonly problems: readonly FieldProblem[] }>(),
  /** Keeps it and begins its first step. */
  'plans.start': call(planned).returns<Plan>(),
  'plans.list': call({}).returns<readonly Plan[]>(),
  /** Nothing more of it begins, and what runs for it saves and stops. */
  'plans.stop': call({ planId: id }).returns<Plan>(),
  /** Goes on where it was stopped or held: a run from its checkpoint, what is gone from its beginning. */
  'plans.resume': call({ planId: id }).returns<Plan>(),
  /** Goes on with what there is of the step it stands at: fewer judgments, a run that was stopped. */
  'plans.enough': call({ planId: id }).returns<Plan>(),
  /** Forgets the plan; what it has made stays. */
  'plans.remove': call({ planId: id }).returns<void>(),
  /** Works at plans from before this start of the studio. A window's studio does so by itself. */
  'plans.work': call({}).returns<readonly Plan[]>(),
}

export const plansStreams = {
  /** All plans now, newest first, and again whenever one stands otherwise. */
  'plans.changes': stream({}).of<readonly Plan[]>(),
}
