/** Fine-tuning of texts of many lengths against TRL, which pads each batch to its longest text. */
import { racedAgainstTrl, rowsOf, total } from './rl-race.mjs'

const rounds = 4

export async function bench(how) {
  const way = { start: 'smollm', demonstrations: 160, batch: 8, hasAdapter: true }
  const race = { ours: 'sft-peer', theirs: 'trl_sft.py', way, repetitions: 5, rounds }
  const title = 'LoRA of SmolLM2’s shape on 160 definitions, 8 an update, 20 updates'
  return rowsOf({ title, least: 2.5, timeOf: total }, await racedAgainstTrl(race, how))
}
