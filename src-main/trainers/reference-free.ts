/**
 * A policy from preference pairs without a reference: ORPO (Hong et al. 2024), SimPO (Meng et al. 2024), CPO (Xu
 * et al. 2024), AlphaPO (Gupta et al. 2025). Nothing holds the policy to where it started but a share of
 * imitation, α · (−log π(y⁺) a token), and a small step size. The losses are in
 * `maths/reference-free-losses.ts`.
 *
 * Departures, all on purpose:
 * 1. imitation is the mean over a completion's tokens, of each pair alike, and never over the prompt, as ORPO's
 *    Eq. 5 has it; TRL's ORPO imitates the prompt, too, and both of its trainers weigh long completions more; CPO's
 *    paper writes the sum, its authors' code takes the mean;
 * 2. AdamW with a cosine; no dropout unless an adapter asks for it;
 * 3. a completion longer than the context is cut and gets no end token after the cut; pairs whose two
 *    completions are the same are left out, and counted.
 */
import { distinctPrompts } from '../../src-shared/prompts'
import { referenceFree, type ReferenceFreeSettings } from '../../src-shared/recipes/reference-free'
import type { Engine } from '../compute/engine'
import * as tf from '../compute/tf'
import type { PreferencePair } from '../data/training-data'
import { referenceFreeLosses, type ReferenceFreeLoss } from '../maths/reference-free-losses'
import { warmupThenCosine } from '../maths/schedule'
import { copyModel } from '../model/language-model'
import { withDropout } from '../model/layers/projection'
import type { LanguageModel } from '../model/model'
import { splitHeldOut } from './held-out'
import { heldOutPairs } from './held-out-pairs'
import { lookSize, openLook, plainSampling } from './look'
import { optimizerOf, restoreOptimizer, scheduleOf, storedOptimizer } from './optimizer'
import { examplesAt, updatesOf } from './order'
import { halves, shares, type JudgedPairs } from './pair-objective'
import {
  completionSums,
  pairLogProbs,
  pairsInParts,
  planPairs,
  readPairs,
  rowsOfPairs,
  type PairBatch,
  type PairRows,
  type ReferredPair,
} from './pair-rows'
import { learnedTokens } from './rows'
import { fewer, moreParts, switched } from './smaller'
import { dropped, toTrain, trainedPartProblems } from './trained-part'
import type { Snapshot, TrainerEvent } from './trainer'
import { trainer } from './trainer-row'

export interface ReferenceFreeInputs {
  /** Where it starts; never changed. */
  readonly policy: LanguageModel
  readonly pairs: readonly PreferencePair[]
}

/** Prompts whose completions are shown while it trains. */
const shownPrompts = 4

/**
 * @param resume the last snapshot of a run with the same inputs and settings; its model is trained on in
 *   place
 * @throws StudioFailure when there are no pairs, a character is unknown or a prompt fills the context
 */
export async function* trainReferenceFree(
  engine: Engine,
  { policy, pairs }: ReferenceFreeInputs,
  settings: ReferenceFreeSettings,
  resume?: Snapshot,
): AsyncGenerator<TrainerEvent> {
  const model = toTrain(policy, settings, settings.loss, resume?.model)
  const { config, parameters } = model
  const { rows, notes } = readPairs(model, pairs)
  const split = splitHeldOut(rows, settings.heldOutFraction, settings.seed)
  const batchPairs = Math.min(settings.batchPairs, split.trained.length)
  const batchParts = settings.accumulation * engine.partsAtOnce(parameters)
  const plan = planPairs(rows, { pairs: batchPairs, parts: batchParts }, settings)
  const totalSteps = updatesOf(split.trained.length, batchPairs, settings.epochs)

  yield { kind: 'plan', totalSteps }
  for (const text of notes) yield { kind: 'log', level: 'info', text }

  const shape = { ...plan, tailWeight: 1, margin: 0 }
  const [trained, heldOut] = [split.trained.map(unreferred), split.heldOut.map(unreferred)]
  const update = engine.trainStep<PairBatch>(
    parameters,
    (weights, batch) =>
      shares(judgedFreely(pairLogProbs(config, withDropout(weights, batch), batch), batch, settings), batch),
    optimizerOf(settings),
    { recomputes: settings.recompute === 'on' },
  )
  const held = heldOutPairs(engine, model, pairsInParts(heldOut, shape), {
    judge: (weights, batch) => judgedFreely(pairLogProbs(config, weights, batch), batch, settings),
    beta: settings.beta,
  })
  const prompts = distinctPrompts(pairs.map(({ prompt }) => prompt)).slice(0, shownPrompts)
  const look = openLook(engine, model, prompts, plainSampling(model, settings.seed))
  try {
    if (resume) restoreOptimizer('model', update, resume.resume)
    for (let step = resume?.resume.step ?? 0; step < totalSteps; step++) {
      const batch = examplesAt(trained, batchPairs, step, settings.seed, settings.epochs)
      const learningRate = warmupThenCosine(step, scheduleOf(settings, totalSteps))
      const parts = pairsInParts(batch, shape)
      const answer = await update.update(
        parts.map((part, index) => ({
          ...part,
          ...dropped(model, rowsOfPairs(plan, index), settings.seed, step),
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
          'policy/chosen-log-prob': answer['chosen'] as number,
          'policy/rejected-log-prob': answer['rejected'] as number,
          'optimizer/learning-rate': learningRate,
          'optimizer/gradient-norm': answer['gradientNorm'] as number,
          ...(isLook ? await held.measure() : {}),
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

/** The same layout as with a reference, of which nothing is read. */
const unreferred = (pair: PairRows): ReferredPair => ({ ...pair, chosenReference: 0, rejectedReference: 0 })

/** @param logProbs log π of each token [2 pairs, time] @returns `chosen` and `rejected` nats a token, or whole */
export function judgedFreely(
  logProbs: tf.Tensor2D,
  { mask, tokens }: Pick<PairBatch, 'mask' | 'tokens'>,
  settings: Pick<ReferenceFreeSettings, 'loss' | 'beta' | 'gamma' | 'alpha' | 'sftWeight'>,
): JudgedPairs {
  const row: ReferenceFreeLoss = referenceFreeLosses[settings.loss]
  const whole = completionSums(logProbs, { mask })
  const perToken = tf.div<tf.Tensor1D>(whole, tokens)
  const [chosen, rejected] = halves(row.isPerToken ? perToken : whole)
  const imitation = tf.mul<tf.Tensor1D>(halves(perToken)[0], -settings.sftWeight)
  return {
    losses: tf.add(row.losses({ chosen, rejected }, settings), imitation),
    lead: tf.sub(chosen, rejected),
    chosen,
    rejected,
  }
}

export const referenceFreeTrainer = trainer(referenceFree, {
  start: async (engine, given, settings, resume) => {
    const policy = await given.languageModel('policy')
    const inputs = { policy, pairs: given.preferencePairs('pairs') }
    return trainReferenceFree(engine, inputs, settings, resume)
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
