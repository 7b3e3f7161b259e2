/**
 * `dpo-peer.js WAY`: updates of our DPO as a peer; the way in JSON, as `RlWay` has it. The first update's time has what
 * comes before it: what the reference says of every pair.
 */
import { defaultsOf } from '../../../src-shared/fields'
import { dpoFields } from '../../../src-shared/recipes/dpo'
import { compiledEngine } from '../../../src-main/compute/cpu/compile'
import { trainDpo } from '../../../src-main/trainers/dpo'
import { pairsOf, startOf, type RlWay } from '../work/rl-work'
import { packageVersion } from '../work/work'
import { servedUpdates } from './served-updates'

const way = JSON.parse(process.argv[2] ?? '{}') as RlWay
const engine = compiledEngine({ threads: 2 })
const inputs = { policy: startOf(way.start), pairs: pairsOf(way) }
await servedUpdates(
  `RLHF Studio, ${engine.device}, ONNX Runtime ${packageVersion('onnxruntime-node')}`,
  trainDpo(engine, inputs, {
    ...defaultsOf(dpoFields),
    batchPairs: way.batch ?? 8,
    heldOutFraction: 0,
    epochs: 1000,
    samplesEvery: 1_000_000,
    learningRate: 1e-6,
    adapter: way.hasAdapter ? 'lora' : 'none',
    recompute: way.recomputes ? 'on' : 'off',
  }),
  { isWarm: false },
)
