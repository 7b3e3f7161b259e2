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
 * 2. a comparison is one pair: Ouyang et al. rank K completions and put all pairs of a prompt into one batch;
 * 3. pairs whose two completions are the same are left out, and counted;
 * 4. a share of the pairs may be learned cut, both completions after as many tokens and without an end token:
 *    a policy's texts are cut at its limit, and a model that has only seen whole ones scores those at random.
 */
import { reward, type RewardSettings } from '../../src-shared/recipes/reward'
import type { Engine, Float1D, HostBatch, HostTensor, Weights } from '../compute/engine'
import * as tf from '../compute/tf'
import type { PreferencePair } from '../data/training-data'
import { bradleyTerryLosses, centeringLosses, pairAccuracy } from '../maths/bradley-terry'
import { seeded } from '../maths/random'
import { warmupThenCosine } from '../maths/schedule'
import { createRewardModel, rewardScores } from '../model/heads'
import { copyModel } from '../model/language-model'
import type { LanguageModel, RewardModel } from '../model/model'
import { withDropout } from '../model/layers/projection'
import type { ReadText } from '../model/reading'
import { collateTexts, type ScoredBatch } from '../model/scored-batch'
import { splitHeldOut } from './held-out'
import { rowsOfPart } from './next-token'
import { optimizerOf, restoreOptimizer, scheduleOf, storedOptimizer } from './optimizer'
import { examplesAt, updatesOf } from './order'
import { trainRatedReward } from './rating'
import { refuse, refuseEmpty, readEach } from './refuse'
import { longestText, readScored } from './scored-texts'
import { rewardMetrics, rewardReport, type ScoredPair } from './reward-report'
import { fewer, moreParts, switched } from './smaller'
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
  readonly isSlight: boolean
}

type ScoringModel = Pick<RewardModel, 'config' | 'head'>

/**
 * Chosen texts above rejected ones. `margins` m of each pair, where they are asked for; `counts` 1 where there is
 * a pair; `total` pairs of the whole batch.
 */
type PairBatch = ScoredBatch & { margins?: Float1D; counts: Float1D; total: tf.Scalar }

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
  const { parameters } = model
  const { read, notes } = readAll(model, pairs, settings)
  const { trained, heldOut } = splitHeldOut(read, settings.heldOutFraction, settings.seed)
  const shape = {
    pairs: Math.min(settings.batchPairs, trained.length),
    time: longestText(read.flatMap(({ chosen, rejected }) => [chosen, rejected])),
  }
  const atOnce = engine.partsAtOnce(parameters)
  const part = {
    pairs: rowsOfPart({ rows: shape.pairs, time: shape.time }, settings.accumulation * atOnce),
    time: shape.time,
  }
  const asked = {
    pairs: rowsOfPart({ rows: shape.pairs, time: shape.time }, settings.accumulation),
    time: shape.time,
  }
  const totalSteps = updatesOf(trained.length, shape.pairs, settings.epochs)

  yield { kind: 'plan', totalSteps }
  for (const text of notes) yield { kind: 'log', level: 'info', text }

  const update = engine.trainStep<PairBatch>(
    parameters,
    (weights, batch) =>
      judged(scoresOf(model, withDropout(weights, batch), batch), batch, settings.centering),
    optimizerOf(settings),
    { recomputes: settings.recompute === 'on' },
  )
  const held = heldOutPairs(engine, model, heldOut, asked)
  try {
    if (resume) restoreOptimizer('model', update, resume.resume)
    for (let step = resume?.resume.step ?? 0; step < totalSteps; step++) {
      const batch = examplesAt(trained, shape.pairs, step, settings.seed)
      const learningRate = warmupThenCosine(step, scheduleOf(settings, totalSteps))
      const { preference, accuracy, gradientNorm } = await update.update(
        inParts(model, batch, part, settings.margin > 0).map((each, index) => ({
          ...each,
          ...dropped(
            model,
            { rows: 2 * part.pairs, time: part.time, first: 2 * index * part.pairs },
            settings.seed,
            step,
          ),
        })),
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
          ...(isMeasured ? await held.measure() : {}),
        },
        snapshot: () => ({
          model: copyModel(model),
          resume: { step: done, ...storedOptimizer('model', update) },
        }),
      }
    }
    for (const text of held.report()) yield { kind: 'log', level: 'info', text }
  } finally {
    update.dispose()
    held.dispose()
  }
}

function readAll(
  model: RewardModel,
  pairs: readonly PreferencePair[],
  settings: Pick<RewardSettings, 'readPrompt' | 'margin' | 'cutFraction' | 'seed'>,
): { readonly read: readonly ReadPair[]; readonly notes: readonly string[] } {
  const readPrompt = settings.readPrompt === 'with-prompt'
  const all = readEach('pairs', pairs, ({ prompt, chosen, rejected, margin }) => ({
    chosen: readScored(model, prompt, chosen, readPrompt),
    rejected: readScored(model, prompt, rejected, readPrompt),
    margin: settings.margin * margin,
    isSlight: margin < 1,
  }))
  const cut = all.filter((pair) => pair.chosen.isCut || pair.rejected.isCut).length
  const different = all.filter(({ chosen, rejected }) => chosen.ids.join() !== rejected.ids.join())
  if (different.length === 0)
    refuse(
      'pairs',
      'hold the same completion twice in every pair, as the model reads them: none is preferred',
    )
  const same = all.length - different.length
  const random = seeded(settings.seed, 'cut')
  return {
    read: different.map((pair) => (random() < settings.cutFraction ? cutShort(pair, random()) : pair)),
    notes: [
      cut > 0 &&
        `Longer than ${model.config.contextTokens} tokens and cut to fit: ${cut} of ${pairs.length} pairs.`,
      same > 0 &&
        `Left out, because both completions are the same to the model: ${same} of ${pairs.length} pairs.`,
    ].filter((note) => note !== false),
  }
}

