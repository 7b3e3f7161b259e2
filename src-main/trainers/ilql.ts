/**
 * Implicit language Q-learning (Snell et al. 2023): from texts that were rated, without writing any, it learns what
 * each token is worth, and writes those that are worth more.
 *
 *   Q_i → r + γ · V(next),   V → upper expectile of min(Q̂₁, Q̂₂),   + CQL on Q,   + imitation of the texts
 *   writing:  log π + β · (Q̂ − V)
 *
 * Departures, all on purpose:
 * 1. Q is linear in the policy’s last state, and guidance takes the mean of the two slow ones: β · Q̂ is then added
 *    to the output matrix once, and what is kept is a model like any other, written with, compared and exported
 *    everywhere. V is the same for all tokens of a place and drops out there;
 * 2. the rating is the reward of the last token, standardised over the dataset (as in trlX);
 * 3. imitation is the paper’s own policy, on the same trunk; weighted by the advantage it is AWAC;
 * 4. a completion longer than the context is cut, and its rating stands where it was cut.
 */
import { distinctPrompts } from '../../src-shared/prompts'
import { ilql, type IlqlSettings } from '../../src-shared/recipes/ilql'
import type { FieldProblem } from '../../src-shared/result'
import type { Engine } from '../compute/engine'
import type { RatedText } from '../data/training-data'
import { warmupThenCosine } from '../maths/schedule'
import { moments } from '../maths/whiten'
import { copyModel } from '../model/language-model'
import type { LanguageModel, ModelConfig } from '../model/model'
import { isLinearOutput, outputMatrixOf, withOwnOutput } from '../model/output-matrix'
import {
  moveTargets,
  openIlqlStep,
  openLearner,
  qHeads,
  ratedInParts,
  targetHeads,
  type Learner,
  type RatedRow,
} from './ilql-update'
import { lookSize, openLook, plainSampling } from './look'
import { positionsOf } from './next-token'
import { restoreOptimizer, scheduleOf, storedOptimizer } from './optimizer'
import { examplesAt, updatesOf } from './order'
import { planLengths, wholeRows } from './real-lengths'
import { readEach, refuse, refuseEmpty, refuseLongPrompts } from './refuse'
import { learnedTokens, rowOf } from './rows'
import { fewer, moreParts, switched } from './smaller'
import type { ResumeState, Snapshot, TrainerEvent } from './trainer'
import { trainer } from './trainer-row'

/** Prompts whose completions are shown while it trains. */
const shownPrompts = 4

/**
 * @param start  the model it starts from; it is never changed
 * @param resume the last snapshot of a run with the same inputs and settings
 * @throws StudioFailure when there are no rated texts, or all have one rating
 */
export async function* trainIlql(
  engine: Engine,
  start: LanguageModel,
  rated: readonly RatedText[],
  settings: IlqlSettings,
  resume?: Snapshot,
): AsyncGenerator<TrainerEvent> {
  for (const { field, problem } of outputProblems(start.config)) refuse(field, problem)
  const rows = readRated(rated, start, settings)
  const policy = withOwnOutput(start)
  const learner = openLearner(policy, settings.seed)
  const size = Math.min(settings.batchExamples, rows.length)
  const parts = settings.accumulation * engine.partsAtOnce(learner.parameters)
  const plan = planLengths(rows.map(positionsOf), { rows: size, parts }, wholeRows)
  const totalSteps = updatesOf(rows.length, size, settings.epochs)
  const prompts = distinctPrompts(rated.map(({ prompt }) => prompt)).slice(0, shownPrompts)

  yield { kind: 'plan', totalSteps }

  const update = openIlqlStep(engine, learner, settings)
  const look = openLook(engine, policy, prompts, plainSampling(policy, settings.seed))
  try {
    if (resume) {
      takeUp(learner, resume)
      restoreOptimizer('policy', update, resume.resume)
    }
    for (let step = resume?.resume.step ?? 0; step < totalSteps; step++) {
      const batch = examplesAt(rows, size, step, settings.seed, settings.epochs)
      const learningRate = warmupThenCosine(step, scheduleOf(settings, totalSteps))
      const losses = await update.update(ratedInParts(batch, plan), learningRate)
      const done = step + 1
      if (done % settings.targetEvery === 0) moveTargets(learner, settings.targetShare)

      yield {
        kind: 'update',
        step: done,
        tokens: learnedTokens(batch),
        values: {
          'loss/train': losses['loss'] as number,
          'loss/value': losses['value'] as number,
          'loss/q': losses['q'] as number,
          'optimizer/learning-rate': learningRate,
          'optimizer/gradient-norm': losses['gradientNorm'] as number,
        },
        snapshot: () => {
          const { tensors, numbers } = storedOptimizer('policy', update)
          guide(policy, learner, settings.guidance)
          return {
            model: copyModel(policy),
            resume: { step: done, tensors: { ...tensors, ...storedHeads(learner) }, numbers },
          }
        },
      }
      if (done % settings.samplesEvery === 0 || done === totalSteps) {
        guide(policy, learner, settings.guidance)
        yield { kind: 'samples', step: done, samples: await look.take() }
      }
    }
  } finally {
    update.dispose()
    look.dispose()
  }
}

