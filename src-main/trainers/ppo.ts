/**
 * Proximal policy optimization (Schulman et al. 2017) of a language model against a reward, held to the model
 * it started from by a KL reward at every token (Ziegler et al. 2019, Eq. 2).
 *
 *   r_t = −β · KL_t,   and at the last token  + R(text) − penalty if it has no end token
 *
 * Everything ends at the end token: the text that is scored, the rewards, the KL and the loss.
 * Log-probabilities are of the very distribution that was drawn from: the same temperature, ids that are
 * tokens, and of those the ones that top-k, top-p and min-p allowed when the token was drawn.
 *
 * Departures, all on purpose:
 * 1. advantages are whitened over the real tokens of the whole rollout (as in TRL);
 * 2. value predictions are clipped as the ratio is (Schulman's own code; Stiennon et al. 2020), and start at
 *    0;
 * 3. the critic learns whole returns (λ = 1), the policy from advantages with λ (Yuan et al. 2025, "What's
 *    Behind PPO's Collapse in Long-CoT?", §4.2): a critic that learns from its own values hardly learns what
 *    stands dozens of characters ahead;
 * 4. the KL is by default that of the whole softmax, with its own gradient (Amini et al. 2025): the sampled
 *    one is mostly noise. Under top-k that is not the distribution drawn from; \`exact-drawn\` and the sampled
 *    estimators are of that one;
 * 5. no entropy bonus unless asked for: the KL already keeps the policy from collapsing;
 * 6. no dropout, so that ρ is 1 before the first update of a rollout;
 * 7. an update is computed in parts, and a rollout measured in those of its first pass;
 * 8. a separate critic has an optimizer and a step size of its own, and its gradient is clipped by itself;
 *    with a value head one optimizer steps both and clips their gradient together, as in TRL;
 * 9. the pretraining mix of Ouyang et al. 2022 (Eq. 2) is a mean over its tokens, in the very update of the policy.
 */
import { distinctPrompts } from '../../src-shared/prompts'
import type { Prompt } from '../../src-shared/records/turn'
import { isExactKl, ppo, type PpoSettings } from '../../src-shared/recipes/ppo'
import type { FieldProblem } from '../../src-shared/result'
import { termsOf } from '../../src-shared/rewards/terms'
import type { Engine } from '../compute/engine'
import type { Demonstration } from '../data/training-data'
import { steeredKlBeta } from '../maths/adaptive-kl'
import { randomIndex, seeded, seedOf } from '../maths/random'
import { noMoments, type Moments } from '../maths/running-moments'
import { warmupThenCosine } from '../maths/schedule'
import { withoutHead } from '../model/heads'
import type { LanguageModel, RewardModel } from '../model/model'
import { openTerms, workspaceBytesOf, type OpenTerm } from '../rewards/terms'
import { openWatch } from './health/watch'
import { openLook } from './look'
import { scheduleOf } from './optimizer'
import { firstPass, passesOver } from './order'
import { experienceOf } from './ppo-experience'
import { checkCritic } from './ppo-critic'
import { openMask } from './ppo-mask'
import { openPpoUpdates, startingModels, type UpdateWeights } from './ppo-update'
import { openPretrainingMix } from './pretraining-mix'
import { problemsOf, refuse } from './refuse'
import { unreadableByRewards } from './readable'
import { planRollout } from './real-lengths'
import { openRoller } from './roller'
import { rolloutSampling } from './rollout'
import { memoryProblem, rolloutMemory } from './rollout-memory'
import { criticMetrics, lossMetrics, rolloutMetrics } from './rollout-metrics'
import { lengthProblems, longestRollout, tooManyParts } from './rollout-prompts'
import { scoredSamples, scoresOfDrawn } from './rollout-scores'
import { fewer, moreParts, switched } from './smaller'
import { trainedPartProblems } from './trained-part'
import type { Snapshot, TrainerEvent } from './trainer'
import { trainer, type Found } from './trainer-row'

export interface PpoInputs {
  /** Where it starts, and what it is held to: a frozen copy of it is the reference. */
  readonly policy: LanguageModel
  /** What scores the text of a completion: the policy learns from the weighted sum. */
  readonly rewards: readonly OpenTerm[]
  /** What the critic starts from, where it does. */
  readonly rewardModel?: RewardModel
  /** Drawn from for every rollout. Empty: texts start from nothing. */
  readonly prompts: readonly Prompt[]
  /** What is read beside rollouts, where that has a weight. */
  readonly pretraining?: readonly Demonstration[]
}

/** Prompts whose completions are shown while it trains. */
const shownPrompts = 4

/**
 * @param resume the last snapshot of a run with the same inputs and settings; `inputs.policy` is its
 *   reference still
 * @throws StudioFailure when a prompt has an unknown character or leaves too little room for a completion
 */
