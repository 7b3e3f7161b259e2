/** Texts of ours, 32 rows at once: every token a read of the cache and a draw. More texts than rows, since texts end. */
import { compiledEngine } from '../../src-main/compute/compile'
import { trainCharacterTokenizer } from '../../src-main/model/tokenizers/character'
import { openTextWriter } from '../../src-main/model/generation'
import { config, freshParameters, packageVersion } from './work'
import { servePeer } from './serve-peer'

const rows = 32
const characters = Array.from({ length: config.vocabulary - 1 }, (_, index) => String.fromCodePoint(0x21 + index)).join('')
const engine = compiledEngine({ threads: 2 })
const parameters = freshParameters()
const writer = openTextWriter(engine, { kind: 'language-model', config, tokenizer: trainCharacterTokenizer([characters]), parameters })
const prompts = Array.from({ length: 4 * rows }, () => '')

let seed = 0
async function write(): Promise<number> {
  const completions = await writer.generate(prompts, { temperature: 1, topK: 0, topP: 1, maxTokens: config.contextTokens, seed: seed++ }, { batch: rows })
  return completions.reduce((sum, each) => sum + each.ids.length - each.promptTokens, 0)
}
await write()
await servePeer({ name: `RLHF Studio, ${engine.device}, ONNX Runtime ${packageVersion('onnxruntime-node')}` }, write)
