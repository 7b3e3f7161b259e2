/** Sweeps: one recipe tried with several settings, each try a run like any other. */
import type { RecipeName } from '../recipes/recipes'
import type { FieldProblem } from '../result'
import type { SweepPlan } from '../sweeps/plan'

export interface Sweep {
  readonly id: string
  readonly name: string
  readonly recipe: RecipeName
  readonly plan: SweepPlan
  readonly createdAtMs: number
  /** Of its runs that are still there, in the order in which they were made. */
  readonly runIds: readonly string[]
}

/** What is wrong with a sweep, and what it would try. */
export interface SweepCheck {
  readonly problems: readonly FieldProblem[]
  readonly warnings?: readonly FieldProblem[]
  /** Of the swept settings only, a line for each run. */
  readonly tries: readonly Readonly<Record<string, number | string>>[]
}
