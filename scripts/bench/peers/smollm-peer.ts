/**
 * `smollm-peer.js FILE TOKENS WEIGHTS`: SmolLM2 writes one text of so many tokens, the likeliest each time.
 */
import { weightFormats } from '../../../src-shared/records/sample'
import { compiledEngine } from '../../../src-main/compute/cpu/compile'
import { openTextWriter } from '../../../src-main/model/writing/generation'
import type { LanguageModel } from '../../../src-main/model/model'
import { importModel } from '../../../src-main/model/importing/import-model'
import { servePeer } from './serve-peer'
import { packageVersion } from '../work/work'

const { model } = await importModel(process.argv[2]!, new AbortController().signal)
const maxTokens = Number(process.argv[3])
const engine = compiledEngine({ threads: 2 })
const writer = openTextWriter(
  engine,
  withoutEnd(model as LanguageModel),
  weightFormats.find((format) => format === process.argv[4]),
)

/** It writes on until it is cut, as its peer does. */
function withoutEnd(model: LanguageModel): LanguageModel {
  return { ...model, tokenizer: { ...model.tokenizer, endToken: -1 } }
}

async function write(): Promise<number> {
  const [text] = await writer.generate(['Once upon a time'], {
    temperature: 0,
    topK: 0,
    topP: 1,
    maxTokens,
    seed: 0,
  })
  return text!.ids.length - text!.promptTokens
}
await write()
await servePeer(
  { name: `RLHF Studio, ${engine.device}, ONNX Runtime ${packageVersion('onnxruntime-node')}` },
  write,
)
