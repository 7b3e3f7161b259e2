/**
 * `prefill-peer.js NAME TOKENS`: reading a prompt of so many tokens at once, into the memory it is continued
 * from.
 */
import { compiledEngine } from '../../../src-main/compute/cpu/compile'
import { readingProgram } from '../../../src-main/model/writing/decoding'
import { servePeer } from './serve-peer'
import { freshParameters, packageVersion, tokenIds, workNamed } from '../work/work'

const { config } = workNamed(process.argv[2])
const tokens = Number(process.argv[3])
const engine = compiledEngine({ threads: 2 })
const program = readingProgram(engine, config)
const parameters = freshParameters({ config, rows: 1, tokens })
const batch = {
  ids: { shape: [1, tokens], data: tokenIds({ config, rows: 1, tokens: tokens - 1 }).data },
  lengths: { shape: [1], data: Int32Array.of(tokens) },
}
await program.run(parameters, batch)
await servePeer(
  { name: `RLHF Studio, ${engine.device}, ONNX Runtime ${packageVersion('onnxruntime-node')}` },
  async () => {
    await program.run(parameters, batch)
  },
)
