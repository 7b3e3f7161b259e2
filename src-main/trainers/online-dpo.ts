/**
 * Online DPO (Guo et al. 2024): the policy answers each prompt several times, the rewards say which answer is better,
 * and it learns from such pairs as DPO does, then answers again; and XPO (Xie et al. 2024), where one of the two
 * answers is the reference's and it pays to be unlike it.
 *
 *   L = −log σ(β · [log π/π_ref(y⁺) − log π/π_ref(y⁻)])   [+ α · log π(y of the reference)]
 *
 * Log-probabilities are of the very distribution that was drawn from, temperature, top-k, top-p and min-p included.
 *
 * Departures, all on purpose:
 * 1. answers of equal reward make no pair, and are counted;
 * 2. of more than two answers the best and the worst make the pair;
 * 3. a text that did not end pays the no-end penalty before answers are compared;
 * 4. the reward is not drawn from as a Bradley–Terry judge: the better answer wins.
 */
import { distinctPrompts } from '../../src-shared/prompts'
import type { Prompt } from '../../src-shared/records/turn'
import { onlineDpo, type OnlineDpoSettings } from '../../src-shared/recipes/online-dpo'
import { termsOf } from '../../src-shared/rewards/terms'
import type { Engine } from '../compute/engine'
import { bestAgainstWorst } from '../maths/judged-pairs'
import { seedOf } from '../maths/random'
import { warmupThenCosine } from '../maths/schedule'
import type { LanguageModel } from '../model/model'
import type { Sampling } from '../model/writing/generation'
import { workspaceBytesOf, type OpenTerm } from '../rewards/terms'
import { afterRollout } from './after-rollout'
import { openWatch } from './alarms'
import { drawGroups, type Groups } from './grpo-groups'
import { openLook } from './look'
import { rowsOfPart } from './next-token'
import { openPairStep, pairsInParts, type Candidate, type DrawnPair } from './online-dpo-update'
import { restoreOptimizer, scheduleOf } from './optimizer'
import { passesOver } from './order'
import { openRoller, rolloutSampling, type Roller } from './rollout'
import { lossMetrics, rolloutMetrics } from './rollout-metrics'
import { longestRollout } from './rollout-prompts'
import { completionsOf, penalised, scoresOfDrawn } from './rollout-scores'
import { mostWrittenRows, rolloutInputs, rolloutProblems, smallerRollout } from './rollout-row'
import { toTrain } from './trained-part'
import type { MetricValues, Snapshot, TrainerEvent } from './trainer'
import { trainer } from './trainer-row'

export interface OnlineDpoInputs {
  /** Where it starts, and what it is held to; never changed. */
  readonly policy: LanguageModel
  readonly rewards: readonly OpenTerm[]
  /** Asked in turn. Empty: texts start from nothing. */
  readonly prompts: readonly Prompt[]
}

/** Prompts whose completions are shown while it trains. */
const shownPrompts = 4

/**
 * @param resume the last snapshot of a run with the same inputs and settings
 * @throws StudioFailure when a prompt does not fit or a reward is no number
 */
export async function* trainOnlineDpo(
  engine: Engine,
  { policy: reference, rewards, prompts: given }: OnlineDpoInputs,
  settings: OnlineDpoSettings,
  resume?: Snapshot,
): AsyncGenerator<TrainerEvent> {
  const policy = toTrain(reference, settings, 'online-dpo', resume?.model)
  const prompts = given.length > 0 ? given : ['']
  const { temperature, maxTokens, seed, noEndPenalty, beta } = settings
  const sampling = rolloutSampling(settings)
  const time = longestRollout(prompts, reference, maxTokens)
  const batchPairs = Math.ceil(settings.groups / settings.minibatches)
  const parts = settings.accumulation * engine.partsAtOnce(policy.parameters)
  const partPairs = rowsOfPart({ rows: batchPairs, time }, parts)

  yield { kind: 'plan', totalSteps: settings.updates }

  const shape = { rows: 2 * partPairs, time }
  const measuring = { temperature, keepReferenceLogits: false }
  const roller = openRoller(engine, { policy, reference }, shape, measuring)
  // the reference writes only where the other answer is its own
  const other =
    settings.second === 'reference'
      ? openRoller(engine, { policy: reference, reference }, shape, measuring)
      : undefined
  const update = openPairStep(engine, policy, settings)
  const look = openLook(engine, policy, distinctPrompts(prompts).slice(0, shownPrompts), {
    ...sampling,
    seed,
  })
  const watch = openWatch(resume?.resume.numbers)
  const saying = { policy, update, watch, look, rewards, settings }
  try {
    if (resume) restoreOptimizer('policy', update, resume.resume)
    for (let step = resume?.resume.step ?? 0; step < settings.updates; step++) {
      const own = await ownCompletions({ roller, prompts, rewards, sampling }, step, settings)
      const pairs = other
        ? await pairsAgainst({ own, other, rewards, sampling }, step, settings)
        : pairsOf(candidates(own, false), penalisedRewards(own, noEndPenalty), settings.groupSize)

      const learningRate = warmupThenCosine(step, scheduleOf(settings, settings.updates))
      const losses: Readonly<Record<string, number>>[] = []
      for (const some of passesOver(pairs, batchPairs, step, settings))
        losses.push(
          await update.update(pairsInParts(some, partPairs, time, policy.config.vocabulary), learningRate),
        )

      const values = {
        ...rolloutMetrics(own.drawn, { scores: own.scores, beta, noEndPenalty }),
        'reward/equal-groups': 1 - pairs.length / settings.groups,
        ...pairMetrics(losses),
        'optimizer/learning-rate': learningRate,
      }
      const tokens = own.drawn.reduce((sum, { logProbs }) => sum + logProbs.length, 0) * (1 + settings.epochs)
      yield* afterRollout(saying, step + 1, values, tokens)
    }
  } finally {
    roller.dispose()
    other?.dispose()
    update.dispose()
    look.dispose()
  }
}

