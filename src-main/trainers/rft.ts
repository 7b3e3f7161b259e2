/**
 * Rejection fine-tuning (Dong et al. 2023, RAFT; Gulcehre et al. 2023, ReST): the policy answers each prompt several
 * times and is fine-tuned on the best answers, again and again. No gradient goes through a reward.
 *
 *   L = −Σ log π(yₜ | x, y₍<t₎) / Σ tokens,   over the completions that were kept
 *
 * Departures, all on purpose:
 * 1. each rollout is drawn from the policy as it is by then, not from the start (ReST grows a dataset);
 * 2. where all completions of a prompt are worth the same, none is kept: imitating oneself teaches nothing;
 * 3. a completion that did not end pays the no-end penalty before the best is chosen; one that is kept all the same
 *    is imitated without an end;
 * 4. the model's plain distribution is trained, whatever the temperature it was drawn at.
 */
import { distinctPrompts } from '../../src-shared/prompts'
import type { Prompt } from '../../src-shared/records/turn'
import { rft, type RftSettings } from '../../src-shared/recipes/rft'
import { termsOf } from '../../src-shared/rewards/terms'
import type { Engine } from '../compute/engine'
import { bestOfGroups, bestShare } from '../maths/kept-completions'
import { warmupThenCosine } from '../maths/schedule'
import type { LanguageModel } from '../model/model'
import { workspaceBytesOf, type OpenTerm } from '../rewards/terms'
import { afterRollout } from './after-rollout'
import { openWatch } from './health/watch'
import { drawGroups, type Groups } from './grpo-groups'
import { openLook } from './look'
import { inPartsOfLikeLength, nextTokenLoss, type NextTokenBatch } from './next-token'
import { optimizerOf, restoreOptimizer, scheduleOf } from './optimizer'
import { passesOver } from './order'
import { refuse } from './refuse'
import { planRollout } from './real-lengths'
import { openRoller } from './roller'
import { rolloutSampling } from './rollout'
import { rolloutMetrics } from './rollout-metrics'
import { longestRollout } from './rollout-prompts'
import { completionsOf, penalised } from './rollout-scores'
import { learnedTokens, type Row } from './rows'
import { mostWrittenRows, rolloutInputs, rolloutProblems, smallerRollout } from './rollout-row'
import { toTrain } from './trained-part'
import type { Snapshot, TrainerEvent } from './trainer'
import { trainer } from './trainer-row'

export interface RftInputs {
  /** Where it starts, and what its KL is measured to; never changed. */
  readonly policy: LanguageModel
  readonly rewards: readonly OpenTerm[]
  /** Asked in turn. Empty: texts start from nothing. */
  readonly prompts: readonly Prompt[]
}

/** Prompts whose completions are shown while it trains. */
const shownPrompts = 4

const alone = 'must be at least 2: the best of one is that one'

/**
 * @param resume the last snapshot of a run with the same inputs and settings
 * @throws StudioFailure when a prompt does not fit or a reward is no number
 */
export async function* trainRft(
  engine: Engine,
  { policy: reference, rewards, prompts: given }: RftInputs,
  settings: RftSettings,
  resume?: Snapshot,
): AsyncGenerator<TrainerEvent> {
  if (settings.groupSize < 2 && settings.keep === 'best-of-prompt') refuse('groupSize', alone)
  const policy = toTrain(reference, settings, 'rft', resume?.model)
  const prompts = given.length > 0 ? given : ['']
  const { temperature, maxTokens, seed, noEndPenalty } = settings
  const sampling = rolloutSampling(settings)
  const time = longestRollout(prompts, reference, maxTokens)
  const parts = settings.accumulation * engine.partsAtOnce(policy.parameters)

  yield { kind: 'plan', totalSteps: settings.updates }

  const plan = planRollout(time, { rows: settings.batchExamples, parts })
  const roller = openRoller(engine, { policy, reference }, plan, {
    temperature,
    keepReferenceStates: false,
  })
  const update = engine.trainStep<NextTokenBatch>(
    policy.parameters,
    (weights, batch) => ({ loss: nextTokenLoss(policy.config, weights, batch) }),
    optimizerOf(settings),
  )
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
      const groups = await drawGroups(drawing, step, { ...settings, dynamicSampling: 'off' })
      const kept = keptRows(groups, settings)

      const learningRate = warmupThenCosine(step, scheduleOf(settings, settings.updates))
      const losses: Readonly<Record<string, number>>[] = []
      for (const rows of passesOver(kept, settings.batchExamples, step, settings))
        losses.push(
          await update.update(
            inPartsOfLikeLength(rows, plan).map(({ batch }) => batch),
            learningRate,
          ),
        )

      const values = {
        ...rolloutMetrics(groups.drawn, { scores: groups.scores, beta: 0, noEndPenalty }),
        'reward/equal-groups': groups.equal,
        ...(losses.length > 0 && {
          'loss/train': meanOf(losses, 'loss'),
          'optimizer/gradient-norm': meanOf(losses, 'gradientNorm'),
        }),
        'optimizer/learning-rate': learningRate,
      }
      const tokens =
        groups.drawn.reduce((sum, { logProbs }) => sum + logProbs.length, 0) +
        learnedTokens(kept) * settings.epochs
      yield* afterRollout(saying, step + 1, values, tokens)
    }
  } finally {
    roller.dispose()
    update.dispose()
    look.dispose()
  }
}

/** The completions that are imitated, as rows. */
function keptRows(
  { drawn, scores }: Groups,
  { keep, keptShare, groupSize, noEndPenalty }: RftSettings,
): readonly Row[] {
  const rewards = penalised(scores.reward, completionsOf(drawn), noEndPenalty)
  const kept = keep === 'best-of-prompt' ? bestOfGroups(rewards, groupSize) : bestShare(rewards, keptShare)
  return kept.flatMap((index) => {
    const completion = drawn[index]?.completion
    return completion ? [{ ids: completion.ids, learnedFrom: completion.promptTokens - 1 }] : []
  })
}

const meanOf = (losses: readonly Readonly<Record<string, number>>[], name: string): number =>
  losses.reduce((sum, each) => sum + (each[name] as number), 0) / losses.length

export const rftTrainer = trainer(rft, {
  start: async (engine, given, settings, resume) => {
    const inputs = await rolloutInputs(engine, given, settings)
    return trainRft(engine, inputs, settings, resume)
  },
  batch: ({ maxTokens }, longest) => ({
    setting: 'batchExamples',
    parts: 'accumulation',
    tokens: longest + maxTokens,
    isOfExamples: false,
  }),
  writes: ({ groups, groupSize, maxTokens }) => ({
    rows: Math.min(mostWrittenRows, groups * groupSize),
    tokens: maxTokens,
  }),
  held: (settings) => workspaceBytesOf(termsOf(settings.rewards)),
  checkSettings: ({ groupSize = 2, keep }) =>
    groupSize < 2 && keep === 'best-of-prompt' ? [{ field: 'groupSize', problem: alone }] : [],
  checkFound: rolloutProblems,
  smaller: smallerRollout('batchExamples'),
})
