/** The next-token objective that pretraining and fine-tuning share. */
import * as tf from '../compute/tf'
import type { Engine, Float3D, HostBatch, HostTensor, Weights } from '../compute/engine'
import type { Parameters } from '../compute/parameters'
import { logProbsOfStates, readStates } from '../model/language-model'
import type { ModelConfig } from '../model/model'
import { partsOfLikeLength, type LengthPlan, type LikeLengths } from './real-lengths'
import { collate, learnedTokens, type Row, type RowBatch } from './rows'

/** `tokens` of a part of a batch: Σ mask of the whole. `noise` [rows, time, width] is added to the embeddings. */
export type NextTokenBatch = RowBatch & { tokens?: tf.Scalar; noise?: Float3D }

/**
 * Mean negative log-likelihood of the learned targets.
 *
 *   L = −Σ mask · log π(target | before) / Σ mask
 *
 * Source: Radford et al. 2018, "Improving Language Understanding by Generative Pre-Training", Eq. 1.
 *
 * @returns nats a token — scalar; of a part its share in the whole
 */
export function nextTokenLoss(config: ModelConfig, weights: Weights, batch: NextTokenBatch): tf.Scalar {
  const { sum, tokens } = nextTokenSums(config, weights, batch)
  return tf.div(sum, batch.tokens ?? tokens)
}

function nextTokenSums(
  config: ModelConfig,
  weights: Weights,
  { ids, mask, noise }: NextTokenBatch,
): { readonly sum: tf.Scalar; readonly tokens: tf.Scalar } {
  const states = readStates(config, weights, ids, noise)
  const logProbs = logProbsOfStates(config, weights, { states, ids }) // [rows, time]
  return { sum: tf.neg(tf.sum<tf.Scalar>(tf.mul(logProbs, mask))), tokens: tf.sum<tf.Scalar>(mask) }
}

/**
 * An update's batch in so many parts, one after the other: the same update with the memory of one part.
 * @param shape rows of the whole, positions of a row
 */
export function inParts(
  rows: readonly Row[],
  shape: BatchShape,
  parts: number,
): readonly HostBatch<NextTokenBatch>[] {
  const size = rowsOfPart(shape, parts)
  if (size === shape.rows) return [collate(rows, shape.rows, shape.time)]
  const cut = Array.from({ length: Math.ceil(shape.rows / size) }, (_, part) =>
    collate(rows.slice(part * size, (part + 1) * size), size, shape.time),
  )
  const learned = cut.reduce(
    (sum, { mask }) => sum + Array.from(mask.data).reduce((ones, one) => ones + one, 0),
    0,
  )
  return cut.map((part) => ({ ...part, tokens: { shape: [], data: Float32Array.of(learned) } }))
}

/** A part of a batch, the texts in it, their padded length, and how many rows stand in the parts before it. */
export interface NextTokenPart extends LikeLengths<Row> {
  readonly batch: HostBatch<NextTokenBatch>
}

/** The same, each part padded to its own lengths. */
export function inPartsOfLikeLength(rows: readonly Row[], plan: LengthPlan): readonly NextTokenPart[] {
  const tokens: HostTensor = { shape: [], data: Float32Array.of(learnedTokens(rows)) }
  return partsOfLikeLength(rows, positionsOf, plan).map((part) => ({
    ...part,
    batch: { ...collate(part.rows, plan.rows, part.time), tokens },
  }))
}

/** Positions of a row. */
export const positionsOf = ({ ids }: Row): number => ids.length - 1

export interface BatchShape {
  readonly rows: number
  readonly time: number
  /** What its rows may be padded to instead; the last is `time`. */
  readonly lengths?: readonly number[]
}

export const rowsOfPart = ({ rows }: BatchShape, parts: number): number =>
  Math.ceil(rows / Math.min(parts, rows))

export interface HeldOutLoss {
  /** @returns nats a token over all held-out rows, however many are read at once */
  measure(parameters: Parameters): Promise<number>
  dispose(): void
}

/** @param rows held-out rows, not empty */
export function heldOutLoss(
  engine: Engine,
  config: ModelConfig,
  rows: readonly Row[],
  shape: BatchShape,
): HeldOutLoss {
  const program = engine.program<RowBatch>((weights, batch) => nextTokenSums(config, weights, batch))
  return {
    async measure(parameters) {
      let sum = 0
      let tokens = 0
      for (const part of partsOfLikeLength(rows, positionsOf, { lengths: [shape.time], ...shape })) {
        const answer = await program.run(parameters, collate(part.rows, shape.rows, part.time))
        sum += answer['sum']?.data[0] ?? 0
        tokens += answer['tokens']?.data[0] ?? 0
      }
      return sum / tokens
    },
    dispose: () => program.dispose(),
  }
}
