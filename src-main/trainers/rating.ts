/**
 * A reward model from rated texts: the trunk of a language model with a head read at the last token, either
 *
 *   scalar  L = (r(text) − rating)²
 *   binned  L = −Σ q(bin | rating) · log p(bin | text), the score being the mean of p
 *
 * with q one-hot or HL-Gauss (Farebrother et al. 2024), as in PaLM-rlhf-pytorch's reward model. Of an ensemble the
 * mean of its heads' losses, each over its own bootstrap of the data.
 *
 * Departures from PaLM-rlhf-pytorch, all on purpose:
 * 1. the head reads the last token, as everywhere here, and not the mean of all;
 * 2. the score is the mean of the bins and not one drawn from them: the same text always scores the same.
 */
import type { RewardSettings } from '../../src-shared/recipes/reward-fields'
import type { ReportRow } from '../../src-shared/records/reward-report'
import type { Engine, Float1D, Float2D, HostBatch, HostTensor, Weights } from '../compute/engine'
import * as tf from '../compute/tf'
import type { RatedText } from '../data/training-data'
import { binnedLoss, binTargets } from '../maths/binned'
import { concordance, kendallTau, pairsApart } from '../maths/concordance'
import { seeded } from '../maths/random'
import { createRewardModel, headOutputs, rewardScores } from '../model/heads'
import type { LanguageModel, RewardHead, RewardModel } from '../model/model'
import type { ReadText } from '../model/reading'
import { collateTexts, type ScoredBatch } from '../model/scored-batch'
import { drawn, type Drawn } from './drawn'
import { splitHeldOut } from './held-out'
import { heldOutConcordance } from './held-out-accuracy'
import { learnFromLabels, lengthOf, type HeldOutLabels, type LabelLearning } from './label-run'
import { partsOfLikeLength, type LengthPlan } from './real-lengths'
import { refuse, refuseEmpty, readEach } from './refuse'
import { sameTexts } from './sameness'
import { readScored } from './scored-texts'
import { toTrain } from './trained-part'
import type { Snapshot, TrainerEvent } from './trainer'

/** A text as the model reads it. */
type ReadRated = ReadText & Drawn & { readonly rating: number }

/**
 * With `targets` of their ratings, [rows, bins] or [rows, 1], and `counts` [rows], 1 where there is a text; `draws`
 * [rows, heads] of an ensemble; `total` texts of the whole batch.
 */
type RatedBatch = ScoredBatch & { targets: Float2D; counts: Float1D; draws?: Float2D; total: tf.Scalar }

/**
 * @param base   whose trunk it reads with, usually the fine-tuned model; it is never changed
 * @param resume the last snapshot of a run with the same inputs and settings; its model is trained on in
 *   place
 * @throws StudioFailure when there are no texts, all are rated alike or a character is unknown
 */
export async function* trainRatedReward(
  engine: Engine,
  base: LanguageModel,
  texts: readonly RatedText[],
  settings: RewardSettings,
  resume?: Snapshot,
): AsyncGenerator<TrainerEvent> {
  refuseEmpty('ratings', texts, 'rated texts')
  const readPrompt = settings.readPrompt === 'with-prompt'
  const read = readEach('ratings', texts, ({ prompt, completion, rating }) => ({
    ...readScored(base, prompt, completion, readPrompt),
    rating,
  }))
  const cut = read.filter(({ isCut }) => isCut).length
  const { contextTokens } = base.config
  const model = toTrain(
    createRewardModel(base, seeded(settings.seed, 'head'), headFor(texts, settings)),
    settings,
    'reward',
    resume?.model,
  )
  const { trained, heldOut, notes } = splitHeldOut<ReadRated>(
    read,
    settings.heldOutFraction,
    settings.seed,
    sameTexts,
  )
  const target = settings.binTarget
  const learning: LabelLearning<ReadRated, RatedBatch> = {
    model,
    trained: drawn(trained, model.head?.ensemble?.heads ?? 1, settings.seed),
    heldOut,
    notes: [
      ...(cut > 0
        ? [`Longer than ${contextTokens} tokens and cut to fit: ${cut} of ${texts.length} texts.`]
        : []),
      ...notes,
    ],
    metric: 'loss/rating',
    loss: (weights, batch) => ({ loss: ratingLoss(model, weights, batch) }),
    totalOf: ({ length }) => length,
    collate: (some, shape, total) => collateRated(model, some, { ...shape, target }, total),
    openHeldOut: (plan) => heldOutTexts(engine, model, heldOut, { ...plan, target }),
  }
  yield* learnFromLabels(engine, learning, settings, resume)
}

