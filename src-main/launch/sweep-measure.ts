/** By what the runs of a sweep are held against each other. */
import { metrics } from '../../src-shared/metrics'
import type { RecipeName } from '../../src-shared/recipes/recipes'
import type { SweepPlan } from '../../src-shared/sweeps/plan'
import { measuredBy } from '../../src-shared/sweeps/ranking'

/** Why no run can be stopped by its metric; undefined where one can, or none is to be. */
export function stoppingProblem(recipe: RecipeName, plan: SweepPlan): string | undefined {
  const name = measuredBy({ recipe, plan })
  if (!plan.stopping || metrics[name].better !== 'neither') return undefined
  return `cannot stop runs by ${name}: more of it is neither better nor worse. Choose another metric`
}
