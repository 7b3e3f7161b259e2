/**
 * Kahneman–Tversky Optimization (Ethayarajh et al. 2024) and its kin: a policy learns from completions that were
 * called good or bad, one by one, held to the model it started from. BCO (Jung et al. 2024) and APO zero
 * (D'Oosterlinck et al. 2024) differ in the loss (`maths/unpaired-losses.ts`).
 *
 * Departures, all on purpose:
 * 1. z₀ is measured on the prompts of the batch, each with the completion of the next, over the whole batch
 *    whatever parts it is computed in; where all prompts are the same nothing is mismatched, and z₀ is the mean
 *    log-ratio of the batch;
 * 2. a preference pair is a good and a bad completion, which may come into different updates;
 * 3. δ of BCO is ½ (mean of good rewards + mean of bad ones), as its Theorem 4 has it, each over the whole run;
 *    its authors' code and TRL take the mean of all, which leans to the kind there is more of; the weights that
 *    match the two kinds' prompts are left out;
 * 4. the reference's log-probabilities are computed once; AdamW with a cosine; no dropout unless an adapter asks
 *    for it.
 */
import { distinctPrompts } from '../../src-shared/prompts'
import { kto, type KtoSettings } from '../../src-shared/recipes/kto'
import type { Engine } from '../compute/engine'
import { warmupThenCosine } from '../maths/schedule'
import { copyModel, tokenLogProbs } from '../model/language-model'
import { withDropout } from '../model/layers/projection'
import type { LanguageModel } from '../model/model'
import { splitHeldOut } from './held-out'
import { heldOutJudged } from './held-out-judged'
import { lookSize, openLook, plainSampling } from './look'
import { positionsOf } from './next-token'
import { optimizerOf, restoreOptimizer, scheduleOf, storedOptimizer } from './optimizer'
import { examplesAt, updatesOf } from './order'
import { planLengths } from './real-lengths'
import { referencesOf } from './reference-log-probs'
import { refuse } from './refuse'
import { learnedTokens } from './rows'
import { sameRows } from './sameness'
import { fewer, moreParts, switched } from './smaller'
import { dropped, toTrain, trainedPartProblems } from './trained-part'
import type { Snapshot, TrainerEvent } from './trainer'
import { trainer, type Keep } from './trainer-row'
import { openBaseline } from './unpaired-baseline'
import {
  judgedInParts,
  judgedRows,
  readJudged,
  type JudgedRow,
  type JudgedTexts,
  type UnpairedBatch,
} from './unpaired-rows'

export interface KtoInputs {
  /** Where it starts, and what it is held to; never changed. */
  readonly policy: LanguageModel
  readonly texts: JudgedTexts
  /** Keeps the reference's log-probabilities; without it they are computed for each run. */
  readonly keep?: Keep | undefined
}

/** Prompts whose completions are shown while it trains. */
const shownPrompts = 4

/**
 * @param resume the last snapshot of a run with the same inputs and settings; its model is trained on in
 *   place
 * @throws StudioFailure when there are no texts, only good or only bad ones, a character is unknown or a prompt
 *   fills the context
 */
