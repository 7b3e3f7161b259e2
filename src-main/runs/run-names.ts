/** Names of runs that nobody named: base-01, sft-02, rm-01, ppo-07. */
import type { Run } from '../../src-shared/records/run'
import { recipeOf, type RecipeName } from '../../src-shared/recipes/recipes'

/** The next free number of the recipe's prefix. */
export function nextRunName(recipe: RecipeName, runs: readonly Run[]): string {
  const prefix = `${recipeOf(recipe).runPrefix}-`
  const numbers = runs
    .filter(({ name }) => name.startsWith(prefix))
    .map(({ name }) => name.slice(prefix.length))
    .filter((rest) => /^\d+$/.test(rest))
    .map(Number)
  return `${prefix}${String(Math.max(0, ...numbers) + 1).padStart(2, '0')}`
}
