/** One update without a critic: what the graph computes, and its batch in parts that add up to the same update. */
import type { GrpoSettings } from '../../src-shared/recipes/grpo'
import type { optimizerFields } from '../../src-shared/recipes/training'
import type { Engine, Float2D, HostBatch, LossAndScalars, TrainStep, Weights } from '../compute/engine'
import * as tf from '../compute/tf'
import { importances, logRatios } from '../maths/importance'
import { klLosses } from '../maths/kl-estimators'
import { lossWeights } from '../maths/loss-weights'
import { logProbsOfStates, readStates } from '../model/language-model'
import type { LanguageModel } from '../model/model'
import type { Compared } from './grpo-advantages'
import { optimizerOf } from './optimizer'
import { drawnMask, placed } from './placed'
import { partsOfLikeLength, type LengthPlan } from './real-lengths'
import { collateDrawn, drawnFrom, positionsOf, type DrawnBatch } from './rollout'

/** Numbers of drawn tokens at their positions [rows, time], 0 where nothing was drawn. */
export type GrpoBatch = DrawnBatch & {
  mask: Float2D
  logProbs: Float2D
  referenceLogProbs: Float2D
  advantages: Float2D
  /** What the loss of a token counts in the whole update. */
  weights: Float2D
  /** One over the drawn tokens of the whole update. */
  share: tf.Scalar
}

/** What of the settings an update reads. */
export type UpdateSettings = Pick<
  GrpoSettings,
  'temperature' | 'importance' | 'clipLow' | 'clipHigh' | 'klForm' | 'klBeta' | keyof typeof optimizerFields
>

export const openGrpoStep = (
  engine: Engine,
  policy: LanguageModel,
  settings: UpdateSettings,
): TrainStep<GrpoBatch> =>
  engine.trainStep<GrpoBatch>(
    policy.parameters,
    (weights, batch) => objective(policy, weights, batch, settings),
    optimizerOf(settings),
  )

function objective(
  policy: LanguageModel,
  weights: Weights,
  batch: GrpoBatch,
  { temperature, importance, clipLow: low, clipHigh: high, klForm, klBeta }: UpdateSettings,
): LossAndScalars {
  const { ids, mask, allowed } = batch
  const states = readStates(policy.config, weights, ids)
  const from = drawnFrom(policy, temperature)
  const logProbs = logProbsOfStates(policy.config, weights, { states, ids, allowed }, from) // [rows, time]
  const drawing = { logProbs, oldLogProbs: batch.logProbs, mask, advantages: batch.advantages }
  const row = importances[importance]
  const ratio = row.ratio(drawing)
  const surrogate = weighted(row.loss(drawing, { low, high }), batch)
  const moved = tf.square(logRatios(drawing))
  const isOut = tf.cast(tf.logicalOr(tf.less(ratio, 1 - low), tf.greater(ratio, 1 + high)), 'float32')
  return {
    loss: klForm === 'reward' ? surrogate : tf.add<tf.Scalar>(surrogate, tf.mul(klLoss(), klBeta)),
    policy: surrogate,
    clipFraction: shareOf(isOut, batch),
    approximateKl: tf.mul(shareOf(moved, batch), 0.5),
    largestRatio: tf.add(tf.max(tf.abs(tf.mul(tf.sub(ratio, 1), mask))), 1),
  }

  function klLoss(): tf.Scalar {
    const kl = klForm === 'k2' ? klLosses.k2 : klLosses.k3
    return weighted(kl(logProbs, tf.add(batch.referenceLogProbs, notDrawn(logProbs, mask)), ratio), batch)
  }
}

/** log π where nothing was drawn, so that no ratio to the reference runs away there; 0 elsewhere. */
const notDrawn = (logProbs: tf.Tensor2D, mask: tf.Tensor2D): tf.Tensor =>
  tf.mul(tf.stopGradient(logProbs), tf.sub(1, mask))

const weighted = (losses: tf.Tensor, { weights }: GrpoBatch): tf.Scalar => tf.sum(tf.mul(losses, weights))
const shareOf = (values: tf.Tensor, { mask, share }: GrpoBatch): tf.Scalar =>
  tf.mul(tf.sum(tf.mul(values, mask)), share)

/**
 * The batch of one update in parts of texts of like length, the last padded.
 * @param rolloutTokens learned tokens of the whole rollout, and @param updates of a pass over it
 */
export function updateInParts(
  texts: readonly Compared[],
  plan: LengthPlan,
  vocabulary: number,
  { rolloutTokens, updates, maxTokens, normalisation, cutTexts }: PartsSettings,
): readonly HostBatch<GrpoBatch>[] {
  const lengths = texts.map((each) => learnedTokens(each, cutTexts))
  const counts = lossWeights[normalisation]({ lengths, rolloutTokens, updates, maxTokens })
  const weighed = texts.map((each, index) => ({
    ...each,
    weights: new Float32Array(each.logProbs.length).fill(
      lengths[index] === 0 ? 0 : (counts[index] as number),
    ),
  }))
  const drawnTokens = texts.reduce((sum, { logProbs }) => sum + logProbs.length, 0)
  return partsOfLikeLength(weighed, ({ completion }) => positionsOf(completion), plan).map((part) => {
    const { rows: some, time } = part
    const shape = { rows: plan.rows, time }
    return {
      ...collateDrawn(
        some.map(({ completion }) => completion),
        shape,
        vocabulary,
      ),
      mask: drawnMask(some, shape),
      logProbs: placed(some, shape, (each) => each.logProbs),
      referenceLogProbs: placed(some, shape, (each) => each.referenceLogProbs),
      advantages: placed(some, shape, (each) => each.advantages),
      weights: placed(some, shape, (each) => each.weights),
      share: { shape: [], data: Float32Array.of(1 / drawnTokens) },
    }
  })
}

type PartsSettings = Pick<GrpoSettings, 'normalisation' | 'cutTexts' | 'maxTokens'> & {
  readonly rolloutTokens: number
  readonly updates: number
}

/** Drawn tokens of a text that are learned: none of a cut one that is left out. */
export const learnedTokens = (
  { completion, logProbs }: Compared,
  cutTexts: GrpoSettings['cutTexts'],
): number => (cutTexts === 'left-out' && !completion.hasEnded ? 0 : logProbs.length)
