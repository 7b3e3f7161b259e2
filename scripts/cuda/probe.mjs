/**
 * `node probe.mjs PACKAGE`: loads TensorFlow as the studio does, computes one product, and says on its last
 * line what it ran on.
 */
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
// Node 23 dropped it, the package calls it
require('node:util').isNullOrUndefined ??= (value) => value === null || value === undefined
const tf = require(process.argv[2])

const matrix = tf.tensor2d([
  [1, 2],
  [3, 4],
])
const product = [...tf.matMul(matrix, matrix).dataSync()]
if (product.join() !== '7,10,15,22') throw new Error(`TensorFlow computes a wrong product: ${product}`)
const { binding, isUsingGpuDevice } = tf.backend()
console.log(JSON.stringify({ version: binding.TF_Version, isOnGpu: isUsingGpuDevice }))