/** Makes of the policy what has been learned, with β · Q̂ in its output matrix. @param beta 0: imitation alone */
function guide({ config, parameters }: LanguageModel, { own, targets }: Learner, beta: number): void {
  for (const name of Object.keys(parameters.spec)) parameters.view(name).set(own.view(name))
  const output = parameters.view(outputMatrixOf(config))
  const [one, other] = targetHeads.map((name) => targets.view(name)) as [Float32Array, Float32Array]
  for (let i = 0; i < output.length; i++)
    output[i] = (output[i] as number) + (beta * ((one[i] as number) + (other[i] as number))) / 2
}

const prefix = 'ilql/'

/** What a resumed run needs beside the guided model: heads, and the output matrix without guidance. */
function storedHeads({ config, own, targets }: Learner): ResumeState['tensors'] {
  const ofOwn = [...qHeads, ...valueHead, outputMatrixOf(config)].map(
    (name) => [name, own.view(name)] as const,
  )
  const slow = targetHeads.map((name) => [name, targets.view(name)] as const)
  return Object.fromEntries([...ofOwn, ...slow].map(([name, view]) => [prefix + name, view.slice()]))
}
const valueHead = ['v_head.summary.weight', 'v_head.summary.bias'] as const

/** @throws when the resume state is of another trainer */
function takeUp({ own, targets }: Learner, { model, resume }: Snapshot): void {
  for (const name of Object.keys(model.parameters.spec)) own.view(name).set(model.parameters.view(name))
  for (const [name, stored] of Object.entries(resume.tensors)) {
    if (!name.startsWith(prefix)) continue
    const bare = name.slice(prefix.length)
    const home = Object.hasOwn(targets.spec, bare) ? targets : own
    home.view(bare).set(stored)
  }
}

function readRated(
  rated: readonly RatedText[],
  { config: { contextTokens }, tokenizer }: LanguageModel,
  { ratings }: IlqlSettings,
): readonly RatedRow[] {
  refuseEmpty('examples', rated, 'rated texts')
  const all = rated.map(({ rating }) => rating)
  const { mean, variance } = moments(
    all,
    all.map(() => 1),
  )
  if (all.every((rating) => rating === all[0]))
    refuse('examples', `are all rated ${all[0]}: nothing tells good ones from bad ones`)
  const rewardOf = (rating: number): number =>
    ratings === 'as-given' ? rating : (rating - mean) / Math.sqrt(variance)
  const rows = readEach('examples', rated, ({ prompt, completion, rating }) => ({
    ...rowOf(tokenizer, { prompt, completion }, contextTokens),
    reward: rewardOf(rating),
  }))
  refuseLongPrompts(
    'examples',
    rows.map(({ learnedFrom }) => learnedFrom),
    contextTokens,
  )
  return rows
}

/** Guidance stands in the output matrix: nothing may come after it. */
const outputProblems = (config: ModelConfig | undefined): readonly FieldProblem[] =>
  config && !isLinearOutput(config)
    ? [
        {
          field: 'policy',
          problem:
            'caps or divides its logits: guidance cannot stand in its output matrix. Choose another model.',
        },
      ]
    : []

export const ilqlTrainer = trainer(ilql, {
  start: async (engine, given, settings, resume) =>
    trainIlql(engine, await given.languageModel('policy'), given.ratedTexts('examples'), settings, resume),
  batch: (_settings, longest) => ({
    setting: 'batchExamples',
    parts: 'accumulation',
    tokens: longest,
    isOfExamples: true,
  }),
  writes: () => lookSize,
  checkFound: (_settings, { models: { policy } }) => outputProblems(policy?.config),
  smaller: [moreParts('accumulation', 'batchExamples'), switched('recompute', 'on'), fewer('batchExamples')],
})
