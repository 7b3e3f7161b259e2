/** One update of online DPO: what the graph computes of pairs of drawn completions, and its batch in parts. */
import type { OnlineDpoSettings } from '../../src-shared/recipes/online-dpo'
import type {
  Engine,
  Float1D,
  Float2D,
  HostBatch,
  LossAndScalars,
  TrainStep,
  Weights,
} from '../compute/engine'
import * as tf from '../compute/tf'
import { preferenceLosses } from '../maths/preference-losses'
import { logProbsOfStates, readStates } from '../model/language-model'
import type { LanguageModel } from '../model/model'
import type { Completion } from '../model/writing/sequence'
import { optimizerOf } from './optimizer'
import { drawnMask } from './placed'
import { partsOfLikeLength, type LengthPlan } from './real-lengths'
import { collateDrawn, drawnFrom, positionsOf, type Drawn, type DrawnBatch } from './rollout'

/** Two completions of one prompt, judged. */
export interface DrawnPair {
  readonly chosen: Candidate
  readonly rejected: Candidate
}

export interface Candidate extends Drawn {
  /** Whether the frozen reference wrote it. */
  readonly isReferences: boolean
}

/**
 * Chosen rows above rejected ones: ids [2 pairs, time + 1], mask [2 pairs, time]; Σ log π_ref, and 1 where the
 * reference wrote it, [2 pairs]. `counts` [pairs] is 1 where there is a pair, `share` one over all of the update.
 */
export type DrawnPairBatch = DrawnBatch & {
  mask: Float2D
  reference: Float1D
  references: Float1D
  counts: Float1D
  share: tf.Scalar
}

export const openPairStep = (
  engine: Engine,
  policy: LanguageModel,
  settings: OnlineDpoSettings,
): TrainStep<DrawnPairBatch> =>
  engine.trainStep<DrawnPairBatch>(
    policy.parameters,
    (weights, batch) => objective(policy, weights, batch, settings),
    optimizerOf(settings),
  )

function objective(
  policy: LanguageModel,
  weights: Weights,
  batch: DrawnPairBatch,
  { temperature, loss, beta, optimism, second }: OnlineDpoSettings,
): LossAndScalars {
  const { ids, mask, allowed } = batch
  const states = readStates(policy.config, weights, ids)
  const from = drawnFrom(policy, temperature)
  const tokens = logProbsOfStates(policy.config, weights, { states, ids, allowed }, from) // [2 pairs, time]
  const texts = tf.sum<tf.Tensor1D>(tf.mul(tokens, mask), 1) // [2 pairs]
  const [chosenRatio, rejectedRatio] = tf.split(tf.sub(texts, batch.reference), 2) as [
    tf.Tensor1D,
    tf.Tensor1D,
  ]
  const chosen = tf.mul<tf.Tensor1D>(chosenRatio, beta)
  const rejected = tf.mul<tf.Tensor1D>(rejectedRatio, beta)
  const lead = tf.sub<tf.Tensor1D>(chosen, rejected)
  const losses = preferenceLosses[loss].losses(
    { chosen, rejected, lead },
    { beta, labelSmoothing: 0, discopopTau: 1 },
  )
  const share = (values: tf.Tensor): tf.Scalar => tf.mul(tf.sum(tf.mul(values, batch.counts)), batch.share)
  const explored = tf.mul<tf.Scalar>(tf.sum(tf.mul(texts, batch.references)), batch.share)
  return {
    loss:
      second === 'reference' ? tf.add<tf.Scalar>(share(losses), tf.mul(explored, optimism)) : share(losses),
    preference: share(losses),
    accuracy: share(tf.mul(tf.add(tf.sign(lead), 1), 0.5)),
    chosen: share(chosenRatio),
    rejected: share(rejectedRatio),
  }
}

/** The pairs of one update in parts of like length, two rows a pair, the last padded. */
export function pairsInParts(
  pairs: readonly DrawnPair[],
  plan: LengthPlan,
  vocabulary: number,
): readonly HostBatch<DrawnPairBatch>[] {
  const size = Math.ceil(plan.rows / 2)
  const longer = ({ chosen, rejected }: DrawnPair): number =>
    Math.max(positionsOf(chosen.completion), positionsOf(rejected.completion))
  return partsOfLikeLength(pairs, longer, { ...plan, rows: size }).map(({ rows: some, time }) => {
    // the rejected rows stand from `size` on: between them and a short part's chosen rows is padding
    const rows = [...padded(some, 'chosen', size), ...padded(some, 'rejected', size)]
    const shape = { rows: 2 * size, time }
    const numbers = (of: (each: Candidate) => number) => ({
      shape: [2 * size],
      data: Float32Array.from(rows, (each) => (each.logProbs.length === 0 ? 0 : of(each))),
    })
    return {
      ...collateDrawn(
        rows.map(({ completion }) => completion),
        shape,
        vocabulary,
      ),
      mask: drawnMask(rows, shape),
      reference: numbers(({ referenceLogProbs }) => referenceLogProbs.reduce((sum, each) => sum + each, 0)),
      references: numbers(({ isReferences }) => (isReferences ? 1 : 0)),
      counts: { shape: [size], data: new Float32Array(size).fill(1, 0, some.length) },
      share: { shape: [], data: Float32Array.of(1 / pairs.length) },
    }
  })
}

function padded(pairs: readonly DrawnPair[], which: keyof DrawnPair, size: number): readonly Candidate[] {
  const rows = pairs.map((pair) => pair[which])
  return [...rows, ...new Array<Candidate>(size - rows.length).fill(nothing)]
}

const none = new Float32Array(0)
const noCompletion: Completion = {
  prompt: '',
  text: '',
  ids: new Int32Array(1),
  promptTokens: 1,
  completionTokens: 0,
  hasEnded: false,
}
/** A row that is padding. */
const nothing: Candidate = {
  completion: noCompletion,
  logProbs: none,
  referenceLogProbs: none,
  kl: none,
  klDrawn: none,
  entropy: none,
  values: none,
  isReferences: false,
}
