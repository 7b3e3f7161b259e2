/** What training of the self-test's transformer says, update by update. */
import type { Engine } from '../../src-main/compute/engine'
import type { Parameters } from '../../src-main/compute/parameters'
import { adamw, batch, lossOf } from '../../src-main/compute/selftest/transformer'

export async function losses(
  engine: Engine,
  parameters: Parameters,
  updates: number,
): Promise<{ loss: number; gradientNorm: number }[]> {
  const step = engine.trainStep(parameters, lossOf, adamw)
  const results = []
  try {
    for (let update = 0; update < updates; update++) {
      const { loss, gradientNorm } = await step.update(batch(update), 0.01)
      results.push({ loss: loss as number, gradientNorm: gradientNorm as number })
    }
    return results
  } finally {
    step.dispose()
  }
}
