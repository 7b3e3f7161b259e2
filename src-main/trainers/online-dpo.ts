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
import { workspaceBytesOf, type OpenTerm } from '../rewards/terms'
import { afterRollout } from './after-rollout'
import { openWatch } from './health/watch'
import { drawGroups, type Groups } from './grpo-groups'
import { openLook } from './look'
import { openPairStep, pairsInParts, type Candidate, type DrawnPair } from './online-dpo-update'
import { restoreOptimizer, scheduleOf } from './optimizer'
import { passesOver } from './order'
import { planRollout } from './real-lengths'
import { openRoller, type Roller } from './roller'
import { rolloutSampling } from './rollout'
import { lossMetrics, rolloutMetrics } from './rollout-metrics'
import { longestRollout } from './rollout-prompts'
import { completionsOf, penalised, scoresSideBySide } from './rollout-scores'
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
  const plan = planRollout(time, { rows: 2 * batchPairs, parts })

  yield { kind: 'plan', totalSteps: settings.updates }

  const measuring = { temperature, keepReferenceStates: false }
  const roller = openRoller(engine, { policy, reference }, plan, measuring)
  // the reference writes only where the other answer is its own
  const other =
    settings.second === 'reference'
      ? openRoller(engine, { policy: reference, reference }, plan, measuring)
      : undefined
  const update = openPairStep(engine, policy, settings)
  const look = openLook(engine, policy, distinctPrompts(prompts).slice(0, shownPrompts), {
    ...sampling,
    seed,
  })
  const watch = openWatch(resume?.resume.numbers, rewards)
  const saying = { policy, update, watch, look, rewards, settings }
  try {
    if (resume) restoreOptimizer('policy', update, resume.resume)
    for (let step = resume?.resume.step ?? 0; step < settings.updates; step++) {
      const drawing = { roller, prompts, rewards, sampling }
      const { own, pairs } = other
        ? await pairsAgainst({ ...drawing, other }, step, settings)
        : await pairsOfGroups(drawing, step, settings)

      const learningRate = warmupThenCosine(step, scheduleOf(settings, settings.updates))
      const losses: Readonly<Record<string, number>>[] = []
      for (const some of passesOver(pairs, batchPairs, step, settings))
        losses.push(await update.update(pairsInParts(some, plan, policy.config.vocabulary), learningRate))

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

type Drawing = Parameters<typeof drawGroups>[0]

interface Paired {
  /** The policy's own answers. */
  readonly own: Pick<Groups, 'drawn' | 'scores'>
  readonly pairs: readonly DrawnPair[]
}

/** The best and the worst answer of the policy to each prompt. */
async function pairsOfGroups(
  drawing: Drawing,
  step: number,
  { groups, groupSize, seed, noEndPenalty }: OnlineDpoSettings,
): Promise<Paired> {
  const own = await drawGroups(drawing, step, { groups, groupSize, dynamicSampling: 'off', seed })
  return { own, pairs: pairsOf(candidates(own, false), penalisedRewards(own, noEndPenalty), groupSize) }
}

/** Each answer of the policy beside one of the reference to the same prompt. */
async function pairsAgainst(
  { other, ...drawing }: Drawing & { readonly other: Roller },
  step: number,
  { groups, seed, noEndPenalty }: OnlineDpoSettings,
): Promise<Paired> {
  const alone = { groups, groupSize: 1, dynamicSampling: 'off', seed } as const
  const ours = await drawGroups({ ...drawing, rewards: [] }, step, alone)
  const asked = ours.drawn.map(({ completion }) => completion.prompt)
  const theirs = await other.roll(asked, { ...drawing.sampling, seed: seedOf(seed, 'reference', step) })
  const [scores, theirScores] = await scoresSideBySide(
    drawing.rewards,
    completionsOf(ours.drawn),
    completionsOf(theirs),
  )
  const own = { drawn: ours.drawn, scores }
  const others = candidates({ drawn: theirs }, true)
  const theirRewards = penalisedRewards({ drawn: theirs, scores: theirScores }, noEndPenalty)
  const pairs = pairsOf(
    candidates(own, false).flatMap((each, index) => [each, others[index] as Candidate]),
    penalisedRewards(own, noEndPenalty).flatMap((reward, index) => [reward, theirRewards[index] as number]),
    2,
  )
  return { own, pairs }
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
