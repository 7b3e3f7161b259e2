/**
 * A reward model from preference pairs (Ouyang et al. 2022, Eq. 1; Bradley & Terry 1952): the trunk of a
 * language model, copied, with a scalar head read at the last token.
 *
 *   L = −log σ(r(chosen) − r(rejected) − m) + c · (r(chosen) + r(rejected))² + d · ½ (r(chosen)² + r(rejected)²)
 *
 * with a margin m by how much better a person found the chosen one (Touvron et al. 2023, Eq. 2). Of an ensemble
 * the mean of its heads' losses, each over its own bootstrap of the data.
 *
 * Departures, all on purpose:
 * 1. centering keeps the scores around 0 while it learns (Eisenstein et al. 2023); the head's bias may be shifted
 *    afterwards, too (minRLHF, set_reward_bias);
 * 2. where it learns from pairs each is by itself; from rankings all pairs of a prompt are in one batch, each weighs
 *    1/C(K,2) and each completion is read once, as in Ouyang et al.; ties make no pair;
 * 3. pairs whose two completions are the same are left out, and counted;
 * 4. a share of the pairs may be learned cut, both completions after as many tokens and without an end token:
 *    a policy's texts are cut at its limit, and a model that has only seen whole ones scores those at random;
 * 5. the heads of an ensemble share one trunk: Coste et al. 2024 train whole models, at as many times the cost,
 *    and those differ more (Eisenstein et al. 2023).
 */
import { reward } from '../../src-shared/recipes/reward'
import type { RewardSettings } from '../../src-shared/recipes/reward-fields'
import type { Engine } from '../compute/engine'
import * as tf from '../compute/tf'
import type { Rankings } from '../data/rankings'
import type { PreferencePair } from '../data/training-data'
import { bradleyTerryLosses, centeringLosses, sizeLosses } from '../maths/bradley-terry'
import { seeded } from '../maths/random'
import { warmupThenCosine } from '../maths/schedule'
import { createRewardModel, headOutputs, scoreOf, tokenOutputs } from '../model/heads'
import type { LanguageModel, RewardHead, RewardModel } from '../model/model'
import { withDropout } from '../model/layers/projection'
import type { ReadText } from '../model/reading'
import { drawn } from './drawn'
import { splitHeldOut } from './held-out'
import { scoredRankings, shiftedBy } from './held-out-rankings'
import { optimizerOf, restoreOptimizer, scheduleOf, storedOptimizer } from './optimizer'
import { examplesAt, updatesOf } from './order'
import {
  comparisonsOf,
  longestIn,
  mostTexts,
  rankingsInParts,
  type RankedBatch,
  type RankedLayout,
} from './ranked-batch'
import { pairAsRanking, readRankings, type RankedTexts } from './ranked-texts'
import { trainRatedReward } from './rating'
import { planLengths } from './real-lengths'
import { refuse, refuseEmpty } from './refuse'
import { reportSentences } from './reward-report'
import { sameRankings } from './sameness'
import { fewer, moreParts, switched } from './smaller'
import { trainProcessReward } from './steps'
import { dropped, toTrain, trainedPartProblems } from './trained-part'
import type { Snapshot, TrainerEvent } from './trainer'
import { trainer, type Given } from './trainer-row'

const binnedPreferences = 'can be binned where it learns from ratings: a preference is no number'

/** Pairs, each by itself; or rankings, of which those without a preference are counted. */
type Said = readonly PreferencePair[] | Rankings

/** Texts whose mean score becomes 0, where that is asked for; minRLHF takes 128 batches of 8. */
const mostCentred = 1024

/**
 * @param base   whose trunk it reads with, usually the fine-tuned model; it is never changed
 * @param resume the last snapshot of a run with the same inputs and settings; its model is trained on in
 *   place
 * @throws StudioFailure when there are no pairs or a character is unknown
 */
