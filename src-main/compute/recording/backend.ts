/**
 * Which TensorFlow.js backend is current is a fact of the whole process. Every use of one goes through here,
 * so that it is put back, also on a throw.
 */
import * as tf from '../tf'

/**
 * Runs `work` with the backend current. `work` is synchronous: nothing else can see the switch.
 * @throws when the backend cannot start
 */
export function onBackend<T>(name: string, work: () => T): T {
  return keepingBackend(() => {
    if (tf.getBackend() !== name) select(name)
    return work()
  })
}

/** Runs `work`, whatever backend it leaves current, and goes back to the one of before. */
export function keepingBackend<T>(work: () => T): T {
  tf.backend() // on a fresh process: lets TensorFlow.js choose its default, the one to go back to
  const previous = tf.getBackend()
  try {
    return work()
  } finally {
    if (tf.getBackend() !== previous) select(previous)
  }
}

/** `setBackend` is asynchronous only for backends that start asynchronously; none of ours does. */
function select(name: string): void {
  let failure: unknown
  tf.setBackend(name).catch((error: unknown) => {
    failure = error
  })
  if (tf.getBackend() !== name || !tf.findBackend(name))
    throw new Error(`the TensorFlow.js backend "${name}" did not start`, { cause: failure })
}