export async function* trainKto(
  engine: Engine,
  { policy, texts, keep }: KtoInputs,
  settings: KtoSettings,
  resume?: Snapshot,
): AsyncGenerator<TrainerEvent> {
  const model = toTrain(policy, settings, 'kto', resume?.model)
  const { config, parameters } = model
  const { rows, cut } = readJudged(model, texts, settings.goodFrom)
  const split = splitHeldOut<JudgedRow>(rows, settings.heldOutFraction, settings.seed, sameRows)
  if (split.trained.length < 2)
    refuse('examples', 'leave one text to train on: z₀ is measured on two at least')
  const size = Math.min(settings.batchExamples, split.trained.length)
  const parts = settings.accumulation * engine.partsAtOnce(parameters)
  const plan = planLengths(rows.map(positionsOf), { rows: size, parts }, settings)
  const time = plan.lengths.at(-1) as number // of every part, where an adapter drops
  const weighed = { goodWeight: settings.goodWeight, badWeight: settings.badWeight }
  const totalSteps = updatesOf(split.trained.length, size, settings.epochs)

  yield { kind: 'plan', totalSteps }
  for (const text of split.notes) yield { kind: 'log', level: 'info', text }
  if (cut > 0) yield { kind: 'log', level: 'info', text: cutText(cut, rows.length, config.contextTokens) }

  const referred = async (some: readonly JudgedRow[]) => {
    const references = await referencesOf(engine, policy, some, { ...plan, tailWeight: 1 }, keep)
    return some.map((row, index) => ({ ...row, reference: references[index] as number }))
  }
  const trained = await referred(split.trained)
  const heldOut = await referred(split.heldOut)
  const update = engine.trainStep<UnpairedBatch>(
    parameters,
    (weights, batch) =>
      judgedRows(tokenLogProbs(config, withDropout(weights, batch), batch.ids), batch, settings),
    optimizerOf(settings),
    { recomputes: settings.recompute === 'on' },
  )
  const models = { policy: model, reference: policy }
  const baselines = openBaseline(engine, models, settings, plan, resume?.resume.numbers)
  const held = heldOutJudged(engine, model, heldOut, { ...plan, ...weighed }, { ...settings, baselines })
  const prompts = distinctPrompts([...texts.rated, ...texts.pairs].map(({ prompt }) => prompt))
  const look = openLook(engine, model, prompts.slice(0, shownPrompts), plainSampling(model, settings.seed))
  try {
    if (resume) restoreOptimizer('model', update, resume.resume)
    for (let step = resume?.resume.step ?? 0; step < totalSteps; step++) {
      const batch = examplesAt(trained, size, step, settings.seed, settings.epochs)
      const learningRate = warmupThenCosine(step, scheduleOf(settings, totalSteps))
      const baseline = await baselines.ofBatch(batch)
      const answer = await update.update(
        judgedInParts(batch, { ...plan, ...weighed }, baseline).map((each, index) => ({
          ...each.batch,
          ...dropped(model, { rows: plan.rows, time, first: index * plan.rows }, settings.seed, step),
        })),
        learningRate,
      )

      const done = step + 1
      const isLook = done % settings.samplesEvery === 0 || done === totalSteps
      yield {
        kind: 'update',
        step: done,
        tokens: learnedTokens(batch),
        values: {
          'loss/preference': answer['loss'] as number,
          ...(settings.loss !== 'apo-zero' && { 'reward/baseline': baseline }),
          ...(batch.some(({ isGood }) => isGood) && { 'policy/chosen-drift': answer['good'] as number }),
          ...(batch.some(({ isGood }) => !isGood) && { 'policy/rejected-drift': answer['bad'] as number }),
          'optimizer/learning-rate': learningRate,
          'optimizer/gradient-norm': answer['gradientNorm'] as number,
          ...(isLook ? await held.measure() : {}),
        },
        snapshot: () => {
          const { tensors, numbers } = storedOptimizer('model', update)
          const all = { ...numbers, ...baselines.numbers() }
          return { model: copyModel(model), resume: { step: done, tensors, numbers: all } }
        },
      }
      if (isLook) yield { kind: 'samples', step: done, samples: await look.take() }
    }
  } finally {
    update.dispose()
    baselines.dispose()
    held.dispose()
    look.dispose()
  }
}

const cutText = (cut: number, of: number, contextTokens: number): string =>
  `Longer than ${contextTokens} tokens and cut there, without an end token: ${cut} of ${of} texts.`

export const ktoTrainer = trainer(kto, {
  start: async (engine, given, settings, resume) => {
    const policy = await given.languageModel('policy')
    const texts = { rated: given.ratedTexts('examples'), pairs: given.preferencePairs('examples') }
    return trainKto(engine, { policy, texts, keep: given.keep }, settings, resume)
  },
  batch: (_settings, longest) => ({
    setting: 'batchExamples',
    parts: 'accumulation',
    tokens: longest,
    isOfExamples: true,
  }),
  writes: () => lookSize,
  checkFound: (settings, { models: { policy } }) => trainedPartProblems(policy, settings),
  smaller: [
    moreParts('accumulation', 'batchExamples'),
    switched('recompute', 'on'),
    fewer('batchExamples', 2),
    switched('adapter', 'lora'),
  ],
})