export async function* trainRewardModel(
  engine: Engine,
  base: LanguageModel,
  said: Said,
  settings: RewardSettings,
  resume?: Snapshot,
): AsyncGenerator<TrainerEvent> {
  if (settings.head === 'binned') refuse('head', binnedPreferences)
  const model = toTrain(
    createRewardModel(base, seeded(settings.seed, 'head'), plainHead(settings)),
    settings,
    'reward',
    resume?.model,
  )
  const { parameters } = model
  const heads = settings.heads
  const { read, notes } = readSaid(model, said, settings)
  const {
    trained: taken,
    heldOut,
    notes: ofSplit,
  } = splitHeldOut(read, settings.heldOutFraction, settings.seed, sameRankings)
  const trained = drawn(taken, heads, settings.seed)
  const size = Math.min(settings.batchPairs, trained.length)
  const { compareAt } = settings
  const whole = { rows: size, parts: settings.accumulation * engine.partsAtOnce(parameters) }
  const plan = planLengths(read.map(longestIn), whole, settings)
  const rows = plan.rows * mostTexts(read)
  const layout: RankedLayout = {
    rows,
    lengths: plan.lengths,
    compareAt,
    comparisons: comparisonsOf(read, rows, compareAt),
    hasMargins: settings.margin > 0,
    heads,
  }
  const totalSteps = updatesOf(trained.length, size, settings.epochs)

  yield { kind: 'plan', totalSteps }
  for (const text of [...notes, ...ofSplit]) yield { kind: 'log', level: 'info', text }

  const update = engine.trainStep<RankedBatch>(
    parameters,
    (weights, batch) =>
      judged(model, outputsOf[compareAt](model, withDropout(weights, batch), batch), batch, settings),
    optimizerOf(settings),
    { recomputes: settings.recompute === 'on' },
  )
  const scored = scoredRankings(engine, model, heldOut, layout)
  try {
    if (resume) restoreOptimizer('model', update, resume.resume)
    for (let step = resume?.resume.step ?? 0; step < totalSteps; step++) {
      const batch = examplesAt(trained, size, step, settings.seed, settings.epochs)
      const learningRate = warmupThenCosine(step, scheduleOf(settings, totalSteps))
      const { preference, accuracy, gradientNorm } = await update.update(
        rankingsInParts(model, batch, layout).map((each) => ({
          ...each.batch,
          ...dropped(model, { rows, time: each.time, first: each.first }, settings.seed, step),
        })),
        learningRate,
      )

      const done = step + 1
      const isLast = done === totalSteps
      const isMeasured = heldOut.length > 0 && (done % settings.measureEvery === 0 || isLast)
      const offsets =
        isLast && settings.zeroMean === 'on'
          ? await scored.offsets(someTexts(trained, settings.seed))
          : undefined
      yield {
        kind: 'update',
        step: done,
        tokens: tokensOf(batch),
        values: {
          'loss/reward': preference as number,
          'accuracy/train': accuracy as number,
          'optimizer/learning-rate': learningRate,
          'optimizer/gradient-norm': gradientNorm as number,
          ...(isMeasured ? await scored.measure() : {}),
        },
        snapshot: () => ({
          model: shiftedBy(model, offsets),
          resume: { step: done, ...storedOptimizer('model', update) },
        }),
      }
      if (isMeasured) yield { kind: 'report', step: done, rows: scored.report() }
    }
    for (const text of reportSentences(scored.report())) yield { kind: 'log', level: 'info', text }
  } finally {
    update.dispose()
    scored.dispose()
  }
}

function readSaid(model: RewardModel, said: Said, settings: RewardSettings): ReturnType<typeof readRankings> {
  if (!('rankings' in said)) {
    refuseEmpty('pairs', said, 'preference pairs')
    return readRankings(model, said.map(pairAsRanking), { name: 'pairs', each: 'pairs' }, settings)
  }
  const { rankings, tied, alone } = said
  if (rankings.length === 0) refuse('rankings', withoutPreference(said))
  const { read, notes } = readRankings(model, rankings, { name: 'rankings', each: 'rankings' }, settings)
  const texts = read.reduce((sum, ranking) => sum + ranking.texts.length, 0)
  const pairs = read.reduce((sum, ranking) => sum + ranking.pairs.length, 0)
  return {
    read,
    notes: [
      `${read.length} rankings of ${texts} completions make ${pairs} pairs.`,
      ...notes,
      ...(tied > 0 ? [`Left out, because all their completions are rated alike: ${tied} prompts.`] : []),
      ...(alone > 0 ? [`Left out, because they have one completion: ${alone} prompts.`] : []),
    ],
  }
}

