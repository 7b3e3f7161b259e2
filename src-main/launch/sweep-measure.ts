/** By what the runs of a sweep are held against each other. */
import { metrics, type MetricName } from '../../src-shared/metrics'
import { recipeOf, type RecipeName } from '../../src-shared/recipes/recipes'
import type { SweepPlan } from '../../src-shared/sweeps/plan'

export interface Measure {
  readonly name: MetricName
  readonly better: 'higher' | 'lower' | 'neither'
  /** Why nothing can be stopped by it. */
  readonly problem?: string
}

export function measureOf(
  recipe: RecipeName,
  { metric, stopping }: Pick<SweepPlan, 'metric' | 'stopping'>,
): Measure {
  const name = metric ?? recipeOf(recipe).headline
  const { better } = metrics[name]
  const problem = `cannot stop runs by ${name}: more of it is neither better nor worse. Choose another metric`
  return { name, better, ...(stopping && better === 'neither' && { problem }) }
}
