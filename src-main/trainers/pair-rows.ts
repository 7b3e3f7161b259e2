/**
 * Preference pairs as a policy reads them, and laid out for a batch: chosen rows above rejected ones, with what
 * the reference says.
 */
import type { Float1D, Float2D, HostBatch, HostTensor } from '../compute/engine'
import * as tf from '../compute/tf'
import type { PreferencePair } from '../data/training-data'
import type { LanguageModel } from '../model/model'
import { readEach, refuse, refuseEmpty, refuseLongPrompts } from './refuse'
import { collate, learnedSpans, learnedTokens, rowOf, type Row, type RowBatch } from './rows'

/** A pair as the policy reads it. */
export interface PairRows {
  readonly chosen: Row
  readonly rejected: Row
  /** How much better the chosen one is: 1, or less where a person said so. */
  readonly margin: number
}

export interface ReadPairs {
  /** In the order of the pairs; those whose completions are the same are left out. */
  readonly rows: readonly PairRows[]
  /** What was done to some of them, in sentences. */
  readonly notes: readonly string[]
}

/**
 * The pairs of the recipe's input `pairs`, read by the model.
 * @throws StudioFailure when there are none, a character is unknown, a prompt fills the context or no pair
 *   says anything
 */
export function readPairs(
  { config: { contextTokens }, tokenizer }: LanguageModel,
  pairs: readonly PreferencePair[],
): ReadPairs {
  refuseEmpty('pairs', pairs, 'preference pairs')
  const rows = readEach('pairs', pairs, ({ prompt, chosen, rejected, margin }) => ({
    chosen: rowOf(tokenizer, { prompt, completion: chosen }, contextTokens),
    rejected: rowOf(tokenizer, { prompt, completion: rejected }, contextTokens),
    margin,
  }))
  refuseLongPrompts(
    'pairs',
    rows.map(({ chosen }) => chosen.learnedFrom),
    contextTokens,
  )
  const cut = rows.filter(({ chosen, rejected }) => chosen.isCut || rejected.isCut).length
  const different = rows.filter(({ chosen, rejected }) => !isSame(chosen.ids, rejected.ids))
  if (different.length === 0)
    refuse(
      'pairs',
      'hold the same completion twice in every pair, as the model reads them: none is preferred',
    )
  const same = rows.length - different.length
  return {
    rows: different,
    notes: [
      cut > 0 &&
        `Longer than ${contextTokens} tokens and cut there, without an end token: ${cut} of ${rows.length} pairs.`,
      same > 0 &&
        `Left out, because both completions are the same to the model: ${same} of ${rows.length} pairs.`,
    ].filter((note) => note !== false),
  }
}

const isSame = (a: Int32Array, b: Int32Array): boolean =>
  a.length === b.length && a.every((id, index) => id === b[index])

/** A pair with Σ log π_ref of both completions, nats. */
export interface ReferredPair extends PairRows {
  readonly chosenReference: number
  readonly rejectedReference: number
}

/** How pairs are laid out. */
export interface PairShape {
  /** Pairs of an update. */
  readonly pairs: number
  /** Positions of a row. */
  readonly time: number
  /** Weight of the tokens beyond the length of the shorter completion; 1 is that of all others. */
  readonly tailWeight: number
  /** What a pair's margin is worth, in nats of implicit reward; 0 gives the batch none. */
  readonly margin: number
}

/** `tokenWeights` [rows, time] where some count less than others. */
export type WeightedRows = RowBatch & { tokenWeights?: Float2D }

/**
 * Chosen rows above rejected ones: ids [2 pairs, time + 1], mask [2 pairs, time]; Σ log π_ref [2 pairs] and
 * completion tokens [2 pairs]. `margins` [pairs] in nats, `partners` [2 pairs] as in `alignment.ts`. `counts`
 * [pairs] is 1 where there is a pair, `total` how many the whole batch has.
 */
export type PairBatch = WeightedRows & {
  reference: Float1D
  tokens: Float1D
  margins?: Float1D
  partners?: Float1D
  counts: Float1D
  total: tf.Scalar
}

