/**
 * Trust-region policy optimization (Schulman et al. 2015) of a language model: after each rollout the largest step
 * along the natural gradient that gains and keeps the policy within a KL of the one that wrote it.
 *
 *   maximise Σ w · Â · ρ   so that   mean KL(π_old ‖ π) ≤ δ
 *
 * Departures, all on purpose:
 * 1. no critic: a completion is compared with the others of its prompt, or of its rollout (grpo-advantages.ts);
 * 2. the pull to the reference stands in the reward, as in the other trainers; the trust region is another KL, to
 *    the policy that wrote the rollout, of the whole softmax;
 * 3. the Fisher matrix is seen over the whole rollout, not over a tenth of it.
 */
import { distinctPrompts } from '../../src-shared/prompts'
import { trpo, type TrpoSettings } from '../../src-shared/recipes/trpo'
import type { FieldProblem } from '../../src-shared/result'
import { termsOf } from '../../src-shared/rewards/terms'
import type { Engine } from '../compute/engine'
import { copyModel } from '../model/language-model'
import { workspaceBytesOf } from '../rewards/terms'
import { openWatch } from './health/watch'
import { comparedRollout, comparisons } from './grpo-advantages'
import { drawGroups } from './grpo-groups'
import { learnedTokens, updateInParts } from './grpo-update'
import { openLook } from './look'
import type { OnlineDpoInputs } from './online-dpo'
import { refuse } from './refuse'
import { planRollout } from './real-lengths'
import { openRoller } from './roller'
import { rolloutMetrics } from './rollout-metrics'
import { longestRollout } from './rollout-prompts'
import { scoredSamples } from './rollout-scores'
import { mostWrittenRows, rolloutInputs, rolloutProblems, smallerRollout } from './rollout-row'
import { toTrain } from './trained-part'
import type { Snapshot, TrainerEvent } from './trainer'
import { trainer } from './trainer-row'
import { openTrpoStep } from './trpo-step'

/** Prompts whose completions are shown while it trains. */
const shownPrompts = 4

/**
 * @param resume the last snapshot of a run with the same inputs and settings
 * @throws StudioFailure when settings do not go together, a prompt does not fit or a reward is no number
 */
export async function* trainTrpo(
  engine: Engine,
  { policy: reference, rewards, prompts: given }: OnlineDpoInputs,
  settings: TrpoSettings,
  resume?: Snapshot,
): AsyncGenerator<TrainerEvent> {
  for (const { field, problem } of groupProblems(settings)) refuse(field, problem)
  const policy = toTrain(reference, settings, 'trpo', resume?.model)
  const prompts = given.length > 0 ? given : ['']
  const { temperature, stop, maxTokens, seed, klBeta: beta, noEndPenalty } = settings
  const sampling = { temperature, topK: 0, topP: 1, stop, maxTokens }
  const time = longestRollout(prompts, reference, maxTokens)
  const rows = settings.groups * settings.groupSize
  const parts = settings.accumulation * engine.partsAtOnce(policy.parameters)
  const plan = planRollout(time, { rows, parts })

  yield { kind: 'plan', totalSteps: settings.updates }

  const roller = openRoller(engine, { policy, reference }, plan, { temperature, keepReferenceStates: false })
  const step = openTrpoStep(engine, policy, settings)
  const look = openLook(engine, policy, distinctPrompts(prompts).slice(0, shownPrompts), {
    ...sampling,
    seed,
  })
  const watch = openWatch(resume?.resume.numbers, rewards)
  try {
    for (let update = resume?.resume.step ?? 0; update < settings.updates; update++) {
      const drawing = { roller, prompts, rewards, sampling }
      const { drawn, scores, equal } = await drawGroups(drawing, update, {
        ...settings,
        dynamicSampling: 'off',
      })
      const rollout = comparedRollout(drawn, scores, { ...settings, klForm: 'reward' })
      const rolloutTokens = rollout.reduce((sum, each) => sum + learnedTokens(each, 'learned'), 0)
      const batch = updateInParts(rollout, plan, policy.config.vocabulary, {
        maxTokens,
        rolloutTokens,
        updates: 1,
        normalisation: 'rollout-tokens',
        cutTexts: 'learned',
      })
      const taken = await step.take(batch)

      const done = update + 1
      const values = {
        ...rolloutMetrics(drawn, { scores, beta, noEndPenalty }),
        'reward/equal-groups': equal,
        'loss/policy': -taken.gained,
        'policy/approx-kl': taken.kl,
        'policy/step-share': taken.share,
        'optimizer/gradient-norm': taken.norm,
      }
      const alarms = watch.see(done, values)
      yield {
        kind: 'update',
        step: done,
        values,
        tokens: rolloutTokens * (2 + 3 * settings.solverSteps),
        snapshot: () => ({
          model: copyModel(policy),
          resume: { step: done, tensors: {}, numbers: watch.numbers() },
        }),
      }
      for (const text of alarms) yield { kind: 'log', level: 'alarm', text }
      if (done % settings.samplesEvery === 0 || done === settings.updates)
        yield { kind: 'samples', step: done, samples: await scoredSamples(await look.take(), rewards) }
    }
  } finally {
    roller.dispose()
    step.dispose()
    look.dispose()
  }
}

/** What of these settings cannot go together. */
const groupProblems = ({
  advantage = 'none',
  groupSize = Infinity,
}: Partial<TrpoSettings>): readonly FieldProblem[] =>
  groupSize < 2 && comparisons[advantage].needsGroup
    ? [
        {
          field: 'groupSize',
          problem:
            'must be at least 2: one completion alone has no others of its prompt to be compared with. Choose the ' +
            'advantage batch or none to do without groups.',
        },
      ]
    : []

export const trpoTrainer = trainer(trpo, {
  start: async (engine, given, settings, resume) => {
    const inputs = await rolloutInputs(engine, given, settings)
    return trainTrpo(engine, inputs, settings, resume)
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
  // logits of the whole rollout: as they were, at two probes, and what is pulled at
  held: ({ rewards, groups, groupSize, maxTokens }, { vocabulary }, promptTokens) =>
    workspaceBytesOf(termsOf(rewards)) + 4 * groups * groupSize * (promptTokens + maxTokens) * vocabulary * 4,
  checkSettings: groupProblems,
  checkFound: rolloutProblems,
  smaller: smallerRollout('groups'),
})
