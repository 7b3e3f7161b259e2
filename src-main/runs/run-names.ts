/** Names of runs that nobody named: base-01, sft-02, rm-01, ppo-07; and of sweeps and plans. */
import { recipeOf, type RecipeName } from '../../src-shared/recipes/recipes'

interface Named {
  readonly name: string
}

/** The next free number of the recipe's prefix. */
export const nextRunName = (recipe: RecipeName, runs: readonly Named[]): string =>
  nextName(recipeOf(recipe).runPrefix, runs)

export const nextSweepName = (sweeps: readonly Named[]): string => nextName('sweep', sweeps)

export const nextPlanName = (plans: readonly Named[]): string => nextName('plan', plans)

function nextName(word: string, all: readonly Named[]): string {
  const prefix = `${word}-`
  const numbers = all
    .filter(({ name }) => name.startsWith(prefix))
    .map(({ name }) => name.slice(prefix.length))
    .filter((rest) => /^\d+$/.test(rest))
    .map(Number)
  return `${prefix}${String(Math.max(0, ...numbers) + 1).padStart(2, '0')}`
}
