/** An iteration of PPO against TRL's last release that has it: writing, scoring and updating. */
import { median } from './race.mjs'

const ppo = { ours: 'ppo-peer', theirs: 'trl_ppo.py', timeOf: median }
const small = { ...ppo, repetitions: 2, rounds: 4, mostMemory: 0.5 }
const iteration = { start: 'small', completions: 64, maxTokens: 64 }
export const comparisons = [
  {
    ...small,
    name: 'ppo-1-epoch',
    title: '0.8M, 64 texts of 64 tokens, 1 epoch',
    way: { ...iteration, epochs: 1, endLogit: -30 },
    least: 2,
  },
  {
    ...small,
    name: 'ppo-4-epochs',
    title: '0.8M, 64 texts of 64 tokens, 4 epochs',
    way: { ...iteration, epochs: 4, endLogit: -30 },
    least: 1.6,
  },
  {
    ...small,
    name: 'ppo-own-lengths',
    title: '0.8M, 64 texts that end at their own lengths, at most 64 tokens, 1 epoch',
    way: { ...iteration, epochs: 1, endLogit: 1.6 },
    least: 3,
  },
  {
    ...ppo,
    name: 'ppo-124m',
    title: 'GPT-2 124M with LoRA, 16 texts of 64 tokens, 1 epoch',
    way: { start: 'gpt2', completions: 16, maxTokens: 64, epochs: 1, endLogit: -30, hasAdapter: true },
    least: 1.5,
    mostMemory: 0.6,
    repetitions: 1,
    rounds: 2,
  },
]
