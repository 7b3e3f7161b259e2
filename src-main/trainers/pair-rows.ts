/**
 * Preference pairs as a policy reads them, and laid out for a batch: chosen rows above rejected ones, with what
 * the reference says.
 */
import type { Float1D, Float2D, HostBatch, HostTensor, Int2D, Weights } from '../compute/engine'
import * as tf from '../compute/tf'
import type { PreferencePair } from '../data/training-data'
import { tokenLogProbs } from '../model/language-model'
import type { RowsDrawn } from '../model/layers/dropout'
import type { LanguageModel, ModelConfig } from '../model/model'
import { positionsOf } from './next-token'
import { paddedTo, planLengths } from './real-lengths'
import { readEach, refuse, refuseEmpty, refuseLongPrompts } from './refuse'
import { collate, learnedSpans, learnedTokens, rowOf, type Row, type RowBatch } from './rows'

/** A text with the position from which its tokens count less; absent: all count alike. */
export type WeighedRow = Row & { readonly tailFrom?: number }

/** A pair as the policy reads it. */
export interface PairRows {
  readonly chosen: WeighedRow
  readonly rejected: WeighedRow
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
    rows: different.map(withTails),
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
  /** Pairs of a part. */
  readonly pairs: number
  /** What its texts may be padded to, rising; the last is the longest text. */
  readonly lengths: readonly number[]
  /** Weight of the tokens beyond the length of the shorter completion; 1 is that of all others. */
  readonly tailWeight: number
  /** What a pair's margin is worth, in nats of implicit reward; 0 gives the batch none. */
  readonly margin: number
}

/**
 * What the texts of pairs are padded to, and how many pairs are computed at once.
 * @param all   pairs of the run, trained on or held out
 * @param batch pairs of an update, and in how many parts it is computed at least
 */
export function planPairs(
  all: readonly PairRows[],
  batch: { readonly pairs: number; readonly parts: number },
  trained: Parameters<typeof planLengths>[2],
): Pick<PairShape, 'pairs' | 'lengths'> {
  const lengths = all.flatMap(({ chosen, rejected }) => [positionsOf(chosen), positionsOf(rejected)])
  const plan = planLengths(
    lengths,
    { rows: 2 * batch.pairs, parts: Math.min(batch.parts, batch.pairs) },
    trained,
  )
  return { pairs: Math.ceil(plan.rows / 2), lengths: plan.lengths }
}

/** `tokenWeights` [rows, time] where some count less than others. */
export type WeightedRows = RowBatch & { tokenWeights?: Float2D }

/**
 * Chosen rows above rejected ones: ids [2 pairs, time + 1], mask [2 pairs, time]; Σ log π_ref [2 pairs] and
 * completion tokens [2 pairs]. Where the longer text of each pair is padded otherwise than the shorter one, `ids`
 * [pairs, time + 1] are of the longer ones, `shorterIds` [pairs, shorter time + 1] of the others, and
 * `chosenIsLonger` [pairs] says which is which; all else stands as ever. `margins` [pairs] in nats, `partners`
 * [2 pairs] as in `alignment.ts`. `counts` [pairs] is 1 where there is a pair, `total` how many the whole batch has.
 */
export type PairBatch = WeightedRows & {
  shorterIds?: Int2D
  chosenIsLonger?: Float1D
  reference: Float1D
  tokens: Float1D
  margins?: Float1D
  partners?: Float1D
  counts: Float1D
  total: tf.Scalar
}

/** Where a part's rows stand in their batch, for an adapter's dropout: there all texts have one length. */
export const rowsOfPairs = (
  { pairs, lengths }: Pick<PairShape, 'pairs' | 'lengths'>,
  part: number,
): RowsDrawn => ({
  rows: 2 * pairs,
  time: lengths.at(-1) as number,
  first: 2 * part * pairs,
})

/** Σ log π of a row's completion. log π of each token [rows, time] → [rows], nats */
export const completionSums = (
  logProbs: tf.Tensor2D,
  { mask, tokenWeights }: Pick<WeightedRows, 'mask' | 'tokenWeights'>,
): tf.Tensor1D => {
  const masked = tf.mul(logProbs, mask)
  return tf.sum<tf.Tensor1D>(tokenWeights ? tf.mul(masked, tokenWeights) : masked, 1)
}

/**
 * log π of each token of a part's pairs: [2 pairs, time], chosen rows above rejected ones; 0 behind what a shorter text
 * is padded to.
 */
