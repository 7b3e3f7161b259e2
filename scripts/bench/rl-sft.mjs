/** Fine-tuning of texts of many lengths against TRL, which pads each batch to its longest text. */
import { total } from './rl-race.mjs'

export const comparisons = [
  {
    name: 'sft',
    title: 'LoRA of SmolLM2’s shape on 160 definitions, 8 an update, 10 updates',
    ours: 'sft-peer',
    theirs: 'trl_sft.py',
    way: { start: 'smollm', demonstrations: 160, batch: 8, hasAdapter: true },
    repetitions: 5,
    rounds: 2,
    least: 2.5,
    timeOf: total,
  },
]