export async function* trainPpo(
  engine: Engine,
  inputs: PpoInputs,
  settings: PpoSettings,
  resume?: Snapshot,
): AsyncGenerator<TrainerEvent> {
  // never changed: the policy and the critic have their own weights, or stand on it
  const { policy: reference, rewards } = inputs
  const { policy, critic } = startingModels(reference, settings, resume, inputs.rewardModel)
  const prompts = inputs.prompts.length > 0 ? inputs.prompts : ['']
  const rows = minibatchRows(settings)
  const parts = engine.partsAtOnce(policy.parameters)
  const plan = planRollout(longestRollout(prompts, reference, settings.maxTokens), { rows, parts })
  const { temperature, seed } = settings
  const sampling = rolloutSampling(settings)
  const mix = openPretrainingMix(policy, inputs.pretraining ?? [], settings)
  const inParts = settings.rewardAt === 'where-it-arises'

  yield { kind: 'plan', totalSteps: settings.updates }

  const isExact = isExactKl(settings.klEstimator)
  const mask = openMask(policy, settings, resume)
  const roller = openRoller(engine, { policy, reference, critic, ...(mask && { mask }) }, plan, {
    temperature,
    keepReferenceStates: isExact,
  })
  const models = { policy, critic, ...(isExact && { reference }) }
  const updates = openPpoUpdates(engine, models, plan, settings, mix)
  const look = openLook(engine, policy, distinctPrompts(prompts).slice(0, shownPrompts), {
    ...sampling,
    seed,
  })
  const watch = openWatch(resume?.resume.numbers, rewards)
  let beta = resume?.resume.numbers['kl-beta'] ?? settings.klBeta
  let seen = rememberedMoments(resume)
  try {
    if (resume) updates.restore(resume.resume)
    for (let step = resume?.resume.step ?? 0; step < settings.updates; step++) {
      const asked = promptsAt(step, prompts, settings)
      const drawn = await roller.roll(
        asked,
        { ...sampling, seed: seedOf(seed, 'rollout', step) },
        firstPass(asked.length, rows, step, seed),
      )
      const scores = await scoresOfDrawn(rewards, drawn, { inParts })
      const before = { moments: seen, beta, tokenizer: policy.tokenizer }
      const { experience, scale, moments } = experienceOf(drawn, scores, before, settings)
      seen = moments

      const pace = paceAt(step, settings)
      const losses: Readonly<Record<string, number>>[] = []
      for (const minibatch of passesOver(experience, rows, step, settings)) {
        const update = step * updatesOfRollout(settings) + losses.length
        const said = await updates.apply(minibatch, { ...pace, klWeight: beta * scale, update })
        losses.push(said)
        if (isTooFar(said['approximateKl'], settings)) break
      }

      const done = step + 1
      const values = {
        ...rolloutMetrics(experience, { scores, beta, noEndPenalty: settings.noEndPenalty }),
        ...criticMetrics(experience),
        ...lossMetrics(losses),
        'optimizer/learning-rate': pace.isWarmingUp ? 0 : pace.stepShare * settings.learningRate,
      }
      mask?.follow(done)
      if (!pace.isWarmingUp) beta = steered(beta, values['kl/text'], drawn.length, settings)
      const alarms = watch.see(done, values)
      yield {
        kind: 'update',
        step: done,
        values,
        tokens: experience.reduce((sum, { logProbs }) => sum + logProbs.length, 0) * (1 + settings.epochs),
        snapshot: () => {
          const { tensors, numbers } = updates.stored()
          return {
            model: withoutHead(policy),
            resume: {
              step: done,
              tensors: { ...tensors, ...mask?.stored() },
              numbers: { ...numbers, ...watch.numbers(), ...stored(seen), 'kl-beta': beta },
            },
          }
        },
      }
      for (const text of alarms) yield { kind: 'log', level: 'alarm', text }
      if (done % settings.samplesEvery === 0 || done === settings.updates)
        yield { kind: 'samples', step: done, samples: await scoredSamples(await look.take(), rewards) }
    }
  } finally {
    roller.dispose()
    updates.dispose()
    look.dispose()
  }
}

/** What a rollout is asked: drawn anew for each. */
function promptsAt(
  step: number,
  prompts: readonly Prompt[],
  { seed, completions }: PpoSettings,
): readonly Prompt[] {
  const draw = seeded(seed, 'prompts', step)
  return Array.from({ length: completions }, () => prompts[randomIndex(prompts.length, draw)] as Prompt)
}

/** How large the steps of a rollout's updates are: whole ones while only the critic learns, then a cosine. */
function paceAt(step: number, settings: PpoSettings): Pick<UpdateWeights, 'stepShare' | 'isWarmingUp'> {
  const { criticWarmup, updates } = settings
  if (step < criticWarmup) return { stepShare: 1, isWarmingUp: true }
  const schedule = scheduleOf({ ...settings, learningRate: 1 }, updates - criticWarmup)
  return { stepShare: warmupThenCosine(step - criticWarmup, schedule), isWarmingUp: false }
}

