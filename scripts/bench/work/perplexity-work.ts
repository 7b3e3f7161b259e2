/**
 * `perplexity-work.js [GGUF]`: how well a trained model reads a text with its weights as they are and in 8
 * bits: the one in the file, else the bundled checkpoint. Prints JSON.
 */
import { readFileSync } from 'node:fs'
import { weightFormats, type WeightFormat } from '../../../src-shared/records/sample'
import { compiledEngine } from '../../../src-main/compute/cpu/compile'
import { loadModel } from '../../../src-main/model/checkpoint'
import { tokenLogProbs } from '../../../src-main/model/language-model'
import type { LanguageModel } from '../../../src-main/model/model'
import { weight } from '../../../src-main/model/network'
import { importModel } from '../../../src-main/model/importing/import-model'

const most = { tokens: 4096, context: 512 }
/** Past the title and the contents. */
const text = readFileSync('resources/datasets/moby-dick.txt', 'utf8').slice(30_000, 60_000)

const file = process.argv[2]
const { model, name } =
  file === undefined
    ? { ...(await loadModel('resources/checkpoint/pretrained.safetensors')), name: 'the bundled checkpoint' }
    : await importModel(file, new AbortController().signal)
const { config, parameters, tokenizer } = model as LanguageModel
const ids = tokenizer.encodeFirst(text.replace(/[^\x20-\x7e]/g, ' ')).subarray(0, most.tokens + 1)
const program = compiledEngine({ threads: 2 }).program((weights, batch) => ({
  logProbs: tokenLogProbs(config, weights, weight(batch, 'ids')),
}))

/** exp of the mean −log π(token | those before it), over texts of one length. */
async function perplexity(format: WeightFormat): Promise<number> {
  const frozen = program.freeze(parameters, format)
  const context = Math.min(config.contextTokens, most.context)
  let nats = 0
  let tokens = 0
  for (let start = 0; start + context < ids.length; start += context) {
    const { logProbs } = await frozen.run({
      ids: { shape: [1, context + 1], data: ids.slice(start, start + context + 1) },
    })
    for (const logProb of logProbs!.data) nats -= logProb
    tokens += context
  }
  frozen.dispose()
  return Math.exp(nats / tokens)
}

const perplexities: Partial<Record<WeightFormat, number>> = {}
for (const format of weightFormats) perplexities[format] = await perplexity(format)
console.log(JSON.stringify({ name, tokens: ids.length - 1, perplexities }))
