/**
 * Plans: several runs and rounds of judging, one after the other, each made from what the ones before it made. A step
 * begins by itself when the one before it is done, and waits for people where only people can do it.
 */
import { z } from 'zod'
import { id, launch, name } from '../launch-schema'
import { samplingSchema } from '../sampling'

export const mostSteps = 20

/** What a step is made from: what is there by its id, or what an earlier step makes, by its index. */
export const planSource = z.union([
  id,
  z.strictObject({
    step: z
      .number()
      .int()
      .min(0)
      .max(mostSteps - 1),
  }),
])
export type PlanSource = Kept<z.infer<typeof planSource>>

/** As it is kept: read only, and what is not said is not there. */
type Kept<T> = T extends readonly (infer Item)[]
  ? readonly Kept<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: Kept<Exclude<T[Key], undefined>> }
    : T

const judging = {
  name,
  promptDatasetId: id,
  sampling: samplingSchema,
  goal: z.number().int().min(1).max(1_000_000),
  guidance: z.string().max(2000),
}

/** One kind of step a row. A run makes its last checkpoint, judging the dataset of its judgments. */
export const planStep = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('run'),
    ...launch,
    inputs: z.record(z.string(), z.array(planSource).max(20)),
  }),
  z.strictObject({ kind: z.literal('label'), ...judging, writer: planSource }),
  z.strictObject({ kind: z.literal('arena'), ...judging, contenders: z.array(planSource).min(2).max(8) }),
])
export type PlanStep = Kept<z.infer<typeof planStep>>

/** `waits`: for people. `held`: it has failed, was stopped, or cannot begin; `problem` says why. */
export type PlanStepState = 'later' | 'under-way' | 'waits' | 'held' | 'done'

export interface PlannedStep {
  readonly step: PlanStep
  readonly state: PlanStepState
  /** The run, queue or arena that it has made. */
  readonly madeId?: string
  /** Of judging. */
  readonly judged?: number
  readonly goal?: number
  readonly problem?: string
  /** Whether the plan can go on with what there is of it. */
  readonly hasEnough?: boolean
}

export interface Plan {
  readonly id: string
  readonly name: string
  readonly createdAtMs: number
  /** A person has stopped it: nothing more begins. */
  readonly isStopped: boolean
  readonly steps: readonly PlannedStep[]
}

/** The step that it stands at; undefined when all are done. */
export const currentStep = ({ steps }: Plan): PlannedStep | undefined =>
  steps.find(({ state }) => state !== 'done')
