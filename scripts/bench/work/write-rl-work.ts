/**
 * `write-rl-work.js FOLDER WAY`: the model and the texts of one bench as a peer in another language reads them; the way
 * in JSON, as `RlWay` has it. Texts are ids, so that both sides read the same.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Completion, Prompt } from '../../../src-shared/records/turn'
import { exportModel } from '../../../src-main/model/exporting/export-model'
import type { LanguageModel } from '../../../src-main/model/model'
import { rowOf } from '../../../src-main/trainers/rows'
import { definitions, pairsOf, startOf, type RlWay } from './rl-work'

const [folder = '', asked = '{}'] = process.argv.slice(2)
const way = JSON.parse(asked) as RlWay
const model = startOf(way.start, way.endLogit)
mkdirSync(folder, { recursive: true })
await exportModel(model, { format: 'hugging-face', parent: folder, name: 'model', licence: '', lineage: {} })

/** What is read, and what is learned of it. */
function read({ tokenizer, config }: LanguageModel, prompt: Prompt, completion: Completion) {
  const { ids, learnedFrom } = rowOf(tokenizer, { prompt, completion }, config.contextTokens)
  const learned = learnedFrom + 1
  return { prompt: Array.from(ids.subarray(0, learned)), completion: Array.from(ids.subarray(learned)) }
}

const write = (name: string, value: unknown): void =>
  writeFileSync(path.join(folder, name), JSON.stringify(value))

write('way.json', way)
if (way.demonstrations)
  write(
    'demonstrations.json',
    (await definitions(way.demonstrations)).map(({ prompt, completion }) => read(model, prompt, completion)),
  )
if (way.pairs)
  write(
    'pairs.json',
    pairsOf(way).map(({ prompt, chosen, rejected }) => ({
      prompt: read(model, prompt, chosen).prompt,
      chosen: read(model, prompt, chosen).completion,
      rejected: read(model, prompt, rejected).completion,
    })),
  )
