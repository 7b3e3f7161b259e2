/** Norms by the names of their tensors. */
import type { Weights } from '../../compute/engine'
import { layerNorm, rmsNorm } from '../../compute/recording/fused-norms'
import type * as tf from '../../compute/tf'
import { weight } from '../network'

/** LayerNorm with the gain `name.weight` and the bias `name.bias`: [N, C] → [N, C]. */
export const namedNorm = (weights: Weights, name: string, x: tf.Tensor2D, epsilon?: number): tf.Tensor2D =>
  layerNorm(
    x,
    weight(weights, `${name}.weight`) as tf.Tensor1D,
    weight(weights, `${name}.bias`) as tf.Tensor1D,
    epsilon,
  )

/** RMSNorm with the gain `name.weight`: [N, C] → [N, C]. */
export const namedRmsNorm = (weights: Weights, name: string, x: tf.Tensor2D, epsilon: number): tf.Tensor2D =>
  rmsNorm(x, weight(weights, `${name}.weight`) as tf.Tensor1D, epsilon)