export function pairLogProbs(
  config: ModelConfig,
  weights: Weights,
  { ids, shorterIds, chosenIsLonger }: PairBatch,
): tf.Tensor2D {
  if (!shorterIds || !chosenIsLonger) return tokenLogProbs(config, weights, ids)
  const longer = tokenLogProbs(config, weights, ids)
  const read = tokenLogProbs(config, weights, shorterIds)
  const shorter = tf.pad(read, [
    [0, 0],
    [0, longer.shape[1] - read.shape[1]],
  ])
  const isChosen = tf.expandDims(chosenIsLonger, 1)
  const isRejected = tf.sub(1, isChosen)
  const picked = (ofLonger: tf.Tensor, ofShorter: tf.Tensor): tf.Tensor2D =>
    tf.add(tf.mul(longer, ofLonger), tf.mul(shorter, ofShorter))
  return tf.concat([picked(isChosen, isRejected), picked(isRejected, isChosen)], 0)
}

/** A batch in parts of so many pairs of like length, the longest first, the last padded. */
export function pairsInParts(
  pairs: readonly ReferredPair[],
  shape: PairShape,
): readonly HostBatch<PairBatch>[] {
  const { pairs: size, lengths } = shape
  const sorted = lengths.length === 1 ? pairs : [...pairs].sort(byLength)
  return Array.from({ length: Math.ceil(sorted.length / size) }, (_, part) =>
    collatePairs(sorted.slice(part * size, (part + 1) * size), shape, pairs.length),
  )
}

const longerOf = ({ chosen, rejected }: PairRows): number =>
  Math.max(positionsOf(chosen), positionsOf(rejected))
const shorterOf = ({ chosen, rejected }: PairRows): number =>
  Math.min(positionsOf(chosen), positionsOf(rejected))
const byLength = (a: PairRows, b: PairRows): number =>
  longerOf(b) - longerOf(a) || shorterOf(b) - shorterOf(a)

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
    ...collateTexts(pairs, shape),
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

const nothing: WeighedRow = { ids: new Int32Array(0), learnedFrom: 0 }
const nonePaired: PairRows = { chosen: nothing, rejected: nothing, margin: 0 }

/** The texts of a part: together where they are padded alike, else the longer ones and the shorter ones. */
function collateTexts(
  some: readonly PairRows[],
  { pairs: size, tailWeight, ...plan }: PairShape,
): HostBatch<WeightedRows & Pick<PairBatch, 'shorterIds' | 'chosenIsLonger'>> {
  const pairs = [...some, ...new Array<PairRows>(size - some.length).fill(nonePaired)]
  const time = paddedTo(Math.max(...some.map(longerOf)), plan)
  const shorterTime = paddedTo(Math.max(...some.map(shorterOf)), plan)
  const rows = [...pairs.map(({ chosen }) => chosen), ...pairs.map(({ rejected }) => rejected)]
  const together = collateWeighed(rows, { rows: 2 * size, time, tailWeight })
  if (time === shorterTime) return together
  const isLonger = pairs.map(({ chosen, rejected }) => chosen.ids.length >= rejected.ids.length)
  const texts = (areLonger: boolean): readonly Row[] =>
    pairs.map(({ chosen, rejected }, index) => (isLonger[index] === areLonger ? chosen : rejected))
  return {
    ...together,
    ids: collate(texts(true), size, time).ids,
    shorterIds: collate(texts(false), size, shorterTime).ids,
    chosenIsLonger: { shape: [size], data: Float32Array.from(isLonger, Number) },
  }
}

/** Rows as a batch, with what their tails weigh. */
export const collateWeighed = (
  rows: readonly WeighedRow[],
  shape: { readonly rows: number; readonly time: number; readonly tailWeight: number },
): HostBatch<WeightedRows> => ({
  ...collate(rows, shape.rows, shape.time),
  ...(shape.tailWeight !== 1 && { tokenWeights: tailWeights(rows, shape) }),
})

/** 1 up to the length of the shorter completion, `tailWeight` beyond. [rows, time] */
function tailWeights(
  texts: readonly WeighedRow[],
  { rows, time, tailWeight }: { readonly rows: number; readonly time: number; readonly tailWeight: number },
): HostTensor {
  const data = new Float32Array(rows * time).fill(1)
  for (const [index, { tailFrom = time }] of texts.entries())
    data.fill(tailWeight, index * time + Math.min(time, tailFrom), (index + 1) * time)
  return { shape: [rows, time], data }
}

/** A pair with where each text is longer than the other's completion. */
function withTails<P extends PairRows>(pair: P): P {
  const { chosen, rejected } = pair
  const shorter = Math.min(learnedTokens([chosen]), learnedTokens([rejected]))
  const tailed = (row: Row): WeighedRow => ({ ...row, tailFrom: positionAfter(row, shorter) })
  return { ...pair, chosen: tailed(chosen), rejected: tailed(rejected) }
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
