/**
 * TensorFlow.js. The one file that names the package: everything else imports it from here, so that there is
 * one copy and one place to swap it.
 */
import { clone, customGrad, enableProdMode, type Tensor } from '@tensorflow/tfjs'

export * from '@tensorflow/tfjs'

// Silences the advertisement TensorFlow.js prints on its first tensor under Node; it switches no check off.
enableProdMode()

/** The value of x, through which no gradient flows: to the loss it is a constant. */
export function stopGradient<T extends Tensor>(x: T): T {
  return customGrad(() => ({ value: clone(x), gradFunc: () => [] }))() as T
}
