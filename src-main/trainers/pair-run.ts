/**
 * A run from preference pairs: what DPO and its kin and the losses without a reference have alike. Pairs are read,
 * some of them held out, and laid out by length; then an update after another, with what is said of each. What an
 * algorithm makes of a pair is its own.
 */
import { distinctPrompts } from '../../src-shared/prompts'
import type { DpoSettings } from '../../src-shared/recipes/dpo'
import type { ReferenceFreeSettings } from '../../src-shared/recipes/reference-free'
import type { FieldProblem } from '../../src-shared/result'
import type { MetricName } from '../../src-shared/metrics'
import type { Engine, HostBatch } from '../compute/engine'
import type * as tf from '../compute/tf'
import type { PreferencePair } from '../data/training-data'
import { warmupThenCosine } from '../maths/schedule'
import { copyModel } from '../model/language-model'
import { withDropout } from '../model/layers/projection'
import type { LanguageModel } from '../model/model'
import { unaligned, type Alignment } from './aligned-pairs'
import { openWatch } from './health/watch'
import { splitHeldOut } from './held-out'
import { heldOutPairs } from './held-out-pairs'
import { lookSize, openLook, plainSampling } from './look'
import { optimizerOf, restoreOptimizer, scheduleOf, storedOptimizer } from './optimizer'
import { examplesAt, updatesOf } from './order'
import { shares, type JudgedPairs } from './pair-objective'
import {
  pairLogProbs,
  pairsInParts,
  planPairs,
  readPairs,
  rowsOfPairs,
  type PairBatch,
  type PairRows,
  type PairShape,
  type ReferredPair,
} from './pair-rows'
import { learnedTokens } from './rows'
import { samePairs } from './sameness'
import { fewer, moreParts, switched } from './smaller'
import { dropped, toTrain, trainedPartProblems } from './trained-part'
import type { Snapshot, TrainerEvent } from './trainer'
import type { BatchSize, Found } from './trainer-row'

export interface PairInputs {
  /** Where it starts; never changed. */
  readonly policy: LanguageModel
  readonly pairs: readonly PreferencePair[]
}

/** What an algorithm makes of pairs. */
export interface PairLearning {
  /** Of an adapter, when there is one. */
  readonly name: string
  readonly layout: Pick<PairShape, 'tailWeight' | 'margin'>
  /** What the reference says of pairs, where there is one. */
  refer(pairs: readonly PairRows[], shape: PairShape): Promise<readonly ReferredPair[]>
  /** @param logProbs log π of each token [2 pairs, time] */
  judge(logProbs: tf.Tensor2D, batch: PairBatch): JudgedPairs
  /** What each batch is given before it is learned from; nothing where no pair needs to know of the others. */
  openAlignment?(model: LanguageModel): Alignment
  /** What is said of both completions. */
  readonly metrics: Readonly<Record<'chosen' | 'rejected', MetricName>>
}

type PairSettings = DpoSettings | ReferenceFreeSettings

/** Prompts whose completions are shown while it trains. */
const shownPrompts = 4

/**
 * @param resume the last snapshot of a run with the same inputs and settings; its model is trained on in
 *   place
 * @throws StudioFailure when there are no pairs, a character is unknown or a prompt fills the context
 */
export async function* learnFromPairs(
  engine: Engine,
  { policy, pairs }: PairInputs,
  settings: PairSettings,
  learning: PairLearning,
  resume?: Snapshot,
): AsyncGenerator<TrainerEvent> {
  const model = toTrain(policy, settings, learning.name, resume?.model)
  const { config, parameters } = model
  const { rows, notes } = readPairs(model, pairs)
  const split = splitHeldOut(rows, settings.heldOutFraction, settings.seed, samePairs)
  const batchPairs = Math.min(settings.batchPairs, split.trained.length)
  const batchParts = settings.accumulation * engine.partsAtOnce(parameters)
  const plan = planPairs(rows, { pairs: batchPairs, parts: batchParts }, settings)
  const totalSteps = updatesOf(split.trained.length, batchPairs, settings.epochs)

  yield { kind: 'plan', totalSteps }
  for (const text of [...notes, ...split.notes]) yield { kind: 'log', level: 'info', text }

  const shape = { ...plan, ...learning.layout }
  const trained = await learning.refer(split.trained, shape)
  const heldOut = await learning.refer(split.heldOut, shape)
  const update = engine.trainStep<PairBatch>(
    parameters,
    (weights, batch) =>
      shares(learning.judge(pairLogProbs(config, withDropout(weights, batch), batch), batch), batch),
    optimizerOf(settings),
    { recomputes: settings.recompute === 'on' },
  )
  const alignment = learning.openAlignment?.(model) ?? unaligned
  const held = heldOutPairs(engine, model, pairsInParts(heldOut, shape), {
    judge: (weights, batch) => learning.judge(pairLogProbs(config, weights, batch), batch),
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
      const dropping = (part: HostBatch<PairBatch>, index: number) => ({
        ...part,
        ...dropped(model, rowsOfPairs(plan, index), settings.seed, step),
      })
      const answer = await update.update(parts.map(dropping), learningRate)

      const done = step + 1
      const isLook = done % settings.samplesEvery === 0 || done === totalSteps
      const values = {
        'loss/preference': answer['loss'] as number,
        'accuracy/train': answer['accuracy'] as number,
        [learning.metrics.chosen]: answer['chosen'] as number,
        [learning.metrics.rejected]: answer['rejected'] as number,
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

/** What the rows of trainers that learn from pairs have alike. */
export const pairRow = {
  batch: (_settings: PairSettings, longest: number): BatchSize => ({
    setting: 'batchPairs',
    parts: 'accumulation',
    tokens: 2 * longest,
    isOfExamples: true,
  }),
  writes: () => lookSize,
  checkFound: (settings: PairSettings, { models: { policy } }: Found): readonly FieldProblem[] =>
    trainedPartProblems(policy, settings),
  smaller: [
    moreParts('accumulation', 'batchPairs'),
    switched('recompute', 'on'),
    fewer('batchPairs'),
    switched('adapter', 'lora'),
  ],
} as const
