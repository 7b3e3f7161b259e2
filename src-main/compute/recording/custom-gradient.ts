/** What layers with gradients of their own are made with. */
import * as tf from '../tf'

/** A kernel that only a recording has. */
export function kernel(name: string, inputs: tf.NamedTensorMap, attributes: tf.NamedAttrMap = {}): tf.Tensor {
  return tf.engine().runKernel<tf.Tensor>(name, inputs, attributes)
}

type Saved = tf.Tensor[]
interface Differentiable {
  value: tf.Tensor
  gradFunc: (dy: tf.Tensor, saved: Saved) => tf.Tensor[]
}

/** `tf.customGrad` with the types it has in truth. */
export function withGradient(
  forward: (inputs: readonly tf.Tensor[], save: tf.GradSaveFunc) => Differentiable,
): (...inputs: tf.Tensor[]) => tf.Tensor {
  return tf.customGrad((...given) =>
    forward(given.slice(0, -1) as tf.Tensor[], given.at(-1) as tf.GradSaveFunc),
  )
}
