/**
 * The same training step run eagerly on TensorFlow.js's own wasm backend: what there would be without the
 * compiled engine.
 */
import path from 'node:path'
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm'
import { eagerEngine } from '../../../src-main/compute/tensorflow/eager'
import * as tf from '../../../src-main/compute/tf'
import { serveSteps } from '../work/step-work'
import { packageVersion } from '../work/work'

setWasmPaths(path.join(process.cwd(), 'node_modules/@tensorflow/tfjs-backend-wasm/wasm-out/'))
await tf.setBackend('wasm')
tf.registerKernel({ kernelName: tf.UnsortedSegmentSum, backendName: 'wasm', kernelFunc: segmentSumByProduct })
repairOneHot()
await serveSteps(
  eagerEngine('wasm'),
  `TensorFlow.js ${packageVersion('@tensorflow/tfjs')}, eager, wasm backend`,
)

/**
 * The backend lacks this kernel, which the gradient of an embedding needs: one-hot ids [N, V] transposed
 * times x [N, C].
 */
function segmentSumByProduct({ inputs, attrs }: Parameters<tf.KernelFunc>[0]): tf.TensorInfo {
  const { x, segmentIds } = inputs as { x: tf.Tensor; segmentIds: tf.Tensor1D }
  return tf.matMul(
    tf.oneHot(segmentIds, attrs!['numSegments'] as number, 1, 0, 'float32'),
    x.reshape([segmentIds.size, -1]),
    true,
  )
}

/** The backend writes whole numbers whatever type was asked for: floats are made of them here. */
function repairOneHot(): void {
  const { kernelFunc } = tf.getKernel(tf.OneHot, 'wasm')
  tf.unregisterKernel(tf.OneHot, 'wasm')
  tf.registerKernel({
    kernelName: tf.OneHot,
    backendName: 'wasm',
    kernelFunc: (given) => {
      const whole = kernelFunc({ ...given, attrs: { ...given.attrs, dtype: 'int32' } }) as tf.TensorInfo
      return given.attrs?.['dtype'] === 'float32'
        ? (tf.engine().runKernel(tf.Cast, { x: whole as tf.Tensor }, { dtype: 'float32' }) as tf.TensorInfo)
        : whole
    },
  })
}
