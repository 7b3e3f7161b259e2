/** Logits of a whole model, and how far two are apart. */
import type { Engine } from '../../../src-main/compute/engine'
import type { Parameters } from '../../../src-main/compute/parameters'
import * as tf from '../../../src-main/compute/tf'
import type { ModelConfig } from '../../../src-main/model/model'
import { networkOf } from '../../../src-main/model/architectures/networks'

/** Of every position's next token: [rows · positions · vocabulary]. */
export async function logitsOf(
  engine: Engine,
  config: ModelConfig,
  parameters: Parameters,
  ids: readonly (readonly number[])[],
): Promise<Float32Array> {
  const program = engine.program((weights, batch) => {
    const network = networkOf(config)
    return {
      logits: network.unembed(
        weights,
        tf.reshape(network.hiddenStates(weights, batch['ids']!), [ids.flat().length, config.width]),
      ),
    }
  })
  try {
    return (
      await program.run(parameters, {
        ids: { shape: [ids.length, ids[0]!.length], data: Int32Array.from(ids.flat()) },
      })
    )['logits']!.data as Float32Array
  } finally {
    program.dispose()
  }
}

/** @throws Error when there are not as many */
export function largestDifference(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length || a.length === 0) throw new Error(`${a.length} numbers against ${b.length}`)
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0)
}
