/**
 * Nash-MD (Munos et al. 2024): the policy’s answers are judged against those of a mixture of itself and the
 * reference, and it learns to be preferred. Where preferences go in circles no reward says what is best, and the
 * answer that nothing is preferred to is what is looked for.
 *
 *   ∇J = E[∇ log π(y) · (P(y ≻ y′) − ½ − τ · log π/π_ref(y))],   y ~ π,  y′ ~ π^(1 − α) · π_ref^α
 *
 * Departures, all on purpose:
 * 1. the KL stands at each token with what is still to come of it; TRL’s has the token’s own alone, whose
 *    gradient is not that of the KL;
 * 2. log-probabilities are of the very distribution that was drawn from, temperature and top-k included;
 * 3. several updates of a rollout are clipped as PPO’s are; with one, the default, nothing is;
 * 4. a text that did not end pays the no-end penalty before it is judged, and only its own end counts.
 */
import { distinctPrompts } from '../../src-shared/prompts'
import { nashMd, type NashMdSettings } from '../../src-shared/recipes/nash-md'
import type { FieldProblem } from '../../src-shared/result'
import { termsOf } from '../../src-shared/rewards/terms'
import type { Engine } from '../compute/engine'
import { preferences } from '../maths/preference'
import { seedOf } from '../maths/random'
import { warmupThenCosine } from '../maths/schedule'
import { openMixtureWriter } from '../model/writing/mixture-writer'
import { workspaceBytesOf } from '../rewards/terms'
import { afterRollout } from './after-rollout'
import { openWatch } from './health/watch'
import { comparedRollout, type Compared } from './grpo-advantages'
import { drawGroups, type Groups } from './grpo-groups'
import { openGrpoStep, updateInParts } from './grpo-update'
import { openLook } from './look'
import type { OnlineDpoInputs } from './online-dpo'
import { restoreOptimizer, scheduleOf } from './optimizer'
import { passesOver } from './order'
import { refuse } from './refuse'
import { planRollout } from './real-lengths'
import { openRoller } from './roller'
import { rolloutSampling } from './rollout'
import { lossMetrics, rolloutMetrics } from './rollout-metrics'
import { longestRollout, tooManyParts } from './rollout-prompts'
import { completionsOf, penalised, scoresSideBySide } from './rollout-scores'
import { mostWrittenRows, rolloutInputs, rolloutProblems, smallerRollout } from './rollout-row'
import { toTrain } from './trained-part'
import type { Snapshot, TrainerEvent } from './trainer'
import { trainer } from './trainer-row'

/** Prompts whose completions are shown while it trains. */
const shownPrompts = 4

/**
 * @param resume the last snapshot of a run with the same inputs and settings
 * @throws StudioFailure when a prompt does not fit or a reward is no number
 */
