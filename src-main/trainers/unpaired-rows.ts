/**
 * Completions that were called good or bad, as a policy reads them, and laid out for a batch. Preference pairs
 * are two of them: the chosen one good, the rejected one bad.
 */
import type { Float1D, HostBatch, HostTensor } from '../compute/engine'
import * as tf from '../compute/tf'
import type { PreferencePair, RatedText } from '../data/training-data'
import { unpairedLosses, type UnpairedLoss, type UnpairedLossName } from '../maths/unpaired-losses'
import type { LanguageModel } from '../model/model'
import { positionsOf } from './next-token'
import { completionSums } from './pair-rows'
import { partsOfLikeLength, type LengthPlan } from './real-lengths'
import { readEach, refuse, refuseEmpty, refuseLongPrompts } from './refuse'
import { collate, rowOf, type CutRow, type Row, type RowBatch } from './rows'

export type JudgedRow = Row & { readonly isGood: boolean }

/** With Σ log π_ref, nats. */
export type ReferredRow = JudgedRow & { readonly reference: number }

export interface JudgedTexts {
  readonly rated: readonly RatedText[]
  readonly pairs: readonly PreferencePair[]
}

/**
 * The texts of the recipe's input `examples`, read by the model.
 * @param goodFrom the least label of a good one
 * @throws StudioFailure when there are none, all are good or all are bad, a character is unknown or a prompt
 *   fills the context
 */
export function readJudged(
  { config: { contextTokens }, tokenizer }: LanguageModel,
  { rated, pairs }: JudgedTexts,
  goodFrom: number,
): { readonly rows: readonly JudgedRow[]; readonly cut: number } {
  const texts = [
    ...rated.map((text) => ({ ...text, isGood: text.rating >= goodFrom })),
    ...pairs
      .filter(({ chosen, rejected }) => chosen !== rejected)
      .flatMap(({ prompt, chosen, rejected }) => [
        { prompt, completion: chosen, isGood: true },
        { prompt, completion: rejected, isGood: false },
      ]),
  ]
  refuseEmpty('examples', texts, 'labelled texts and no pairs of different completions')
  refuseOneClass(texts, goodFrom)
  const rows = readEach('examples', texts, ({ prompt, completion, isGood }): CutRow & JudgedRow => ({
    ...rowOf(tokenizer, { prompt, completion }, contextTokens),
    isGood,
  }))
  refuseLongPrompts(
    'examples',
    rows.map(({ learnedFrom }) => learnedFrom),
    contextTokens,
  )
  return { rows, cut: rows.filter(({ isCut }) => isCut).length }
}

function refuseOneClass(texts: readonly { readonly isGood: boolean }[], goodFrom: number): void {
  const good = texts.filter(({ isGood }) => isGood).length
  if (good > 0 && good < texts.length) return
  const all = good > 0 ? 'good' : 'bad'
  refuse(
    'examples',
    `are all ${all}: it learns from the difference of good and bad ones. Labels of ${goodFrom} and more count ` +
      'as good; “Good from” sets where they begin',
  )
}

/**
 * The prompts of a batch, each with the completion of the next: what z₀ of KTO is measured on. The completions
 * are those of the batch, none left out and none twice, whatever its size.
 * @param longest tokens of a row at most
 */
export const mismatched = (rows: readonly Row[], longest: number): readonly Row[] =>
  rows.map(({ ids, learnedFrom }, index) => {
    const next = rows[(index + 1) % rows.length] as Row
    const before = ids.subarray(0, learnedFrom + 1)
    const after = next.ids.subarray(next.learnedFrom + 1)
    const further = learnedFrom - next.learnedFrom
    return {
      ids: Int32Array.of(...before, ...after).subarray(0, longest),
      learnedFrom,
      ...(next.learned && {
        learned: next.learned.map(({ from, to }) => ({ from: from + further, to: to + further })),
      }),
    }
  })

/**
 * ids [rows, time + 1], mask [rows, time]. Each [rows]: `reference` Σ log π_ref; `signs` +1 of good, −1 of bad
 * ones; `weights` of their losses, which add up to 1 in the whole batch where all weigh 1; `ofGood` and `ofBad`
 * average over the good and the bad ones of the whole batch. `baseline` in nats of implicit reward.
 */
export type UnpairedBatch = RowBatch & {
  reference: Float1D
  signs: Float1D
  weights: Float1D
  ofGood: Float1D
  ofBad: Float1D
  baseline: tf.Scalar
}

export interface UnpairedShape extends LengthPlan {
  /** λ of good and of bad ones. */
  readonly goodWeight: number
  readonly badWeight: number
}

/** A part of a batch, and the rows in it. */
export interface UnpairedPart {
  readonly rows: readonly ReferredRow[]
  readonly batch: HostBatch<UnpairedBatch>
}

/** A batch in parts of so many rows of like length, the last padded. */
export function judgedInParts(
  rows: readonly ReferredRow[],
  shape: UnpairedShape,
  baseline: number,
): readonly UnpairedPart[] {
  const good = rows.filter(({ isGood }) => isGood).length
  const values: Readonly<Record<string, (row: ReferredRow) => number>> = {
    reference: ({ reference }) => reference,
    signs: ({ isGood }) => (isGood ? 1 : -1),
    weights: ({ isGood }) => (isGood ? shape.goodWeight : shape.badWeight) / rows.length,
    ofGood: ({ isGood }) => (isGood ? 1 / good : 0),
    ofBad: ({ isGood }) => (isGood ? 0 : 1 / (rows.length - good)),
  }
  return partsOfLikeLength(rows, positionsOf, shape).map(({ rows: some, time }) => {
    const each = (of: (row: ReferredRow) => number): HostTensor => {
      const data = new Float32Array(shape.rows)
      data.set(some.map(of))
      return { shape: [shape.rows], data }
    }
    return {
      rows: some,
      batch: {
        ...collate(some, shape.rows, time),
        ...(Object.fromEntries(Object.entries(values).map(([name, of]) => [name, each(of)])) as Record<
          'reference' | 'signs' | 'weights' | 'ofGood' | 'ofBad',
          HostTensor
        >),
        baseline: { shape: [], data: Float32Array.of(baseline) },
      },
    }
  })
}

/** log π − log π_ref of each completion. [rows], nats */
export const logRatios = (logProbs: tf.Tensor2D, batch: UnpairedBatch): tf.Tensor1D =>
  tf.sub(completionSums(logProbs, batch), batch.reference)

/** @param logProbs of tokens [rows, time] @returns sums over a part, which added are means over the whole batch */
export function judgedRows(
  logProbs: tf.Tensor2D,
  batch: UnpairedBatch,
  { loss, beta }: { readonly loss: UnpairedLossName; readonly beta: number },
): Record<'loss' | 'good' | 'bad', tf.Scalar> {
  const ratios = logRatios(logProbs, batch)
  const row: UnpairedLoss = unpairedLosses[loss]
  const lead = tf.mul<tf.Tensor1D>(tf.sub(tf.mul(ratios, beta), batch.baseline), batch.signs)
  const sum = (values: tf.Tensor, shares: tf.Tensor): tf.Scalar => tf.sum(tf.mul(values, shares))
  return {
    loss: sum(row.losses(lead), batch.weights),
    good: sum(ratios, batch.ofGood),
    bad: sum(ratios, batch.ofBad),
  }
}