/** Bins reach from the lowest rating there is to the highest. */
function headFor(
  texts: readonly RatedText[],
  { head, bins, segments, heads, caution }: RewardSettings,
): RewardHead {
  const lowest = texts.reduce((least, { rating }) => Math.min(least, rating), Infinity)
  const highest = texts.reduce((most, { rating }) => Math.max(most, rating), -Infinity)
  if (lowest === highest) refuse('ratings', `are all ${lowest}: there is nothing to tell apart`)
  return {
    hasSegments: segments === 'on',
    ...(head === 'binned' && { bins: { count: bins, lowest, highest } }),
    ...(head === 'scalar' && heads > 1 && { ensemble: { heads, caution } }),
  }
}

interface Shape {
  readonly rows: number
  readonly time: number
  readonly target: RewardSettings['binTarget']
}

/** @param total texts of the whole batch; missing ones are padding */
function collateRated(
  model: RewardModel,
  texts: readonly ReadRated[],
  shape: Shape,
  total: number,
): HostBatch<RatedBatch> {
  const ratings = texts.map(({ rating }) => rating)
  const bins = model.head?.bins
  const columns = bins?.count ?? 1
  const targets = new Float32Array(shape.rows * columns)
  const counts = new Float32Array(shape.rows).fill(1, 0, texts.length)
  targets.set(bins ? binTargets(bins, ratings, shape.target) : ratings)
  const heads = model.head?.ensemble?.heads ?? 0
  const draws = new Float32Array(shape.rows * heads)
  texts.forEach((text, row) => draws.set(text.draws ?? new Float32Array(heads).fill(1), row * heads))
  return {
    ...collateTexts(model, texts, shape),
    targets: { shape: [shape.rows, columns], data: targets },
    counts: { shape: [shape.rows], data: counts },
    ...(heads > 0 && { draws: { shape: [shape.rows, heads], data: draws } }),
    total: { shape: [], data: Float32Array.of(total) },
  }
}

/** Mean over the texts of a whole batch; of a part its share in it. */
function ratingLoss(model: RewardModel, weights: Weights, batch: RatedBatch): tf.Scalar {
  const outputs = headOutputs(model, weights, batch)
  const { targets, counts, draws, total } = batch
  const ofPart = tf.div<tf.Scalar>(tf.sum(counts), total)
  if (model.head?.bins) return tf.mul(binnedLoss(outputs, targets, counts), ofPart)
  const errors = tf.square(tf.sub(outputs, targets)) // [rows, heads]
  const learned = draws ? tf.mul(errors, draws) : errors
  return tf.div(tf.sum(tf.mul(tf.mean(learned, 1), counts)), total)
}

function heldOutTexts(
  engine: Engine,
  model: RewardModel,
  texts: readonly ReadRated[],
  plan: LengthPlan & Pick<Shape, 'target'>,
): HeldOutLabels {
  const program = engine.program<RatedBatch>((weights, batch) => ({
    scores: rewardScores(model, weights, batch),
    loss: ratingLoss(model, weights, batch),
  }))
  let report: readonly ReportRow[] = []
  return {
    async measure() {
      const scores: number[] = []
      const ratings: number[] = []
      let loss = 0
      for (const { rows, time } of partsOfLikeLength(texts, lengthOf, plan)) {
        const batch = collateRated(model, rows, { ...plan, time }, texts.length)
        const answer = await program.run(model.parameters, batch)
        scores.push(...(answer['scores'] as HostTensor).data.slice(0, rows.length))
        ratings.push(...rows.map(({ rating }) => rating))
        loss += (answer['loss'] as HostTensor).data[0]!
      }
      const [right, tau] = [concordance(scores, ratings), kendallTau(scores, ratings)]
      report = [
        { part: 'accuracy', name: 'all of different ratings', count: pairsApart(ratings), value: right },
        { part: 'order', name: 'Kendall’s τ', count: texts.length, value: tau },
      ]
      return {
        'loss/rating-held-out': loss,
        ...heldOutConcordance(scores, ratings),
        'accuracy/rank-correlation': tau,
      }
    },
    report: () => report,
    dispose: () => program.dispose(),
  }
}
