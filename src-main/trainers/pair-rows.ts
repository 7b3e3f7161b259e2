/**
 * Preference pairs as a policy reads them, and laid out for a batch: chosen rows above rejected ones, with what
 * the reference says.
 */
import type { Float1D, HostBatch } from '../compute/engine'
import type * as tf from '../compute/tf'
import type { PreferencePair } from '../data/training-data'
import type { LanguageModel } from '../model/model'
import { readEach, refuseEmpty, refuseLongPrompts } from './refuse'
import { collate, rowAfter, type Row, type RowBatch } from './rows'

/** A pair as the policy reads it. */
export interface PairRows {
  readonly chosen: Row
  readonly rejected: Row
}

export interface ReadPairs {
  /** In the order of the pairs. */
  readonly rows: readonly PairRows[]
  /** Pairs of which a completion was longer than the context. */
  readonly cut: number
}

/**
 * The pairs of the recipe's input `pairs`, read by the model.
 * @throws StudioFailure when there are none, a character is unknown or a prompt fills the context
 */
export function readPairs(
  { config: { contextTokens }, tokenizer }: LanguageModel,
  pairs: readonly PreferencePair[],
): ReadPairs {
  refuseEmpty('pairs', pairs, 'preference pairs')
  const rows = readEach('pairs', pairs, ({ prompt, chosen, rejected }) => {
    const before = tokenizer.encodePrompt(prompt)
    return {
      chosen: rowAfter(before, tokenizer, chosen, contextTokens),
      rejected: rowAfter(before, tokenizer, rejected, contextTokens),
    }
  })
  refuseLongPrompts(
    'pairs',
    rows.map(({ chosen }) => chosen.learnedFrom),
    contextTokens,
  )
  return { rows, cut: rows.filter(({ chosen, rejected }) => chosen.isCut || rejected.isCut).length }
}

/** A pair with Σ log π_ref of both completions, nats. */
export interface ReferredPair extends PairRows {
  readonly chosenReference: number
  readonly rejectedReference: number
}

/** Pairs of an update, positions of a row. */
export interface PairShape {
  readonly pairs: number
  readonly time: number
}

/**
 * Chosen rows above rejected ones: ids [2 pairs, time + 1], mask [2 pairs, time]; Σ log π_ref [2 pairs].
 * `counts` [pairs] is 1 where there is a pair, `total` how many the whole batch has.
 */
export type PairBatch = RowBatch & { reference: Float1D; counts: Float1D; total: tf.Scalar }

/** A batch in parts of so many pairs, the last padded. */
export function pairsInParts(
  pairs: readonly ReferredPair[],
  size: number,
  time: number,
): readonly HostBatch<PairBatch>[] {
  return Array.from({ length: Math.ceil(pairs.length / size) }, (_, part) =>
    collatePairs(pairs.slice(part * size, (part + 1) * size), { pairs: size, time }, pairs.length),
  )
}

/** @param total pairs of the whole batch; missing ones are padding */
function collatePairs(
  pairs: readonly ReferredPair[],
  { pairs: size, time }: PairShape,
  total: number,
): HostBatch<PairBatch> {
  const reference = new Float32Array(2 * size)
  pairs.forEach(({ chosenReference, rejectedReference }, index) => {
    reference[index] = chosenReference
    reference[size + index] = rejectedReference
  })
  return {
    ...collateRows(pairs, { pairs: size, time }),
    reference: { shape: [2 * size], data: reference },
    counts: { shape: [size], data: new Float32Array(size).fill(1, 0, pairs.length) },
    total: { shape: [], data: Float32Array.of(total) },
  }
}

const nothing: Row = { ids: new Int32Array(0), learnedFrom: 0 }

export function collateRows(
  pairs: readonly PairRows[],
  { pairs: size, time }: PairShape,
): HostBatch<RowBatch> {
  const padding = new Array<Row>(size - pairs.length).fill(nothing)
  const rows = [...pairs.map(({ chosen }) => chosen), ...padding, ...pairs.map(({ rejected }) => rejected)]
  return collate(rows, 2 * size, time)
}
