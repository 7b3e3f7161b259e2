/**
 * Direct Preference Optimization (Rafailov et al. 2023) and its kin: a policy learns from preference pairs, held
 * to the model it started from. They differ in the loss (`maths/preference-losses.ts`), in the divergence that
 * holds the policy (`maths/divergences.ts`), in what of a completion counts (length-normalised: Lambert et al.
 * 2024, "Tülu 3", Eq. 6; LD-DPO: Liu et al. 2024), in a margin by how much better the chosen one is (Amini et al.
 * 2024, "DPO with an offset", Eq. 8) and in a share of imitation (RPO: Pang et al. 2024, Eq. 1).
 *
 * Departures, all on purpose:
 * 1. the reference's log-probabilities are computed once, before the first update, and kept beyond the run:
 *    the reference never changes;
 * 2. AdamW with a cosine instead of RMSprop with a constant step size;
 * 3. no dropout unless an adapter asks for it: at this size it only adds noise to the lead;
 * 4. a completion longer than the context is cut and gets no end token after the cut, as in fine-tuning;
 * 5. pairs whose two completions are the same teach nothing and are left out, and counted;
 * 6. IPO takes whole log-ratios, as its Eq. 17 is written; TRL and its authors' results take the mean a token,
 *    which is the setting `logRatios: per-token`.
 */
import { distinctPrompts } from '../../src-shared/prompts'
import { dpo, type DpoSettings } from '../../src-shared/recipes/dpo'
import type { Engine } from '../compute/engine'
import type { PreferencePair } from '../data/training-data'
import { warmupThenCosine } from '../maths/schedule'
import { copyModel } from '../model/language-model'
import { withDropout } from '../model/layers/projection'
import type { LanguageModel } from '../model/model'
import { openAlignment } from './aligned-pairs'
import { splitHeldOut } from './held-out'
import { openWatch } from './health/watch'
import { heldOutPairs } from './held-out-pairs'
import { lookSize, openLook, plainSampling } from './look'
import { optimizerOf, restoreOptimizer, scheduleOf, storedOptimizer } from './optimizer'
import { examplesAt, updatesOf } from './order'
import { judgedPairs, shares } from './pair-objective'
import { pairLogProbs, pairsInParts, planPairs, readPairs, rowsOfPairs, type PairBatch } from './pair-rows'
import { withReference } from './reference-log-probs'
import { learnedTokens } from './rows'
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
  const { rows, notes } = readPairs(model, pairs)
  const split = splitHeldOut(rows, settings.heldOutFraction, settings.seed)
  const batchPairs = Math.min(settings.batchPairs, split.trained.length)
  const batchParts = settings.accumulation * engine.partsAtOnce(parameters)
  const plan = planPairs(rows, { pairs: batchPairs, parts: batchParts }, settings)
  const totalSteps = updatesOf(split.trained.length, batchPairs, settings.epochs)

  yield { kind: 'plan', totalSteps }
  for (const text of notes) yield { kind: 'log', level: 'info', text }

  const shape = { ...plan, tailWeight: settings.tailWeight, margin: settings.margin }
  const trained = await withReference(engine, policy, split.trained, shape, keep)
  const heldOut = await withReference(engine, policy, split.heldOut, shape, keep)
  const update = engine.trainStep<PairBatch>(
    parameters,
    (weights, batch) =>
      shares(judgedPairs(pairLogProbs(config, withDropout(weights, batch), batch), batch, settings), batch),
    optimizerOf(settings),
    { recomputes: settings.recompute === 'on' },
  )
  const alignment = openAlignment(engine, model, settings)
  const held = heldOutPairs(engine, model, pairsInParts(heldOut, shape), {
    judge: (weights, batch) => judgedPairs(pairLogProbs(config, weights, batch), batch, settings),
    beta: settings.beta,
    beforehand: alignment.align,
  })
  const prompts = distinctPrompts(pairs.map(({ prompt }) => prompt)).slice(0, shownPrompts)
  const look = openLook(engine, model, prompts, plainSampling(model, settings.seed))
  const watch = openWatch(resume?.resume.numbers)
  try {
    if (resume) restoreOptimizer('model', update, resume.resume)
    for (let step = resume?.resume.step ?? 0; step < totalSteps; step++) {
      const batch = examplesAt(trained, batchPairs, step, settings.seed, settings.epochs)
      const learningRate = warmupThenCosine(step, scheduleOf(settings, totalSteps))
      const parts = await alignment.align(pairsInParts(batch, shape), batch.length)
      const answer = await update.update(
        parts.map((part, index) => ({
          ...part,
          ...dropped(model, rowsOfPairs(plan, index), settings.seed, step),
        })),
        learningRate,
      )

      const done = step + 1
      const isLook = done % settings.samplesEvery === 0 || done === totalSteps
      const values = {
        'loss/preference': answer['loss'] as number,
        'accuracy/train': answer['accuracy'] as number,
        'policy/chosen-drift': answer['chosen'] as number,
        'policy/rejected-drift': answer['rejected'] as number,
        'optimizer/learning-rate': learningRate,
        'optimizer/gradient-norm': answer['gradientNorm'] as number,
        ...(isLook ? await held.measure() : {}),
      }
      const alarms = watch.see(done, values)
      yield {
        kind: 'update',
        step: done,
        tokens: learnedTokens(batch.flatMap(({ chosen, rejected }) => [chosen, rejected])),
        values,
        snapshot: () => {
          const { tensors, numbers } = storedOptimizer('model', update)
          return {
            model: copyModel(model),
            resume: { step: done, tensors, numbers: { ...numbers, ...watch.numbers() } },
          }
        },
      }
      for (const text of alarms) yield { kind: 'log', level: 'alarm', text }
      if (isLook) yield { kind: 'samples', step: done, samples: await look.take() }
    }
  } finally {
    update.dispose()
    alignment.dispose()
    held.dispose()
    look.dispose()
  }
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
