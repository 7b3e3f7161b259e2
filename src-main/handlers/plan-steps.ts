/** How each kind of a plan’s steps is checked and made: as it would be if a person asked for it. */
import type { PlanStep } from '../../src-shared/records/plan'
import { plainLabelling } from '../../src-shared/records/labelling'
import { sourceId } from '../runs/plan-standing'
import type { PlanWorkingOptions, ReadyStep } from '../runs/plan-working'
import type { KeptPlan } from '../store/plans'
import { runOf } from '../store/runs'
import { createArena } from '../store/contenders'
import { createQueue } from '../store/queues'
import { launching } from './launching'
import type { StudioParts } from './studio-parts'

type Making = Pick<
  StudioParts,
  'db' | 'changes' | 'labels' | 'reader' | 'devices' | 'version' | 'now' | 'supervisor'
>
type StepOf<Kind extends PlanStep['kind']> = Extract<PlanStep, { readonly kind: Kind }>
type Prepare<Kind extends PlanStep['kind']> = (
  studio: Making,
  plan: KeptPlan,
  step: StepOf<Kind>,
) => Promise<ReadyStep>

/** @throws StudioFailure why it cannot begin */
export const stepPreparing =
  (studio: Making): PlanWorkingOptions['prepare'] =>
  (plan, step) =>
    step.kind === 'run'
      ? prepareRun(studio, plan, step)
      : step.kind === 'label'
        ? prepareLabelling(studio, plan, step)
        : prepareArena(studio, plan, step)

const prepareRun: Prepare<'run'> = async (studio, plan, { kind: _, inputs, ...step }) => {
  const { insist, create } = launching(studio)
  const sources = Object.entries(inputs).map(
    ([input, ids]) => [input, ids.map((each) => sourceId(studio.db, plan, each))] as const,
  )
  const request = { ...step, inputs: Object.fromEntries(sources) }
  const checked = await insist(request)
  return {
    make: () => create(request, checked).id,
    begin: (runId) => studio.supervisor.enqueue(runOf(studio.db, runId)),
  }
}

const prepareLabelling: Prepare<'label'> = async (studio, plan, { kind: _, writer, ...step }) => {
  const { db, reader, now } = studio
  const request = { ...step, name: nameIn(plan, step), checkpointId: sourceId(db, plan, writer) }
  await reader.checkQueue(request)
  return { make: () => createQueue(db, { ...request, createdAtMs: now() }).id, begin: filling(studio) }
}

const prepareArena: Prepare<'arena'> = async (studio, plan, { kind: _, contenders, sampling, ...step }) => {
  const { db, reader, now } = studio
  const met = contenders.map((each) => ({ checkpointId: sourceId(db, plan, each), sampling }))
  for (const { checkpointId } of met)
    await reader.checkQueue({ ...step, checkpointId, sampling: { ...sampling, temperature: 1, topK: 0 } })
  const arena = {
    ...step,
    name: nameIn(plan, step),
    contenders: met,
    labelling: plainLabelling,
    createdAtMs: now(),
  }
  return { make: () => createArena(db, arena).id, begin: filling(studio) }
}

/** Of several plans each has its own. */
const nameIn = (plan: KeptPlan, { name }: { readonly name: string }): string =>
  `${plan.name}, ${name}`.slice(0, 120)

const filling =
  ({ changes, labels }: Making): ReadyStep['begin'] =>
  (queueId) => {
    changes.datasets.publish()
    changes.queues.publish({ queueId })
    labels.fill(queueId)
  }
