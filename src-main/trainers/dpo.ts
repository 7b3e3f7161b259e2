/**
 * Direct Preference Optimization (Rafailov et al. 2023): a policy learns from preference pairs, held to the
 * model it started from; and IPO (Azar et al. 2024), the same with a squared loss.
 *
 * Departures, all on purpose:
 * 1. the reference's log-probabilities are computed once, before the first update, and kept beyond the run:
 *    the reference never changes;
 * 2. AdamW with a cosine instead of RMSprop with a constant step size;
 * 3. no dropout unless an adapter asks for it: at this size it only adds noise to the lead;
 * 4. a completion longer than the context is cut and gets no end token after the cut, as in fine-tuning.
 */
import { dpo, type DpoSettings } from '../../src-shared/recipes/dpo'
import type { Engine, Weights } from '../compute/engine'
import * as tf from '../compute/tf'
import type { PreferencePair } from '../data/training-data'
import { dpoLosses, ipoLosses } from '../maths/dpo-loss'
import { warmupThenCosine } from '../maths/schedule'
import { copyModel } from '../model/language-model'
import { withDropout } from '../model/layers/projection'
import type { LanguageModel, ModelConfig } from '../model/model'
import { splitHeldOut } from './held-out'
import { heldOutPairs } from './held-out-pairs'
import { lookSize, openLook, plainSampling } from './look'
import { rowsOfPart } from './next-token'
import { optimizerOf, restoreOptimizer, scheduleOf, storedOptimizer } from './optimizer'
import { examplesAt, updatesOf } from './order'
import { pairsInParts, readPairs, type PairBatch } from './pair-rows'
import { completionLogProbs, withReference } from './reference-log-probs'
import { learnedTokens, longest } from './rows'
import { fewer, moreParts, switched } from './smaller'
import { dropped, toTrain, trainedPartProblems } from './trained-part'
import type { Snapshot, TrainerEvent } from './trainer'
import { trainer, type Keep } from './trainer-row'

export interface DpoInputs {
  /** Where it starts, and what it is held to; never changed. */
  readonly policy: LanguageModel
  readonly pairs: readonly PreferencePair[]
  /** Keeps the reference's log-probabilities; without it they are computed for each run. */
  readonly keep?: Keep | undefined
}

/** Prompts whose completions are shown while it trains. */
const shownPrompts = 4

/**
 * @param resume the last snapshot of a run with the same inputs and settings; its model is trained on in
 *   place
 * @throws StudioFailure when there are no pairs, a character is unknown or a prompt fills the context
 */
