/**
 * TensorFlow.js. The one file that names the package: everything else imports it from here, so that there is one copy and one place to swap it.
 */
import { enableProdMode } from '@tensorflow/tfjs'

export * from '@tensorflow/tfjs'

// Silences the advertisement TensorFlow.js prints on its first tensor under Node; it switches no check off.
enableProdMode()