/** Why there is nothing to rank, in words that follow the name of the input. */
function withoutPreference({ tied, alone }: Rankings): string {
  if (tied > 0) return 'rate all completions of a prompt alike, whatever the prompt: none is preferred'
  if (alone > 0) return 'have one completion a prompt: a ranking needs two that are different'
  return 'have no ranked completions: choose a dataset with at least two of one prompt'
}

/** What its head says besides one plain number; nothing of a plain one. */
const plainHead = ({ segments, heads, caution }: RewardSettings): RewardHead | undefined =>
  segments === 'on' || heads > 1
    ? { hasSegments: segments === 'on', ...(heads > 1 && { ensemble: { heads, caution } }) }
    : undefined

const tokensOf = (rankings: readonly RankedTexts[]): number =>
  rankings.reduce((sum, { texts }) => sum + texts.reduce((all, { ids }) => all + ids.length, 0), 0)

/** Texts of the first epoch's first rankings. */
const someTexts = (rankings: readonly RankedTexts[], seed: number): readonly ReadText[] =>
  examplesAt(rankings, Math.min(rankings.length, mostCentred), 0, seed)
    .flatMap(({ texts }) => texts)
    .slice(0, mostCentred)

const outputsOf = { end: headOutputs, 'each-token': tokenOutputs } as const

/**
 * Means over the rankings of a whole batch; of a part its share in them.
 * @param outputs [texts, heads], or [texts · tokens, heads] where each token is compared
 */
function judged(
  model: RewardModel,
  outputs: tf.Tensor2D,
  { better, worse, margins, shares, ends, draws, total }: RankedBatch,
  { centering, sizePenalty }: RewardSettings,
): Record<'loss' | 'preference' | 'accuracy', tf.Scalar> {
  const column = (values: tf.Tensor1D): tf.Tensor2D => tf.expandDims(values, 1)
  const [chosen, rejected] = [tf.gather(outputs, better), tf.gather(outputs, worse)] // [comparisons, heads]
  const learned = draws ? tf.mul(draws, column(shares)) : column(shares)
  const share = (losses: tf.Tensor2D): tf.Scalar => tf.div(tf.sum(tf.mean(tf.mul(losses, learned), 1)), total)
  const preference = share(bradleyTerryLosses(chosen, rejected, margins && column(margins)))
  const scores = scoreOf(model.head, outputs)
  const leads = tf.sub(tf.gather(scores, better), tf.gather(scores, worse))
  return {
    loss: tf.add(
      preference,
      tf.add(
        tf.mul(share(centeringLosses(chosen, rejected)), centering),
        tf.mul(share(sizeLosses(chosen, rejected)), sizePenalty),
      ),
    ),
    preference,
    // a tie counts one half
    accuracy: tf.div(tf.sum(tf.mul(tf.mul(tf.add(tf.sign(leads), 1), 0.5), ends)), total),
  }
}

const saidIn = (given: Given, { learnFrom, rankingSize }: RewardSettings): Said =>
  learnFrom === 'rankings' ? given.rankings('rankings', rankingSize) : given.preferencePairs('pairs')

export const rewardTrainer = trainer(reward, {
  start: async (engine, given, settings, resume) => {
    const base = await given.languageModel('base')
    if (settings.learnFrom === 'ratings')
      return trainRatedReward(engine, base, given.ratedTexts('ratings'), settings, resume)
    if (settings.learnFrom === 'steps')
      return trainProcessReward(engine, base, given.ratedTexts('steps'), settings, resume)
    return trainRewardModel(engine, base, saidIn(given, settings), settings, resume)
  },
  batch: ({ learnFrom, rankingSize }, longest) => ({
    setting: 'batchPairs',
    parts: 'accumulation',
    tokens: (learnFrom === 'rankings' ? rankingSize : 2) * longest,
    isOfExamples: true,
  }),
  checkSettings: ({ head, learnFrom }) =>
    head === 'binned' && learnFrom !== 'ratings' ? [{ field: 'head', problem: binnedPreferences }] : [],
  checkFound: (settings, { models: { base } }) => trainedPartProblems(base, settings),
  smaller: [
    moreParts('accumulation', 'batchPairs'),
    switched('recompute', 'on'),
    fewer('batchPairs'),
    switched('adapter', 'lora'),
  ],
})
