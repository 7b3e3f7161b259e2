/** Products of 1024 × 1024 matrices by the compiled engine, several in one program. */
import { compiledEngine } from '../../../src-main/compute/cpu/compile'
import { allocate } from '../../../src-main/compute/parameters'
import * as tf from '../../../src-main/compute/tf'
import { packageVersion } from '../work/work'
import { servePeer } from './serve-peer'

const size = 1024
const products = 8
const engine = compiledEngine({ threads: 2 })
const program = engine.program((_, batch) => {
  const factor = batch['factor'] as tf.Tensor2D
  let x = batch['x'] as tf.Tensor2D
  for (let i = 0; i < products; i++) x = tf.matMul(x, factor)
  return { corner: tf.slice(x, [0, 0], [1, 1]) }
})
const matrix = { shape: [size, size], data: new Float32Array(size * size).fill(1 / size) }
const none = allocate({})

async function multiply(): Promise<number> {
  await program.run(none, { x: matrix, factor: matrix })
  return products
}
await multiply()
await servePeer(
  { name: `RLHF Studio, ${engine.device}, ONNX Runtime ${packageVersion('onnxruntime-node')}` },
  multiply,
)
