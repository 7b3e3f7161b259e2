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
import type { Engine, HostTensor, Weights } from '../compute/engine'
import * as tf from '../compute/tf'
import type { PreferencePair } from '../data/training-data'
import { dpoLosses, ipoLosses } from '../maths/dpo-loss'
import { warmupThenCosine } from '../maths/schedule'
import { copyModel, tokenLogProbs } from '../model/language-model'
import { withDropout } from '../model/layers/projection'
import type { LanguageModel, ModelConfig } from '../model/model'
import { splitHeldOut } from './held-out'
import { lookSize, openLook, plainSampling } from './look'
import { rowsOfPart } from './next-token'
import { optimizerOf, restoreOptimizer, scheduleOf, storedOptimizer } from './optimizer'
import { examplesAt, updatesOf } from './order'
import {
  collateRows,
  pairsInParts,
  type PairBatch,
  type PairRows,
  type PairShape,
  type ReferredPair,
} from './pair-rows'
import { readEach, refuseEmpty, refuseLongPrompts } from './refuse'
import { learnedTokens, longest, rowAfter, type RowBatch } from './rows'
import { fewer, moreParts, switched } from './smaller'
import { dropped, toTrain, trainedPartProblems } from './trained-part'
import type { MetricValues, Snapshot, TrainerEvent } from './trainer'
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
  const held = heldOutPairs(engine, model, heldOut, asked, settings)
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

function readPairs(
  { config: { contextTokens }, tokenizer }: LanguageModel,
  pairs: readonly PreferencePair[],
): { readonly rows: readonly PairRows[]; readonly cut: number } {
  refuseEmpty('pairs', pairs, 'preference pairs')
  const rows = readEach('pairs', pairs, ({ prompt, chosen, rejected }) => {
    const before = tokenizer.encodePrompt(prompt)
    return {
      chosen: rowAfter(before, tokenizer, chosen, contextTokens),
      rejected: rowAfter(before, tokenizer, rejected, contextTokens),
    }
  })
  refuseLongPrompts(
    'pairs',
    rows.map(({ chosen }) => chosen.learnedFrom),
    contextTokens,
  )
  return { rows, cut: rows.filter(({ chosen, rejected }) => chosen.isCut || rejected.isCut).length }
}

/** Σ log π(token) over the completion's tokens. [rows], nats */
const completionLogProbs = (config: ModelConfig, weights: Weights, { ids, mask }: RowBatch): tf.Tensor1D =>
  tf.sum<tf.Tensor1D>(tf.mul(tokenLogProbs(config, weights, ids), mask), 1)

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

/** Log-probabilities of all pairs under the reference. What they follow from is said whole, to be kept by. */
async function withReference(
  engine: Engine,
  reference: LanguageModel,
  pairs: readonly PairRows[],
  shape: PairShape,
  keep: Keep = (_inputs, compute) => compute(),
): Promise<readonly ReferredPair[]> {
  if (pairs.length === 0) return []
  const inputs = [...dependencies(engine, reference, pairs, shape)]
  const found = await keep(inputs, () => referenceLogProbs(engine, reference, pairs, shape))
  return pairs.map((pair, index) => ({
    ...pair,
    chosenReference: found[2 * index] as number,
    rejectedReference: found[2 * index + 1] as number,
  }))
}

function* dependencies(
  { device }: Engine,
  { config, parameters }: LanguageModel,
  pairs: readonly PairRows[],
  { pairs: size, time }: PairShape,
): Generator<string | ArrayBufferView> {
  yield JSON.stringify({ what: 'completion log-probabilities', device, config, size, time })
  for (const name of Object.keys(parameters.spec)) {
    yield name
    yield parameters.view(name)
  }
  for (const { ids, learnedFrom } of pairs.flatMap(({ chosen, rejected }) => [chosen, rejected])) {
    yield String(learnedFrom)
    yield ids
  }
}

/** @returns chosen, rejected, chosen, rejected …, nats */
async function referenceLogProbs(
  engine: Engine,
  { config, parameters }: LanguageModel,
  pairs: readonly PairRows[],
  shape: PairShape,
): Promise<Float32Array> {
  const program = engine.program<RowBatch>((weights, batch) => ({
    logProbs: completionLogProbs(config, weights, batch),
  }))
  const found = new Float32Array(2 * pairs.length)
  try {
    for (let start = 0; start < pairs.length; start += shape.pairs) {
      const some = pairs.slice(start, start + shape.pairs)
      const { logProbs } = await program.run(parameters, collateRows(some, shape))
      some.forEach((_, index) => {
        found[2 * (start + index)] = logProbs?.data[index] as number
        found[2 * (start + index) + 1] = logProbs?.data[shape.pairs + index] as number
      })
    }
  } finally {
    program.dispose()
  }
  return found
}

interface HeldOutPairs {
  measure(): Promise<MetricValues>
  dispose(): void
}

function heldOutPairs(
  engine: Engine,
  { config, parameters }: LanguageModel,
  pairs: readonly ReferredPair[],
  shape: PairShape,
  settings: DpoSettings,
): HeldOutPairs {
  const program = engine.program<PairBatch>((weights, batch) => {
    const { losses, lead } = judged(config, weights, batch, settings)
    return { losses, lead }
  })
  return {
    async measure() {
      const losses: number[] = []
      const leads: number[] = []
      for (const part of pairsInParts(pairs, shape.pairs, shape.time)) {
        const answer = await program.run(parameters, part)
        const count = Math.min(shape.pairs, pairs.length - losses.length)
        losses.push(...(answer['losses'] as HostTensor).data.slice(0, count))
        leads.push(...(answer['lead'] as HostTensor).data.slice(0, count))
      }
      const mean = (values: readonly number[]) =>
        values.reduce((sum, value) => sum + value, 0) / values.length
      return {
        'loss/preference-held-out': mean(losses),
        'accuracy/held-out': mean(leads.map((lead) => (Math.sign(lead) + 1) / 2)),
        'margin/held-out': mean(leads.map((lead) => settings.beta * lead)),
      }
    },
    dispose: () => program.dispose(),
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
