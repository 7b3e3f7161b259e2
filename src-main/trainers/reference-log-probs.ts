/**
 * What the reference says of completions: computed once, before the first update, and kept beyond the run, since
 * the reference never changes.
 */
import type { Engine } from '../compute/engine'
import type { Parameters } from '../compute/parameters'
import { tokenLogProbs } from '../model/language-model'
import type { LanguageModel, ModelConfig } from '../model/model'
import { positionsOf } from './next-token'
import {
  collateWeighed,
  completionSums,
  type PairRows,
  type PairShape,
  type ReferredPair,
  type WeighedRow,
  type WeightedRows,
} from './pair-rows'
import { partsOfLikeLength, type LengthPlan } from './real-lengths'
import type { Keep } from './trainer-row'

const compute: Keep = (_inputs, work) => work()

/** How texts are read: so many at once, of like length, with what their tails weigh. */
export interface ReadingPlan extends LengthPlan {
  readonly tailWeight: number
}

/** Log-probabilities of all pairs under the reference. What they follow from is said whole, to be kept by. */
export async function withReference(
  engine: Engine,
  reference: LanguageModel,
  pairs: readonly PairRows[],
  { pairs: size, lengths, tailWeight }: PairShape,
  keep: Keep = compute,
): Promise<readonly ReferredPair[]> {
  const rows = pairs.flatMap(({ chosen, rejected }) => [chosen, rejected])
  const found = await referencesOf(engine, reference, rows, { rows: 2 * size, lengths, tailWeight }, keep)
  return pairs.map((pair, index) => ({
    ...pair,
    chosenReference: found[2 * index] as number,
    rejectedReference: found[2 * index + 1] as number,
  }))
}

/** The same of single rows. @returns Σ log π_ref of each, nats */
export async function referencesOf(
  engine: Engine,
  reference: LanguageModel,
  rows: readonly WeighedRow[],
  plan: ReadingPlan,
  keep: Keep = compute,
): Promise<Float32Array> {
  if (rows.length === 0) return new Float32Array(0)
  return keep([...dependencies(engine, reference, rows, plan)], async () => {
    const asked = openCompletionLogProbs(engine, reference.config, plan)
    try {
      return await asked.of(reference.parameters, rows)
    } finally {
      asked.dispose()
    }
  })
}

function* dependencies(
  { device }: Engine,
  { config, parameters }: LanguageModel,
  rows: readonly WeighedRow[],
  plan: ReadingPlan,
): Generator<string | ArrayBufferView> {
  yield JSON.stringify({ what: 'completion log-probabilities', device, config, ...plan })
  for (const name of Object.keys(parameters.spec)) {
    yield name
    yield parameters.view(name)
  }
  for (const row of rows) {
    yield JSON.stringify([row.learned ?? row.learnedFrom, row.tailFrom])
    yield row.ids
  }
}

export interface CompletionLogProbs {
  /** Σ log π of every row, in their order. Nats */
  of(parameters: Parameters, rows: readonly WeighedRow[]): Promise<Float32Array>
  dispose(): void
}

/** @param config of every model that is asked */
export function openCompletionLogProbs(
  engine: Engine,
  config: ModelConfig,
  plan: ReadingPlan,
): CompletionLogProbs {
  const program = engine.program<WeightedRows>((weights, batch) => ({
    logProbs: completionSums(tokenLogProbs(config, weights, batch.ids), batch),
  }))
  return {
    async of(parameters, rows) {
      const found = new Float32Array(rows.length)
      const indexed = rows.map((row, index) => ({ row, index }))
      for (const { rows: some, time } of partsOfLikeLength(indexed, ({ row }) => positionsOf(row), plan)) {
        const batch = collateWeighed(
          some.map(({ row }) => row),
          { ...plan, time },
        )
        const { logProbs } = await program.run(parameters, batch)
        some.forEach(({ index }, place) => (found[index] = logProbs?.data[place] ?? NaN))
      }
      return found
    },
    dispose: () => program.dispose(),
  }
}