/** Both completions after as many tokens, less than the shorter one has, as a policy's limit cuts them. */
function cutShort(pair: ReadPair, share: number): ReadPair {
  const [chosen, rejected] = [pair.chosen, pair.rejected].map(
    ({ ids, promptTokens }) => ids.length - promptTokens,
  )
  const most = Math.min(chosen as number, rejected as number) - 1 // the end token is not kept
  const kept = Math.max(1, Math.ceil(share * most))
  const cut = (text: ReadText): ReadText => ({ ...text, ids: text.ids.slice(0, text.promptTokens + kept) })
  const short = { ...pair, chosen: cut(pair.chosen), rejected: cut(pair.rejected) }
  return short.chosen.ids.join() === short.rejected.ids.join() ? pair : short
}

/** A batch in parts of so many pairs, the last padded. */
function inParts(
  model: ScoringModel,
  pairs: readonly ReadPair[],
  shape: PairShape,
  hasMargins: boolean,
): readonly HostBatch<PairBatch>[] {
  const each = (some: readonly ReadPair[], of: (pair: ReadPair) => number): HostTensor => {
    const data = new Float32Array(shape.pairs)
    data.set(some.map(of))
    return { shape: [shape.pairs], data }
  }
  return Array.from({ length: Math.ceil(pairs.length / shape.pairs) }, (_, index) => {
    const some = pairs.slice(index * shape.pairs, (index + 1) * shape.pairs)
    return {
      ...collatePairs(model, some, shape),
      ...(hasMargins && { margins: each(some, ({ margin }) => margin) }),
      counts: each(some, () => 1),
      total: { shape: [], data: Float32Array.of(pairs.length) },
    }
  })
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

/** Means over the pairs of a whole batch; of a part its share in them. */
function judged(
  { chosen, rejected }: Record<'chosen' | 'rejected', tf.Tensor1D>,
  { margins, counts, total }: PairBatch,
  centering: number,
): Record<'loss' | 'preference' | 'accuracy', tf.Scalar> {
  const share = (values: tf.Tensor): tf.Scalar => tf.div(tf.sum(tf.mul(values, counts)), total)
  const preference = share(bradleyTerryLosses(chosen, rejected, margins))
  return {
    loss: tf.add(preference, tf.mul(share(centeringLosses(chosen, rejected)), centering)),
    preference,
    accuracy: share(tf.mul(tf.add(tf.sign(tf.sub(chosen, rejected)), 1), 0.5)), // a tie counts one half
  }
}

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

interface HeldOutPairs {
  measure(): Promise<MetricValues>
  /** What the last measurement says, in sentences. */
  report(): readonly string[]
  dispose(): void
}

function heldOutPairs(
  engine: Engine,
  model: RewardModel,
  pairs: readonly ReadPair[],
  shape: PairShape,
): HeldOutPairs {
  const program = engine.program<ScoredBatch>((weights, batch) => scoresOf(model, weights, batch))
  let scored: readonly ScoredPair[] = []
  return {
    async measure() {
      const chosen: number[] = []
      const rejected: number[] = []
      for (let start = 0; start < pairs.length; start += shape.pairs) {
        const batch = pairs.slice(start, start + shape.pairs)
        const answer = await program.run(model.parameters, collatePairs(model, batch, shape))
        chosen.push(...(answer['chosen'] as HostTensor).data.slice(0, batch.length))
        rejected.push(...(answer['rejected'] as HostTensor).data.slice(0, batch.length))
      }
      scored = pairs.map((pair, index) => ({
        lead: (chosen[index] as number) - (rejected[index] as number),
        lengthLead: pair.chosen.ids.length - pair.rejected.ids.length,
        isSlight: pair.isSlight,
      }))
      return {
        'loss/reward-held-out': mean(
          scored.map(({ lead }, index) => Math.log1p(Math.exp((pairs[index] as ReadPair).margin - lead))),
        ),
        'accuracy/held-out': pairAccuracy(chosen, rejected),
        'margin/held-out': mean(scored.map(({ lead }) => lead)),
        ...rewardMetrics(scored),
      }
    },
    report: () => (scored.length > 0 ? rewardReport(scored) : []),
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
  batch: (_settings, longest) => ({
    setting: 'batchPairs',
    parts: 'accumulation',
    tokens: 2 * longest,
    isOfExamples: true,
  }),
  checkSettings: ({ head, learnFrom }) =>
    head === 'binned' && learnFrom === 'preferences' ? [{ field: 'head', problem: binnedPreferences }] : [],
  checkFound: (settings, { models: { base } }) => trainedPartProblems(base, settings),
  smaller: [
    moreParts('accumulation', 'batchPairs'),
    switched('recompute', 'on'),
    fewer('batchPairs'),
    switched('adapter', 'lora'),
  ],
})
