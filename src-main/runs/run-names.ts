/** Names of runs that nobody named: base-01, sft-02, rm-01, ppo-07. */
import type { RecipeName, Run } from '../../src-shared/records/run'

const prefixes: Readonly<Record<RecipeName, string>> = {
  pretrain: 'base',
  sft: 'sft',
  reward: 'rm',
  ppo: 'ppo',
}

/** The next free number of the recipe's prefix. */
export function nextRunName(recipe: RecipeName, runs: readonly Run[]): string {
  const prefix = prefixes[recipe]
  const numbers = runs.flatMap(({ name }) =>
    name.startsWith(`${prefix}-`) && /^\d+$/.test(name.slice(prefix.length + 1))
      ? [Number(name.slice(prefix.length + 1))]
      : [],
  )
  return `${prefix}-${String(Math.max(0, ...numbers) + 1).padStart(2, '0')}`
}