/** Σ log π of a row's completion. log π of each token [rows, time] → [rows], nats */
export const completionSums = (
  logProbs: tf.Tensor2D,
  { mask, tokenWeights }: Pick<WeightedRows, 'mask' | 'tokenWeights'>,
): tf.Tensor1D => {
  const masked = tf.mul(logProbs, mask)
  return tf.sum<tf.Tensor1D>(tokenWeights ? tf.mul(masked, tokenWeights) : masked, 1)
}

/** A batch in parts of so many pairs, the last padded. */
export function pairsInParts(
  pairs: readonly ReferredPair[],
  shape: PairShape,
): readonly HostBatch<PairBatch>[] {
  const { pairs: size } = shape
  return Array.from({ length: Math.ceil(pairs.length / size) }, (_, part) =>
    collatePairs(pairs.slice(part * size, (part + 1) * size), shape, pairs.length),
  )
}

/** @param total pairs of the whole batch; missing ones are padding */
function collatePairs(pairs: readonly ReferredPair[], shape: PairShape, total: number): HostBatch<PairBatch> {
  const { pairs: size, margin } = shape
  const perPair = (valueOf: (pair: ReferredPair) => number): HostTensor => ({
    shape: [size],
    data: Float32Array.from({ length: size }, (_, index) => {
      const pair = pairs[index]
      return pair ? valueOf(pair) : 0
    }),
  })
  return {
    ...collateRows(pairs, shape),
    reference: stacked(
      perPair((pair) => pair.chosenReference),
      perPair((pair) => pair.rejectedReference),
    ),
    tokens: stacked(
      perPair(({ chosen }) => learnedTokens([chosen])),
      perPair(({ rejected }) => learnedTokens([rejected])),
      1,
    ),
    ...(margin > 0 && { margins: perPair((pair) => margin * pair.margin) }),
    counts: perPair(() => 1),
    total: { shape: [], data: Float32Array.of(total) },
  }
}

/** Of the chosen ones above of the rejected ones. @param least of each */
function stacked(chosen: HostTensor, rejected: HostTensor, least = -Infinity): HostTensor {
  const data = Float32Array.of(...chosen.data, ...rejected.data).map((value) => Math.max(least, value))
  return { shape: [data.length], data }
}

const nothing: Row = { ids: new Int32Array(0), learnedFrom: 0 }

export function collateRows(
  pairs: readonly PairRows[],
  { pairs: size, time, tailWeight }: PairShape,
): HostBatch<WeightedRows> {
  const padding = new Array<Row>(size - pairs.length).fill(nothing)
  const rows = [...pairs.map(({ chosen }) => chosen), ...padding, ...pairs.map(({ rejected }) => rejected)]
  return {
    ...collate(rows, 2 * size, time),
    ...(tailWeight !== 1 && { tokenWeights: tailWeights(pairs, { size, time, tailWeight }) }),
  }
}

/** 1 up to the length of the shorter completion, `tailWeight` beyond. [2 size, time] */
function tailWeights(
  pairs: readonly PairRows[],
  { size, time, tailWeight }: { readonly size: number; readonly time: number; readonly tailWeight: number },
): HostTensor {
  const data = new Float32Array(2 * size * time).fill(1)
  for (const [index, { chosen, rejected }] of pairs.entries()) {
    const shorter = Math.min(learnedTokens([chosen]), learnedTokens([rejected]))
    for (const [place, row] of [
      [index, chosen],
      [size + index, rejected],
    ] as const)
      data.fill(tailWeight, place * time + Math.min(time, positionAfter(row, shorter)), (place + 1) * time)
  }
  return { shape: [2 * size, time], data }
}

/** The position behind so many learned targets. */
function positionAfter(row: Row, count: number): number {
  let left = count
  for (const { from, to } of learnedSpans(row)) {
    if (left <= to - from) return from - 1 + left
    left -= to - from
  }
  return row.ids.length
}
