/** `step-peer.js NAME`: our training step as a peer. */
import { compiledEngine } from '../../src-main/compute/compile'
import { serveSteps } from './step-work'
import { packageVersion, workNamed } from './work'

const engine = compiledEngine({ threads: 2 })
await serveSteps(engine, `RLHF Studio, ${engine.device}, ONNX Runtime ${packageVersion('onnxruntime-node')}`, workNamed(process.argv[2]))
