/**
 * Policy optimization without a critic: GRPO (Shao et al. 2024) and its kin. Each prompt is answered several times;
 * what a completion's reward is above those of the others is the advantage of all its tokens.
 *
 *   L = Σᵢ Σₜ wᵢ · ℓ(ρᵢₜ, Âᵢₜ)  [+ β · Σᵢ Σₜ wᵢ · KLᵢₜ]
 *
 * Four choices make the published algorithms: what a reward is compared with (grpo-advantages.ts), how later updates
 * allow for a policy that has moved (maths/importance.ts), what a token counts (maths/loss-weights.ts), and where the
 * KL stands (maths/kl-estimators.ts). The presets name them.
 *
 * Log-probabilities are of the very distribution that was drawn from: the same temperature, ids that are tokens, and
 * of those the ones that top-k, top-p and min-p allowed when the token was drawn.
 *
 * Departures, all on purpose:
 * 1. the KL stands by default in the reward, where its gradient is that of the KL (Liu et al. 2025), not in the loss
 *    as k3; where the advantage is of a group, that of the whole text is taken from the reward before groups are
 *    compared, as in TRL's RLOO; elsewhere a token answers for what is still to come of it, not for what has been;
 * 2. prompts come in turn, in a new order each pass; a group is never split between rollouts, and may be between
 *    updates;
 * 3. groups of equal rewards are drawn again at most four times; if none is mixed by then, the first are learned
 *    from, which is from nothing but the KL;
 * 4. DAPO's soft penalty of long texts is not taken: the no-end penalty stands in its place;
 * 5. no dropout, so that ρ is 1 before the first update of a rollout.
 */
import { distinctPrompts } from '../../src-shared/prompts'
import type { Prompt } from '../../src-shared/records/turn'
import { grpo, type GrpoSettings } from '../../src-shared/recipes/grpo'
import type { FieldProblem } from '../../src-shared/result'
import { termsOf } from '../../src-shared/rewards/terms'
import type { Engine } from '../compute/engine'
import { warmupThenCosine } from '../maths/schedule'
import type { LanguageModel } from '../model/model'
import { workspaceBytesOf, type OpenTerm } from '../rewards/terms'
import { afterRollout } from './after-rollout'
import { openWatch } from './health/watch'
import { comparedRollout, comparisons } from './grpo-advantages'
import { drawGroups } from './grpo-groups'
import { learnedTokens, openGrpoStep, updateInParts } from './grpo-update'
import { openLook } from './look'
import { restoreOptimizer, scheduleOf } from './optimizer'
import { passesOver } from './order'
import { unreadableByRewards } from './readable'
import { refuse } from './refuse'
import { planRollout } from './real-lengths'
import { openRoller } from './roller'
import { rolloutSampling } from './rollout'
import { memoryProblem, rolloutMemory } from './rollout-memory'
import { lossMetrics, rolloutMetrics } from './rollout-metrics'
import { lengthProblems, longestRollout, tooManyParts } from './rollout-prompts'
import { mostWrittenRows, rolloutInputs, smallerRollout } from './rollout-row'
import { toTrain, trainedPartProblems } from './trained-part'
import type { Snapshot, TrainerEvent } from './trainer'
import { trainer, type Found } from './trainer-row'

