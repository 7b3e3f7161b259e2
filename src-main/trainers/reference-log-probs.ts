/**
 * What the reference says of preference pairs: computed once, before the first update, and kept beyond the run,
 * since the reference never changes.
 */
import type { Engine } from '../compute/engine'
import { tokenLogProbs } from '../model/language-model'
import type { LanguageModel } from '../model/model'
import {
  collateRows,
  completionSums,
  type PairRows,
  type PairShape,
  type ReferredPair,
  type WeightedRows,
} from './pair-rows'
import type { Keep } from './trainer-row'

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
  { pairs: size, time, tailWeight }: PairShape,
): Generator<string | ArrayBufferView> {
  yield JSON.stringify({ what: 'completion log-probabilities', device, config, size, time, tailWeight })
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
  const program = engine.program<WeightedRows>((weights, batch) => ({
    logProbs: completionSums(tokenLogProbs(config, weights, batch.ids), batch),
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