/** The policy's own answers: one a prompt where the other is the reference's. */
const ownCompletions = (
  drawing: Parameters<typeof drawGroups>[0],
  step: number,
  { groups, groupSize, second, seed }: OnlineDpoSettings,
): Promise<Groups> =>
  drawGroups(drawing, step, {
    groups,
    groupSize: second === 'policy' ? groupSize : 1,
    dynamicSampling: 'off',
    seed,
  })

interface Against {
  readonly own: Groups
  readonly other: Roller
  readonly rewards: readonly OpenTerm[]
  readonly sampling: Omit<Sampling, 'seed'>
}

/** Each answer of the policy beside one of the reference to the same prompt. */
async function pairsAgainst(
  { own, other, rewards, sampling }: Against,
  step: number,
  { seed, noEndPenalty }: OnlineDpoSettings,
): Promise<readonly DrawnPair[]> {
  const asked = own.drawn.map(({ completion }) => completion.prompt)
  const drawn = await other.roll(asked, { ...sampling, seed: seedOf(seed, 'reference', step) })
  const scores = await scoresOfDrawn(rewards, drawn)
  const ours = penalisedRewards(own, noEndPenalty)
  const theirs = penalisedRewards({ drawn, scores }, noEndPenalty)
  const others = candidates({ drawn }, true)
  const both = candidates(own, false).flatMap((each, index) => [each, others[index] as Candidate])
  return pairsOf(
    both,
    ours.flatMap((reward, index) => [reward, theirs[index] as number]),
    2,
  )
}

const penalisedRewards = ({ drawn, scores }: Pick<Groups, 'drawn' | 'scores'>, noEndPenalty: number) =>
  penalised(scores.reward, completionsOf(drawn), noEndPenalty)

const candidates = ({ drawn }: Pick<Groups, 'drawn'>, isReferences: boolean): readonly Candidate[] =>
  drawn.map((each) => ({ ...each, isReferences }))

const pairsOf = (all: readonly Candidate[], rewards: readonly number[], size: number): readonly DrawnPair[] =>
  bestAgainstWorst(rewards, size).map(({ chosen, rejected }) => ({
    chosen: all[chosen] as Candidate,
    rejected: all[rejected] as Candidate,
  }))

/** Means over the updates of a rollout; nothing where there was no pair. */
function pairMetrics(losses: readonly Readonly<Record<string, number>>[]): MetricValues {
  if (losses.length === 0) return {}
  const mean = (name: string): number =>
    losses.reduce((sum, each) => sum + (each[name] as number), 0) / losses.length
  return {
    ...lossMetrics(losses),
    'loss/preference': mean('preference'),
    'accuracy/train': mean('accuracy'),
    'policy/chosen-drift': mean('chosen'),
    'policy/rejected-drift': mean('rejected'),
  }
}

export const onlineDpoTrainer = trainer(onlineDpo, {
  start: async (engine, given, settings, resume) => {
    const inputs = await rolloutInputs(engine, given, settings)
    return trainOnlineDpo(engine, inputs, settings, resume)
  },
  batch: ({ maxTokens }, longest) => ({
    setting: 'groups',
    parts: 'accumulation',
    tokens: 2 * (longest + maxTokens),
    isOfExamples: false,
  }),
  writes: ({ groups, groupSize, maxTokens }) => ({
    rows: Math.min(mostWrittenRows, groups * groupSize),
    tokens: maxTokens,
  }),
  held: (settings) => workspaceBytesOf(termsOf(settings.rewards)),
  checkFound: rolloutProblems,
  smaller: smallerRollout('groups'),
})
