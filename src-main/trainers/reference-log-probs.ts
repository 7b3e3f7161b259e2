/**
 * What the reference says of completions: computed once, before the first update, and kept beyond the run, since
 * the reference never changes.
 */
import type { Engine, HostBatch } from '../compute/engine'
import type { Parameters } from '../compute/parameters'
import { tokenLogProbs } from '../model/language-model'
import type { LanguageModel, ModelConfig } from '../model/model'
import {
  collateRows,
  completionSums,
  type PairRows,
  type PairShape,
  type ReferredPair,
  type WeightedRows,
} from './pair-rows'
import { collate, type Row } from './rows'
import type { Keep } from './trainer-row'

const compute: Keep = (_inputs, work) => work()

/** Log-probabilities of all pairs under the reference. What they follow from is said whole, to be kept by. */
export async function withReference(
  engine: Engine,
  reference: LanguageModel,
  pairs: readonly PairRows[],
  shape: PairShape,
  keep: Keep = compute,
): Promise<readonly ReferredPair[]> {
  if (pairs.length === 0) return []
  const { pairs: size, time, tailWeight } = shape
  const inputs = dependencies(
    engine,
    reference,
    pairs.flatMap(({ chosen, rejected }) => [chosen, rejected]),
    { size, time, tailWeight },
  )
  const found = await keep([...inputs], () =>
    completionLogProbs(
      engine,
      reference,
      inBatches(pairs, size).map((some) => collateRows(some, shape)),
    ),
  )
  return pairs.map((pair, index) => {
    const chosen = 2 * size * Math.floor(index / size) + (index % size)
    return {
      ...pair,
      chosenReference: found[chosen] as number,
      rejectedReference: found[chosen + size] as number,
    }
  })
}

/** The same of single rows. @returns Σ log π_ref of each, nats */
export async function referencesOf(
  engine: Engine,
  reference: LanguageModel,
  rows: readonly Row[],
  { rows: size, time }: { readonly rows: number; readonly time: number },
  keep: Keep = compute,
): Promise<Float32Array> {
  if (rows.length === 0) return new Float32Array(0)
  const found = await keep([...dependencies(engine, reference, rows, { rows: size, time })], () =>
    completionLogProbs(
      engine,
      reference,
      inBatches(rows, size).map((some) => collate(some, size, time)),
    ),
  )
  return found.subarray(0, rows.length)
}

const inBatches = <T>(all: readonly T[], size: number): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, batch) =>
    all.slice(batch * size, (batch + 1) * size),
  )

function* dependencies(
  { device }: Engine,
  { config, parameters }: LanguageModel,
  rows: readonly Row[],
  laidOut: Readonly<Record<string, number>>,
): Generator<string | ArrayBufferView> {
  yield JSON.stringify({ what: 'completion log-probabilities', device, config, ...laidOut })
  for (const name of Object.keys(parameters.spec)) {
    yield name
    yield parameters.view(name)
  }
  for (const row of rows) {
    yield row.learned ? JSON.stringify(row.learned) : String(row.learnedFrom)
    yield row.ids
  }
}

export interface CompletionLogProbs {
  /** Σ log π of every row of these batches, padding too, one batch after the other. Nats */
  of(parameters: Parameters, batches: readonly HostBatch<WeightedRows>[]): Promise<Float32Array>
  dispose(): void
}

/** @param config of every model that is asked */
export function openCompletionLogProbs(engine: Engine, config: ModelConfig): CompletionLogProbs {
  const program = engine.program<WeightedRows>((weights, batch) => ({
    logProbs: completionSums(tokenLogProbs(config, weights, batch.ids), batch),
  }))
  return {
    async of(parameters, batches) {
      const found: number[] = []
      for (const batch of batches) {
        const { logProbs } = await program.run(parameters, batch)
        found.push(...(logProbs?.data ?? []))
      }
      return Float32Array.from(found)
    },
    dispose: () => program.dispose(),
  }
}

async function completionLogProbs(
  engine: Engine,
  { config, parameters }: LanguageModel,
  batches: readonly HostBatch<WeightedRows>[],
): Promise<Float32Array> {
  const asked = openCompletionLogProbs(engine, config)
  try {
    return await asked.of(parameters, batches)
  } finally {
    asked.dispose()
  }
}
