/**
 * A reward model from preference pairs (Ouyang et al. 2022, Eq. 1; Bradley & Terry 1952): the trunk of a
 * language model, copied, with a scalar head read at the last token.
 *
 *   L = −log σ(r(chosen) − r(rejected) − m) + c · (r(chosen) + r(rejected))²
 *
 * with a margin m by how much better a person found the chosen one (Touvron et al. 2023, Eq. 2).
 *
 * Departures, all on purpose:
 * 1. centering keeps the scores around 0 (Eisenstein et al. 2023) instead of shifting the head's bias after
 *    training;
 * 2. a comparison is one pair: Ouyang et al. rank K completions and put all pairs of a prompt into one batch.
 */
import { reward, type RewardSettings } from '../../src-shared/recipes/reward'
import type { Engine, Float1D, HostBatch, HostTensor, Weights } from '../compute/engine'
import * as tf from '../compute/tf'
import type { PreferencePair } from '../data/training-data'
import { bradleyTerryLoss, centeringLoss, pairAccuracy } from '../maths/bradley-terry'
import { seeded } from '../maths/random'
import { warmupThenCosine } from '../maths/schedule'
import { createRewardModel, rewardScores } from '../model/heads'
import { copyModel } from '../model/language-model'
import type { LanguageModel, RewardModel } from '../model/model'
import { withDropout } from '../model/layers/projection'
import type { ReadText } from '../model/reading'
import { collateTexts, type ScoredBatch } from '../model/scored-batch'
import { splitHeldOut } from './held-out'
import { optimizerOf, restoreOptimizer, scheduleOf, storedOptimizer } from './optimizer'
import { examplesAt, updatesOf } from './order'
import { trainRatedReward } from './rating'
import { refuse, refuseEmpty, readEach } from './refuse'
import { longestText, readScored } from './scored-texts'
import { fewer, switched } from './smaller'
import { dropped, toTrain, trainedPartProblems } from './trained-part'
import type { MetricValues, Snapshot, TrainerEvent } from './trainer'
import { trainer } from './trainer-row'

const binnedPreferences = 'can be binned where it learns from ratings: a preference is no number'

/** A pair as the model reads it. */
interface ReadPair {
  readonly chosen: ReadText
  readonly rejected: ReadText
  /** m, in units of the score. */
  readonly margin: number
}

type ScoringModel = Pick<RewardModel, 'config' | 'head'>

/** Chosen texts above rejected ones; m of each pair, where margins are asked for. */
type PairBatch = ScoredBatch & { margins?: Float1D }

interface PairShape {
  readonly pairs: number
  readonly time: number
}

/**
 * @param base   whose trunk it reads with, usually the fine-tuned model; it is never changed
 * @param resume the last snapshot of a run with the same inputs and settings; its model is trained on in
 *   place
 * @throws StudioFailure when there are no pairs or a character is unknown
 */
export async function* trainRewardModel(
  engine: Engine,
  base: LanguageModel,
  pairs: readonly PreferencePair[],
  settings: RewardSettings,
  resume?: Snapshot,
): AsyncGenerator<TrainerEvent> {
  refuseEmpty('pairs', pairs, 'preference pairs')
  if (settings.head === 'binned') refuse('head', binnedPreferences)
  const model = toTrain(
    createRewardModel(
      base,
      seeded(settings.seed, 'head'),
      settings.segments === 'on' ? { hasSegments: true } : undefined,
    ),
    settings,
    'reward',
    resume?.model,
  )
  const { config, parameters } = model
  const { read, cut } = readAll(model, pairs, settings)
  const { trained, heldOut } = splitHeldOut(read, settings.heldOutFraction, settings.seed)
  const shape = {
    pairs: Math.min(settings.batchPairs, trained.length),
    time: longestText(read.flatMap(({ chosen, rejected }) => [chosen, rejected])),
  }
  const totalSteps = updatesOf(trained.length, shape.pairs, settings.epochs)

  yield { kind: 'plan', totalSteps }
  if (cut > 0)
    yield {
      kind: 'log',
      level: 'info',
      text: `Longer than ${config.contextTokens} tokens and cut to fit: ${cut} of ${pairs.length} pairs.`,
    }

  const update = engine.trainStep<PairBatch>(
    parameters,
    (weights, batch) => {
      const { chosen, rejected } = scoresOf(model, withDropout(weights, batch), batch) // [pairs] each
      const preference = bradleyTerryLoss(chosen, rejected, batch.margins)
      return {
        loss: tf.add(preference, tf.mul(centeringLoss(chosen, rejected), settings.centering)),
        preference,
        accuracy: shareGreater(chosen, rejected),
      }
    },
    optimizerOf(settings),
  )
  const held = heldOutPairs(engine, model, heldOut, shape)
  try {
    if (resume) restoreOptimizer('model', update, resume.resume)
    for (let step = resume?.resume.step ?? 0; step < totalSteps; step++) {
      const batch = examplesAt(trained, shape.pairs, step, settings.seed)
      const learningRate = warmupThenCosine(step, scheduleOf(settings, totalSteps))
      const { preference, accuracy, gradientNorm } = await update.update(
        {
          ...collatePairs(model, batch, shape),
          ...(settings.margin > 0 && { margins: marginsOf(batch) }),
          ...dropped(model, { rows: 2 * shape.pairs, time: shape.time, first: 0 }, settings.seed, step),
        },
        learningRate,
      )

      const done = step + 1
      const isMeasured = heldOut.length > 0 && (done % settings.measureEvery === 0 || done === totalSteps)
      yield {
        kind: 'update',
        step: done,
        tokens: batch.reduce((sum, pair) => sum + pair.chosen.ids.length + pair.rejected.ids.length, 0),
        values: {
          'loss/reward': preference as number,
          'accuracy/train': accuracy as number,
          'optimizer/learning-rate': learningRate,
          'optimizer/gradient-norm': gradientNorm as number,
          ...(isMeasured ? await held.measure(model) : {}),
        },
        snapshot: () => ({
          model: copyModel(model),
          resume: { step: done, ...storedOptimizer('model', update) },
        }),
      }
    }
  } finally {
    update.dispose()
    held.dispose()
  }
}