/** Whether the policy has left the one that wrote the rollout too far behind to learn more from it. */
const isTooFar = (kl: number | undefined, { updateKl }: PpoSettings): boolean =>
  updateKl > 0 && kl !== undefined && kl > updateKl

const stored = ({ count, mean, squares }: Moments): Readonly<Record<string, number>> => ({
  'rewards/count': count,
  'rewards/mean': mean,
  'rewards/squares': squares,
})

const rememberedMoments = (resume: Snapshot | undefined): Moments => {
  const numbers = resume?.resume.numbers ?? {}
  return {
    count: numbers['rewards/count'] ?? noMoments.count,
    mean: numbers['rewards/mean'] ?? noMoments.mean,
    squares: numbers['rewards/squares'] ?? noMoments.squares,
  }
}

/** β after a rollout; it stands still where no KL is aimed at. */
function steered(
  beta: number,
  kl: number,
  completions: number,
  { klTarget: target, klHorizon: horizon }: PpoSettings,
): number {
  return target > 0 ? steeredKlBeta(beta, kl, completions, { target, horizon }) : beta
}

/** Completions of an update. */
function minibatchRows({ minibatches, completions }: PpoSettings): number {
  if (minibatches > completions) refuse('minibatches', tooManyParts(completions))
  return Math.ceil(completions / minibatches)
}

/** Updates on a rollout, when none is left out. */
const updatesOfRollout = ({ epochs, minibatches }: PpoSettings): number => epochs * minibatches

/** Rows of a rollout that are written at once. */
const writtenRows = 32

export const ppoTrainer = trainer(ppo, {
  start: async (engine, given, settings, resume) => {
    const isScoring = settings.critic === 'separate' && settings.criticFrom === 'reward-model'
    const inputs = {
      ...(isScoring && { rewardModel: (await given.rewardModel('rewardModel')).model }),
      policy: await given.languageModel('policy'),
      rewards: await openTerms(engine, termsOf(settings.rewards), given),
      prompts: given.prompts('prompts'),
      ...(settings.ptxWeight > 0 && { pretraining: given.demonstrations('pretraining') }),
    }
    return trainPpo(engine, inputs, settings, resume)
  },
  batch: ({ maxTokens }, longest) => ({
    setting: 'completions',
    parts: 'minibatches',
    tokens: longest + maxTokens,
    isOfExamples: false,
  }),
  writes: ({ completions, maxTokens }) => ({ rows: Math.min(writtenRows, completions), tokens: maxTokens }),
  held: (settings, config, promptTokens) =>
    workspaceBytesOf(termsOf(settings.rewards)) +
    rolloutMemory(sized(settings), config, promptTokens).keptBytes,
  checkSettings: ({ minibatches = 0, completions = Infinity }) =>
    minibatches > completions ? [{ field: 'minibatches', problem: tooManyParts(completions) }] : [],
  checkFound: (settings, found) => [
    ...trainedPartProblems(found.models['policy'], settings),
    ...lengthProblems(settings, found),
    ...memoryProblems(settings, found),
    ...unreadableByRewards(settings.rewards, found),
    ...criticProblems(settings, found),
  ],
  smaller: [
    moreParts('minibatches', 'completions'),
    switched('critic', 'value-head'),
    switched('klEstimator', 'sampled'),
    fewer('completions'),
    fewer('maxTokens'),
    switched('adapter', 'lora'),
  ],
})

/** Whether a critic that starts from the reward model reads what the policy writes, token by token. */
function criticProblems(
  { critic, criticFrom, maxTokens }: PpoSettings,
  { models: { policy, rewardModel }, texts: { prompts } }: Found,
): readonly FieldProblem[] {
  if (!policy || !rewardModel || critic !== 'separate' || criticFrom !== 'reward-model') return []
  const longest = (prompts?.promptTokens ?? 0) + maxTokens
  return problemsOf(() => checkCritic(policy, rewardModel, longest))
}

/** With a mask, too, what could be drawn is kept. */
const sized = (settings: PpoSettings): PpoSettings =>
  settings.maskTopP < 1 ? { ...settings, topK: 1 } : settings

/** Whether a rollout fits the machine. */
function memoryProblems(
  settings: PpoSettings,
  { models: { policy }, texts: { prompts }, machineBytes }: Found,
): readonly FieldProblem[] {
  if (!policy) return []
  const memory = rolloutMemory(sized(settings), policy.config, prompts?.promptTokens ?? 0)
  const tooLarge = memoryProblem(memory, { ...policy.config, totalBytes: machineBytes })
  return tooLarge ? [tooLarge] : []
}