export async function* trainNashMd(
  engine: Engine,
  { policy: reference, rewards, prompts: given }: OnlineDpoInputs,
  settings: NashMdSettings,
  resume?: Snapshot,
): AsyncGenerator<TrainerEvent> {
  for (const { field, problem } of partProblems(settings)) refuse(field, problem)
  const policy = toTrain(reference, settings, 'nash-md', resume?.model)
  const prompts = given.length > 0 ? given : ['']
  const { temperature, maxTokens, seed, groups, epochs } = settings
  const sampling = rolloutSampling(settings)
  const time = longestRollout(prompts, reference, maxTokens)
  const rows = Math.ceil(groups / settings.minibatches)
  const parts = settings.accumulation * engine.partsAtOnce(policy.parameters)
  const plan = planRollout(time, { rows, parts })

  yield { kind: 'plan', totalSteps: settings.updates }

  const roller = openRoller(engine, { policy, reference }, plan, { temperature, keepReferenceStates: false })
  const mixture = openMixtureWriter(engine, policy, reference, settings.mixture)
  const update = openGrpoStep(engine, policy, { ...settings, ...policyGradient(settings) })
  const look = openLook(engine, policy, distinctPrompts(prompts).slice(0, shownPrompts), {
    ...sampling,
    seed,
  })
  const watch = openWatch(resume?.resume.numbers, rewards)
  const saying = { policy, update, watch, look, rewards, settings }
  try {
    if (resume) restoreOptimizer('policy', update, resume.resume)
    for (let step = resume?.resume.step ?? 0; step < settings.updates; step++) {
      const drawing = { roller, prompts, rewards: [], sampling, updateRows: rows }
      const { drawn } = await drawGroups(drawing, step, {
        groups,
        groupSize: 1,
        dynamicSampling: 'off',
        seed,
      })
      const asked = drawn.map(({ completion }) => completion.prompt)
      const others = await mixture.generate(asked, { ...sampling, seed: seedOf(seed, 'mixture', step) })
      const [scores, theirScores] = await scoresSideBySide(rewards, completionsOf(drawn), others)
      const own = { drawn, scores }
      const theirs = penalised(theirScores.reward, others, settings.noEndPenalty)
      const preferred = preferredTo(own, theirs, settings)
      const rollout = learnedFrom(own, preferred, settings)

      const learningRate = warmupThenCosine(step, scheduleOf(settings, settings.updates))
      const losses: Readonly<Record<string, number>>[] = []
      for (const texts of passesOver(rollout, rows, step, settings)) {
        const batch = updateInParts(texts, plan, policy.config.vocabulary, {
          ...settings,
          rolloutTokens: 0,
          updates: 1,
          normalisation: 'texts',
          cutTexts: 'learned',
        })
        losses.push(await update.update(batch, learningRate))
      }

      const { klBeta: beta, noEndPenalty } = settings
      const values = {
        ...rolloutMetrics(own.drawn, { scores: own.scores, beta, noEndPenalty }),
        'reward/preferred': preferred.reduce((sum, each) => sum + each, 0) / preferred.length,
        ...lossMetrics(losses),
        'optimizer/learning-rate': learningRate,
      }
      const tokens = own.drawn.reduce((sum, { logProbs }) => sum + logProbs.length, 0)
      yield* afterRollout(saying, step + 1, values, tokens * (2 + epochs))
    }
  } finally {
    roller.dispose()
    mixture.dispose()
    update.dispose()
    look.dispose()
  }
}

type Own = Pick<Groups, 'drawn' | 'scores'>

/** How probably each answer is preferred to the mixture’s to the same prompt. */
function preferredTo(
  { drawn, scores }: Own,
  theirs: readonly number[],
  { preference, noEndPenalty }: NashMdSettings,
): readonly number[] {
  return penalised(scores.reward, completionsOf(drawn), noEndPenalty).map((reward, index) =>
    preferences[preference](reward, theirs[index] as number),
  )
}

/** What an answer is learned with: how much oftener than not it is preferred, less the KL to come at each token. */
const learnedFrom = (
  { drawn }: Own,
  preferred: readonly number[],
  { klBeta }: NashMdSettings,
): readonly Compared[] =>
  comparedRollout(
    drawn,
    { terms: [{ weight: 1, scores: preferred.map((each) => each - 1 / 2) }] },
    { advantage: 'none', groupSize: 1, klForm: 'reward', klBeta, noEndPenalty: 0 },
  )

const policyGradient = ({ clipRange }: NashMdSettings) =>
  ({ importance: 'token', clipLow: clipRange, clipHigh: clipRange, klForm: 'reward' }) as const

const partProblems = ({
  minibatches = 0,
  groups = Infinity,
}: Partial<NashMdSettings>): readonly FieldProblem[] =>
  minibatches > groups ? [{ field: 'minibatches', problem: tooManyParts(groups) }] : []

export const nashMdTrainer = trainer(nashMd, {
  start: async (engine, given, settings, resume) => {
    const inputs = await rolloutInputs(engine, given, settings)
    return trainNashMd(engine, inputs, settings, resume)
  },
  batch: ({ maxTokens }, longest) => ({
    setting: 'groups',
    parts: 'accumulation',
    tokens: longest + maxTokens,
    isOfExamples: false,
  }),
  writes: ({ groups, maxTokens }) => ({ rows: Math.min(mostWrittenRows, groups), tokens: 2 * maxTokens }),
  held: (settings) => workspaceBytesOf(termsOf(settings.rewards)),
  checkSettings: partProblems,
  checkFound: rolloutProblems,
  smaller: smallerRollout('groups'),
})
