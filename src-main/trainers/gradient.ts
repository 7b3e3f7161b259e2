/** Gradients by themselves, for methods that make their own step of them. */
import type { Engine, HostBatch, Tensors, Weights } from '../compute/engine'
import { trainedPart, type Parameters } from '../compute/parameters'
import type * as tf from '../compute/tf'

export interface Gradient<B extends Tensors> {
  /** Of the sum over the parts, in the order of the trained parameters. */
  of(parts: readonly HostBatch<B>[]): Promise<Float32Array>
  dispose(): void
}

/**
 * AdamW that keeps nothing of earlier gradients (β₁ = 0) and steps by nothing has the gradient as its first moment.
 * @param body a number that is added up over the parts
 */
export function openGradient<B extends Tensors>(
  engine: Engine,
  parameters: Parameters,
  body: (weights: Weights, batch: B) => tf.Scalar,
): Gradient<B> {
  const step = engine.trainStep<B>(parameters, (weights, batch) => ({ loss: body(weights, batch) }), {
    beta1: 0,
    beta2: 0,
    epsilon: 1,
    weightDecay: 0,
    isDecayed: () => false,
    clipNorm: Infinity,
  })
  const none = new Float32Array(trainedPart(parameters).count)
  return {
    async of(parts) {
      await step.update(parts, 0)
      const { firstMoment } = step.state()
      step.restore({ updates: 0, firstMoment: none, secondMoment: none })
      return firstMoment
    },
    dispose: () => step.dispose(),
  }
}