export interface GrpoInputs {
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
 * @throws StudioFailure when settings do not go together, a prompt does not fit or a reward is no number
 */
export async function* trainGrpo(
  engine: Engine,
  { policy: reference, rewards, prompts: given }: GrpoInputs,
  settings: GrpoSettings,
  resume?: Snapshot,
): AsyncGenerator<TrainerEvent> {
  for (const { field, problem } of groupProblems(settings)) refuse(field, problem)
  const policy = toTrain(reference, settings, 'grpo', resume?.model)
  const prompts = given.length > 0 ? given : ['']
  const { temperature, maxTokens, seed, klBeta } = settings
  const sampling = rolloutSampling(settings)
  const time = longestRollout(prompts, reference, maxTokens)
  const rows = Math.ceil((settings.groups * settings.groupSize) / settings.minibatches)
  const parts = settings.accumulation * engine.partsAtOnce(policy.parameters)
  const plan = planRollout(time, { rows, parts })

  yield { kind: 'plan', totalSteps: settings.updates }

  const roller = openRoller(engine, { policy, reference }, plan, { temperature, keepReferenceStates: false })
  const update = openGrpoStep(engine, policy, settings)
  const look = openLook(engine, policy, distinctPrompts(prompts).slice(0, shownPrompts), {
    ...sampling,
    seed,
  })
  const watch = openWatch(resume?.resume.numbers, rewards)
  const saying = { policy, update, watch, look, rewards, settings }
  try {
    if (resume) restoreOptimizer('policy', update, resume.resume)
    for (let step = resume?.resume.step ?? 0; step < settings.updates; step++) {
      const { drawn, scores, equal } = await drawGroups(
        {
          roller,
          prompts,
          rewards,
          sampling,
          ...(settings.dynamicSampling === 'off' && { updateRows: rows }),
        },
        step,
        settings,
      )
      const rollout = comparedRollout(drawn, scores, settings)

      const learningRate = warmupThenCosine(step, scheduleOf(settings, settings.updates))
      const rolloutTokens = rollout.reduce((sum, each) => sum + learnedTokens(each, settings.cutTexts), 0)
      const losses: Readonly<Record<string, number>>[] = []
      for (const texts of passesOver(rollout, rows, step, settings)) {
        const sizes = { ...settings, rolloutTokens, updates: Math.ceil(rollout.length / rows) }
        const batch = updateInParts(texts, plan, policy.config.vocabulary, sizes)
        losses.push(await update.update(batch, learningRate))
      }

      const values = {
        ...rolloutMetrics(drawn, {
          scores,
          beta: klBeta,
          noEndPenalty: settings.noEndPenalty,
          areNormalised: settings.advantage === 'each-reward',
        }),
        'reward/equal-groups': equal,
        ...lossMetrics(losses),
        'optimizer/learning-rate': learningRate,
      }
      const tokens = drawn.reduce((sum, { logProbs }) => sum + logProbs.length, 0) * (1 + settings.epochs)
      yield* afterRollout(saying, step + 1, values, tokens)
    }
  } finally {
    roller.dispose()
    update.dispose()
    look.dispose()
  }
}

/** What of these settings cannot go together. */
function groupProblems({
  advantage = 'none',
  groupSize = Infinity,
  groups = Infinity,
  minibatches = 0,
  dynamicSampling = 'off',
}: Partial<GrpoSettings>): readonly FieldProblem[] {
  const completions = groups * groupSize
  const alone =
    'must be at least 2: one completion alone has no others of its prompt to be compared with. Choose the ' +
    'advantage batch or none to do without groups.'
  return [
    ...(groupSize < 2 && (comparisons[advantage].needsGroup || dynamicSampling === 'on')
      ? [{ field: 'groupSize', problem: alone }]
      : []),
    ...(minibatches > completions ? [{ field: 'minibatches', problem: tooManyParts(completions) }] : []),
  ]
}

/** What of the rollout is kept, as of PPO's with the sampled KL. */
const sized = (settings: GrpoSettings) =>
  ({
    completions: settings.groups * settings.groupSize,
    minibatches: settings.minibatches * settings.accumulation,
    maxTokens: settings.maxTokens,
    topK: settings.topK,
    topP: settings.topP,
    minP: settings.minP,
    klEstimator: 'sampled',
  }) as const

export const grpoTrainer = trainer(grpo, {
  start: async (engine, given, settings, resume) => {
    const inputs = await rolloutInputs(engine, given, settings)
    return trainGrpo(engine, inputs, settings, resume)
  },
  batch: ({ maxTokens }, longest) => ({
    setting: 'groups',
    parts: 'accumulation',
    tokens: longest + maxTokens,
    isOfExamples: false,
  }),
  writes: ({ groups, groupSize, maxTokens }) => ({
    rows: Math.min(mostWrittenRows, groups * groupSize),
    tokens: maxTokens,
  }),
  held: (settings, config, promptTokens) =>
    workspaceBytesOf(termsOf(settings.rewards)) +
    rolloutMemory(sized(settings), config, promptTokens).keptBytes,
  checkSettings: groupProblems,
  checkFound: (settings, found) => [
    ...trainedPartProblems(found.models['policy'], settings),
    ...lengthProblems(settings, found),
    ...memoryProblems(settings, found),
    ...unreadableByRewards(settings.rewards, found),
  ],
  smaller: smallerRollout('groups'),
})

/** Whether a rollout fits the machine. */
function memoryProblems(
  settings: GrpoSettings,
  { models: { policy }, texts: { prompts }, machineBytes }: Found,
): readonly FieldProblem[] {
  if (!policy) return []
  const memory = rolloutMemory(sized(settings), policy.config, prompts?.promptTokens ?? 0)
  const tooLarge = memoryProblem(memory, { ...policy.config, totalBytes: machineBytes })
  return tooLarge ? [tooLarge] : []
}