function readAll(
  model: RewardModel,
  pairs: readonly PreferencePair[],
  settings: Pick<RewardSettings, 'readPrompt' | 'margin'>,
): { readonly read: readonly ReadPair[]; readonly cut: number } {
  const readPrompt = settings.readPrompt === 'with-prompt'
  const read = readEach('pairs', pairs, ({ prompt, chosen, rejected, margin }) => ({
    chosen: readScored(model, prompt, chosen, readPrompt),
    rejected: readScored(model, prompt, rejected, readPrompt),
    margin: settings.margin * margin,
  }))
  return { read, cut: read.filter((pair) => pair.chosen.isCut || pair.rejected.isCut).length }
}

/** Chosen texts above rejected ones; missing pairs are padding. */
function collatePairs(
  model: ScoringModel,
  pairs: readonly ReadPair[],
  shape: PairShape,
): HostBatch<ScoredBatch> {
  const rows = Array.from({ length: 2 * shape.pairs }, (_, row) =>
    row < shape.pairs ? pairs[row]?.chosen : pairs[row - shape.pairs]?.rejected,
  )
  return collateTexts(model, rows, { rows: 2 * shape.pairs, time: shape.time })
}

const marginsOf = (pairs: readonly ReadPair[]): HostTensor => ({
  shape: [pairs.length],
  data: Float32Array.from(pairs, ({ margin }) => margin),
})

/** Scores [pairs] of chosen and rejected completions. */
function scoresOf(
  model: ScoringModel,
  weights: Weights,
  batch: ScoredBatch,
): Record<'chosen' | 'rejected', tf.Tensor1D> {
  const [chosen, rejected] = tf.split(rewardScores(model, weights, batch), 2) as [tf.Tensor1D, tf.Tensor1D]
  return { chosen, rejected }
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

/** The same as `pairAccuracy`, in the graph. */
const shareGreater = (chosen: tf.Tensor1D, rejected: tf.Tensor1D): tf.Scalar =>
  tf.mean(tf.mul(tf.add(tf.sign(tf.sub(chosen, rejected)), 1), 0.5))

interface HeldOutPairs {
  measure(model: RewardModel): Promise<MetricValues>
  dispose(): void
}

function heldOutPairs(
  engine: Engine,
  model: ScoringModel,
  pairs: readonly ReadPair[],
  shape: PairShape,
): HeldOutPairs {
  const program = engine.program<ScoredBatch>((weights, batch) => scoresOf(model, weights, batch))
  return {
    async measure({ parameters }) {
      const chosen: number[] = []
      const rejected: number[] = []
      for (let start = 0; start < pairs.length; start += shape.pairs) {
        const batch = pairs.slice(start, start + shape.pairs)
        const answer = await program.run(parameters, collatePairs(model, batch, shape))
        chosen.push(...(answer['chosen'] as HostTensor).data.slice(0, batch.length))
        rejected.push(...(answer['rejected'] as HostTensor).data.slice(0, batch.length))
      }
      const leads = chosen.map((score, index) => score - (rejected[index] as number))
      return {
        'loss/reward-held-out': mean(
          leads.map((lead, index) => Math.log1p(Math.exp((pairs[index] as ReadPair).margin - lead))),
        ),
        'accuracy/held-out': pairAccuracy(chosen, rejected),
        'margin/held-out': mean(leads),
      }
    },
    dispose: () => program.dispose(),
  }
}

export const rewardTrainer = trainer(reward, {
  start: async (engine, given, settings, resume) => {
    const base = await given.languageModel('base')
    return settings.learnFrom === 'ratings'
      ? trainRatedReward(engine, base, given.ratedTexts('ratings'), settings, resume)
      : trainRewardModel(engine, base, given.preferencePairs('pairs'), settings, resume)
  },
  batch: (_settings, longest) => ({ setting: 'batchPairs', tokens: 2 * longest, isOfExamples: true }),
  checkSettings: ({ head, learnFrom }) =>
    head === 'binned' && learnFrom === 'preferences' ? [{ field: 'head', problem: binnedPreferences }] : [],
  checkFound: (settings, { models: { base } }) => trainedPartProblems(base, settings),
  smaller: [fewer('batchPairs'), switched('adapter', 'lora')],
})
