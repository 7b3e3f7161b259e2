/**
 * PPO, fine-tuning and DPO against TRL, one comparison after the other: `rl` all, `rl:NAME` those whose name begins so.
 * What one has measured is given as it ends.
 */
import { comparisons as dpo } from './rl-dpo.mjs'
import { comparisons as ppo } from './rl-ppo.mjs'
import { raced } from './rl-race.mjs'
import { comparisons as sft } from './rl-sft.mjs'

const comparisons = [...ppo, ...sft, ...dpo]

export const partNames = comparisons.map(({ name }) => name)

/** @param part how the names of the wanted comparisons begin */
export async function* bench({ part = '', ...how }) {
  for (const comparison of comparisons.filter(({ name }) => name.startsWith(part))) {
    how.say(` ${comparison.name}`)
    yield* await raced(comparison, how)
  }
}
