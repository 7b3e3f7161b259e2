/** Which examples each head of an ensemble learns from: a draw of its own, by the run's seed. */
import { bootstrapCounts } from '../maths/ensemble'
import { seeded } from '../maths/random'

export interface Drawn {
  /** How often each head learns it; absent where one head learns it once. */
  readonly draws?: readonly number[]
}

/** @param heads 1 takes every example as it is */
export function drawn<T extends Drawn>(examples: readonly T[], heads: number, seed: number): readonly T[] {
  if (heads === 1) return examples
  const counts = Array.from({ length: heads }, (_, head) =>
    bootstrapCounts(examples.length, seeded(seed, 'bootstrap', head)),
  )
  return examples.map((example, index) => ({
    ...example,
    draws: counts.map((ofHead) => ofHead[index] as number),
  }))
}
