/**
 * What the reference says of preference pairs: computed once, before the first update, and kept beyond the run,
 * since the reference never changes.
 */
import type { Engine, Weights } from '../compute/engine'
import * as tf from '../compute/tf'
import { tokenLogProbs } from '../model/language-model'
import type { LanguageModel, ModelConfig } from '../model/model'
import { collateRows, type PairRows, type PairShape, type ReferredPair } from './pair-rows'
import type { RowBatch } from './rows'
import type { Keep } from './trainer-row'

/** Σ log π(token) over the completion's tokens. [rows], nats */
export const completionLogProbs = (
  config: ModelConfig,
  weights: Weights,
  { ids, mask }: RowBatch,
): tf.Tensor1D => tf.sum<tf.Tensor1D>(tf.mul(tokenLogProbs(config, weights, ids), mask), 1)

/** Log-probabilities of all pairs under the reference. What they follow from is said whole, to be kept by. */
export async function withReference(
  engine: Engine,
  reference: LanguageModel,
  pairs: readonly PairRows[],
  shape: PairShape,
  keep: Keep = (_inputs, compute) => compute(),
): Promise<readonly ReferredPair[]> {
  if (pairs.length === 0) return []
  const inputs = [...dependencies(engine, reference, pairs, shape)]
  const found = await keep(inputs, () => referenceLogProbs(engine, reference, pairs, shape))
  return pairs.map((pair, index) => ({
    ...pair,
    chosenReference: found[2 * index] as number,
    rejectedReference: found[2 * index + 1] as number,
  }))
}

function* dependencies(
  { device }: Engine,
  { config, parameters }: LanguageModel,
  pairs: readonly PairRows[],
  { pairs: size, time }: PairShape,
): Generator<string | ArrayBufferView> {
  yield JSON.stringify({ what: 'completion log-probabilities', device, config, size, time })
  for (const name of Object.keys(parameters.spec)) {
    yield name
    yield parameters.view(name)
  }
  for (const { ids, learnedFrom } of pairs.flatMap(({ chosen, rejected }) => [chosen, rejected])) {
    yield String(learnedFrom)
    yield ids
  }
}

/** @returns chosen, rejected, chosen, rejected …, nats */
async function referenceLogProbs(
  engine: Engine,
  { config, parameters }: LanguageModel,
  pairs: readonly PairRows[],
  shape: PairShape,
): Promise<Float32Array> {
  const program = engine.program<RowBatch>((weights, batch) => ({
    logProbs: completionLogProbs(config, weights, batch),
  }))
  const found = new Float32Array(2 * pairs.length)
  try {
    for (let start = 0; start < pairs.length; start += shape.pairs) {
      const some = pairs.slice(start, start + shape.pairs)
      const { logProbs } = await program.run(parameters, collateRows(some, shape))
      some.forEach((_, index) => {
        found[2 * (start + index)] = logProbs?.data[index] as number
        found[2 * (start + index) + 1] = logProbs?.data[shape.pairs + index] as number
      })
    }
  } finally {
    program.dispose()
  }
  return found
}