export async function* trainDpo(
  engine: Engine,
  { policy, pairs, keep }: DpoInputs,
  settings: DpoSettings,
  resume?: Snapshot,
): AsyncGenerator<TrainerEvent> {
  const model = toTrain(policy, settings, 'dpo', resume?.model)
  const { config, parameters } = model
  const { rows, cut } = readPairs(model, pairs)
  const time = longest(rows.flatMap(({ chosen, rejected }) => [chosen, rejected]))
  const split = splitHeldOut(rows, settings.heldOutFraction, settings.seed)
  const shape = { pairs: Math.min(settings.batchPairs, split.trained.length), time }
  const parts = settings.accumulation * engine.partsAtOnce(parameters)
  const partPairs = rowsOfPart({ rows: shape.pairs, time }, parts)
  const totalSteps = updatesOf(split.trained.length, shape.pairs, settings.epochs)

  yield { kind: 'plan', totalSteps }
  if (cut > 0)
    yield {
      kind: 'log',
      level: 'info',
      text:
        `Longer than ${config.contextTokens} tokens and cut there, without an end token: ${cut} of ` +
        `${pairs.length} pairs.`,
    }

  const heldPairs = rowsOfPart({ rows: shape.pairs, time }, settings.accumulation)
  const asked = { pairs: heldPairs, time }
  const trained = await withReference(engine, policy, split.trained, asked, keep)
  const heldOut = await withReference(engine, policy, split.heldOut, asked, keep)
  const update = engine.trainStep<PairBatch>(
    parameters,
    (weights, batch) => shares(judged(config, withDropout(weights, batch), batch, settings), batch),
    optimizerOf(settings),
    { recomputes: settings.recompute === 'on' },
  )
  const held = heldOutPairs(engine, model, heldOut, asked, {
    judge: (weights, batch) => judged(config, weights, batch, settings),
    beta: settings.beta,
  })
  const prompts = [...new Set(pairs.map(({ prompt }) => prompt))].slice(0, shownPrompts)
  const look = openLook(engine, model, prompts, plainSampling(model, settings.seed))
  try {
    if (resume) restoreOptimizer('model', update, resume.resume)
    for (let step = resume?.resume.step ?? 0; step < totalSteps; step++) {
      const batch = examplesAt(trained, shape.pairs, step, settings.seed)
      const learningRate = warmupThenCosine(step, scheduleOf(settings, totalSteps))
      const answer = await update.update(
        pairsInParts(batch, partPairs, time).map((part, index) => ({
          ...part,
          ...dropped(model, { rows: 2 * partPairs, time, first: 2 * index * partPairs }, settings.seed, step),
        })),
        learningRate,
      )

      const done = step + 1
      const isLook = done % settings.samplesEvery === 0 || done === totalSteps
      yield {
        kind: 'update',
        step: done,
        tokens: learnedTokens(batch.flatMap(({ chosen, rejected }) => [chosen, rejected])),
        values: {
          'loss/preference': answer['loss'] as number,
          'accuracy/train': answer['accuracy'] as number,
          'policy/chosen-drift': answer['chosen'] as number,
          'policy/rejected-drift': answer['rejected'] as number,
          'optimizer/learning-rate': learningRate,
          'optimizer/gradient-norm': answer['gradientNorm'] as number,
          ...(isLook && heldOut.length > 0 ? await held.measure() : {}),
        },
        snapshot: () => ({
          model: copyModel(model),
          resume: { step: done, ...storedOptimizer('model', update) },
        }),
      }
      if (isLook) yield { kind: 'samples', step: done, samples: await look.take() }
    }
  } finally {
    update.dispose()
    held.dispose()
    look.dispose()
  }
}

/** All [pairs]: the loss, the lead h of the chosen completion, and both log-ratios to the reference. */
function judged(
  config: ModelConfig,
  weights: Weights,
  batch: PairBatch,
  { loss, beta }: DpoSettings,
): Record<'losses' | 'lead' | 'chosen' | 'rejected', tf.Tensor1D> {
  const ratios = tf.sub(completionLogProbs(config, weights, batch), batch.reference) // [2 pairs]
  const [chosen, rejected] = tf.split(ratios, 2) as [tf.Tensor1D, tf.Tensor1D]
  const lead = tf.sub<tf.Tensor1D>(chosen, rejected)
  return { losses: loss === 'ipo' ? ipoLosses(lead, beta) : dpoLosses(lead, beta), lead, chosen, rejected }
}

/** Means over the pairs of a whole batch; of a part its share in them. */
function shares(
  { losses, lead, chosen, rejected }: ReturnType<typeof judged>,
  { counts, total }: PairBatch,
): Record<'loss' | 'accuracy' | 'chosen' | 'rejected', tf.Scalar> {
  const share = (values: tf.Tensor): tf.Scalar => tf.div(tf.sum(tf.mul(values, counts)), total)
  const isRight = tf.mul(tf.add(tf.sign(lead), 1), 0.5) // a tie counts one half
  return { loss: share(losses), accuracy: share(isRight), chosen: share(chosen), rejected: share(rejected) }
}

export const dpoTrainer = trainer(dpo, {
  start: async (engine, given, settings, resume) => {
    const policy = await given.languageModel('policy')
    const inputs = { policy, pairs: given.preferencePairs('pairs'), keep: given.keep }
    return trainDpo(engine, inputs, settings, resume)
  },
  batch: (_settings, longest) => ({
    setting: 'batchPairs',
    parts: 'accumulation',
    tokens: 2 * longest,
    isOfExamples: true,
  }),
  writes: () => lookSize,
  checkFound: (settings, { models: { policy } }) => trainedPartProblems(policy, settings),
  smaller: [
    moreParts('accumulation', 'batchPairs'),
    switched('recompute', 'on'),
    fewer('batchPairs'),
    switched('adapter', 'lora'),
  ],
})
