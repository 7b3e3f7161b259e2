/** An iteration of PPO against TRL's last release that has it: writing, scoring and updating. */
import { median } from './race.mjs'
import { racedAgainstTrl, rowsOf } from './rl-race.mjs'

const iteration = { start: 'small', completions: 64, maxTokens: 64 }
const comparisons = [
  {
    title: '0.8M, 64 texts of 64 tokens, 1 epoch',
    way: { ...iteration, epochs: 1, endLogit: -30 },
    least: 2,
    mostMemory: 0.5,
  },
  {
    title: '0.8M, 64 texts of 64 tokens, 4 epochs',
    way: { ...iteration, epochs: 4, endLogit: -30 },
    least: 1.6,
    mostMemory: 0.5,
  },
  {
    title: '0.8M, 64 texts that end at their own lengths, at most 64 tokens, 1 epoch',
    way: { ...iteration, epochs: 1, endLogit: 1.6 },
    least: 3,
    mostMemory: 0.5,
  },
  {
    title: 'GPT-2 124M with LoRA, 16 texts of 64 tokens, 1 epoch',
    way: { start: 'gpt2', completions: 16, maxTokens: 64, epochs: 1, endLogit: -30, hasAdapter: true },
    least: 1.5,
    mostMemory: 0.6,
    repetitions: 1,
  },
]
const rounds = 4

export async function bench(how) {
  const results = []
  for (const { way, repetitions = 2, ...comparison } of comparisons) {
    const race = { ours: 'ppo-peer', theirs: 'trl_ppo.py', way, repetitions, rounds }
    const { mine, trl, whyNot } = await racedAgainstTrl(race, how)
    const [time, ...rest] = rowsOf({ ...comparison, timeOf: median }, { mine, trl, whyNot })
    results.push({ ...time, detail: phasesOf(mine) }, ...rest)
  }
  return results
}

function phasesOf({ phases }) {
  const all = Object.values(phases).reduce((sum, ms) => sum + ms, 0)
  return Object.entries(phases)
    .map(([phase, ms]) => `${phase} ${Math.round((100 * ms) / all)} %`)
    .join(', ')
}
