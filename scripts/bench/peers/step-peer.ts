/**
 * `step-peer.js NAME [WAY]`: our training step as a peer; the way in JSON, as `StepWay` has it, with `rows`
 * and `tokens`.
 */
import { compiledEngine } from '../../../src-main/compute/cpu/compile'
import { serveSteps, type StepWay } from '../work/step-work'
import { packageVersion, workNamed } from '../work/work'

const engine = compiledEngine({ threads: 2 })
const work = workNamed(process.argv[2])
const {
  rows = work.rows,
  tokens = work.tokens,
  ...way
} = JSON.parse(process.argv[3] ?? '{}') as StepWay & { readonly rows?: number; readonly tokens?: number }
await serveSteps(
  engine,
  `RLHF Studio, ${engine.device}, ONNX Runtime ${packageVersion('onnxruntime-node')}`,
  { ...work, rows, tokens },
  way,
)
