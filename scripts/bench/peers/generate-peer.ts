/**
 * `generate-peer.js NAME ROWS TOKENS [WEIGHTS]`: texts of ours, so many rows at once: every token a read of
 * the cache and a draw. Texts of the small model end where they end; there are many more than rows, so that
 * rows are rarely empty, as the other peer's never are.
 */
import { weightFormats } from '../../../src-shared/records/sample'
import { compiledEngine } from '../../../src-main/compute/cpu/compile'
import { openTextWriter } from '../../../src-main/model/writing/generation'
import { trainCharacterTokenizer } from '../../../src-main/model/tokenizers/character'
import { servePeer } from './serve-peer'
import { freshParameters, packageVersion, workNamed } from '../work/work'

const FIRST_CHARACTER = 0x21
const work = workNamed(process.argv[2])
const rows = Number(process.argv[3])
const tokens = Number(process.argv[4])
const weights = weightFormats.find((format) => format === process.argv[5]) ?? 'as-they-are'
const characters = Array.from({ length: work.config.vocabulary - 1 }, (_, index) =>
  String.fromCodePoint(FIRST_CHARACTER + index),
).join('')
const engine = compiledEngine({ threads: 2 })
const writer = openTextWriter(
  engine,
  {
    kind: 'language-model',
    config: work.config,
    tokenizer: trainCharacterTokenizer([characters]),
    parameters: freshParameters(work),
  },
  weights,
)
const prompts = Array.from({ length: work.config.vocabulary > 1000 ? rows : 16 * rows }, () => '')

let seed = 0
async function write(): Promise<number> {
  const completions = await writer.generate(
    prompts,
    { temperature: 1, topK: 0, topP: 1, maxTokens: tokens, seed: seed++ },
    { batch: rows },
  )
  return completions.reduce((sum, each) => sum + each.ids.length - each.promptTokens, 0)
}
await write()
await servePeer(
  { name: `RLHF Studio, ${engine.device}, ONNX Runtime ${packageVersion('onnxruntime-node')}` },
  write,
)
