/**
 * DPO of GPT-2's size against TRL at its default settings, which compute results again: pairs of lengths of a long
 * tail, what the reference says of them counted; and what a batch of 8 × 512 tokens takes in memory.
 */
import { total } from './rl-race.mjs'

const dpo = { ours: 'dpo-peer', theirs: 'trl_dpo.py', rounds: 1, timeOf: total }
export const comparisons = [
  {
    ...dpo,
    name: 'dpo-long-tail',
    title: 'DPO, GPT-2 124M, 24 pairs of long-tailed lengths, 8 an update',
    way: { start: 'gpt2', pairs: 24, batch: 8, theirsRecomputes: true },
    repetitions: 3,
    least: 1.5,
  },
  {
    ...dpo,
    name: 'dpo-memory-recomputed',
    title: 'DPO, GPT-2 124M, 4 pairs of 2 × 512 tokens, results computed again by both',
    way: { start: 'gpt2', pairs: 4, pairTokens: 510, batch: 4, theirsRecomputes: true, recomputes: true },
    repetitions: 2,
    mostMemory: 0.6,
  },
  {
    ...dpo,
    name: 'dpo-memory-kept',
    title: 'DPO, GPT-2 124M, 4 pairs of 2 × 512 tokens, results kept by both',
    way: { start: 'gpt2', pairs: 4, pairTokens: 510, batch: 4 },
    repetitions: 2,
    mostMemory: 0.6,
  },
]
