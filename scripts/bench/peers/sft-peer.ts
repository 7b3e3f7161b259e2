/** `sft-peer.js WAY`: updates of our fine-tuning as a peer; the way in JSON, as `RlWay` has it. */
import { defaultsOf } from '../../../src-shared/fields'
import { sftFields } from '../../../src-shared/recipes/sft'
import { compiledEngine } from '../../../src-main/compute/cpu/compile'
import { trainSft } from '../../../src-main/trainers/sft'
import { definitions, startOf, type RlWay } from '../work/rl-work'
import { packageVersion } from '../work/work'
import { servedUpdates } from './served-updates'

const way = JSON.parse(process.argv[2] ?? '{}') as RlWay
const engine = compiledEngine({ threads: 2 })
await servedUpdates(
  `RLHF Studio, ${engine.device}, ONNX Runtime ${packageVersion('onnxruntime-node')}`,
  trainSft(engine, startOf(way.start), await definitions(way.demonstrations ?? 160), {
    ...defaultsOf(sftFields),
    batchExamples: way.batch ?? 8,
    heldOutFraction: 0,
    epochs: 1000,
    samplesEvery: 1_000_000,
    learningRate: 1e-4,
    adapter: way.hasAdapter ? 'lora' : 'none',
    recompute: way.recomputes ? 'on' : 'off',
  }),
)
