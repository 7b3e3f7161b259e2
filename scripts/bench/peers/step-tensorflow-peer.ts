/**
 * `step-tensorflow-peer.js NAME`: the same training step run kernel by kernel in TensorFlow itself, where
 * `npm run setup:cuda` has put it.
 */
import { openTensorflow } from '../../../src-main/compute/tensorflow/device'
import { serveSteps } from '../work/step-work'
import { workNamed } from '../work/work'

const engine = openTensorflow(2)
await serveSteps(engine, engine.device, workNamed(process.argv[2]))
