/**
 * A loss and its gradients by TensorFlow.js's reverse mode, on whatever backend is current: the same for a
 * recording and for an eager device.
 */
import type { Tensors, TrainBody, Weights } from '../engine'
import * as tf from '../tf'

export interface LossAndGradients {
  /** Every named scalar, `loss` among them. */
  readonly scalars: Readonly<Record<string, tf.Tensor>>
  /** By parameter, only where the loss depends on it. */
  readonly gradients: Readonly<Record<string, tf.Tensor>>
}

/**
 * Call it inside `tf.tidy`: the tensors it returns belong to the caller's scope.
 * @param names of the weights that are trained: the others are constants, and no gradient is computed for
 *   them
 * @throws when a scalar is not one, or the loss depends on no trained parameter
 */
export function differentiate(
  body: TrainBody,
  weights: Weights,
  batch: Tensors,
  names: readonly string[],
): LossAndGradients {
  const kept: Record<string, tf.Tensor> = {}
  const forward = () => {
    const scalars = body(weights, batch)
    for (const [name, scalar] of Object.entries(scalars)) {
      if (scalar.shape.length > 0)
        throw new Error(`"${name}" has shape [${scalar.shape.join(', ')}]: a train step returns scalars`)
      kept[name] = tf.keep(tf.clone(scalar))
    }
    return scalars.loss
  }
  try {
    const { grads } = tf.engine().gradients(
      forward,
      names.map((name) => weights[name] as tf.Tensor),
      undefined,
      true,
    )
    const gradients = Object.fromEntries(
      names.flatMap((name, index) => (grads[index] ? [[name, grads[index]]] : [])),
    )
    if (Object.keys(gradients).length === 0) throw new Error('the loss depends on no parameter')
    return {
      scalars: Object.fromEntries(Object.entries(kept).map(([name, tensor]) => [name, tf.clone(tensor)])),
      gradients,
    }
  } finally {
    tf.dispose(kept)
    dropTape()
  }
}

/** When the program throws, TensorFlow.js forgets the tensors it saved for the way back. */
function dropTape(): void {
  const { state } = tf.engine()
  if (state.gradientDepth > 0 || !state.activeTape) return
  for (const { saved } of state.activeTape) tf.dispose(saved ?? [])
  state.activeTape = []
}
