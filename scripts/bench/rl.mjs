/** PPO, fine-tuning and DPO against TRL, one after the other. */
import { bench as dpo } from './rl-dpo.mjs'
import { bench as ppo } from './rl-ppo.mjs'
import { bench as sft } from './rl-sft.mjs'

export async function bench(how) {
  const results = []
  for (const each of [ppo, sft, dpo]) results.push(...(await each(how)))
  return results
}
