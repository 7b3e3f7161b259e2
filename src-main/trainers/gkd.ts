/**
 * Generalised knowledge distillation (Agarwal et al. 2024): a small model learns what a larger one would have
 * written at every token, over texts of others and over its own.
 *
 *   L = Σ JSD(β)(teacher ‖ policy) / Σ tokens,   on its own texts in a share λ of the updates
 *
 * With its own texts alone and β = 1 it is on-policy distillation (Lu et al. 2025).
 *
 * Departures, all on purpose:
 * 1. nothing flows through the drawing of a text, as in the paper; and unlike in a reward, a token does not answer
 *    for what comes after it;
 * 2. plain distributions are compared, whatever the temperature texts were drawn at;
 * 3. no reward is added (the paper's Eq. 5).
 */
import { distinctPrompts } from '../../src-shared/prompts'
import type { Prompt } from '../../src-shared/records/turn'
import { gkd, type GkdSettings } from '../../src-shared/recipes/gkd'
import type { FieldProblem } from '../../src-shared/result'
import type { Engine } from '../compute/engine'
import type { Demonstration } from '../data/training-data'
import { seeded, seedOf } from '../maths/random'
import { warmupThenCosine } from '../maths/schedule'
import { copyModel } from '../model/language-model'
import type { LanguageModel, ModelConfig, Tokenizer } from '../model/model'
import { openTextWriter, type TextWriter } from '../model/writing/generation'
import { openGkdUpdates } from './gkd-update'
import { openLook } from './look'
import { positionsOf } from './next-token'
import { restoreOptimizer, scheduleOf, storedOptimizer } from './optimizer'
import { examplesAt } from './order'
import { planLengths, wholeRows } from './real-lengths'
import { readEach, refuse, refuseEmpty, refuseLongPrompts } from './refuse'
import { lengthProblems, longestRollout } from './rollout-prompts'
import { learnedTokens, longest, rowOf, type Row } from './rows'
import { isSameVocabulary } from './same-vocabulary'
import { fewer, moreParts, switched } from './smaller'
import { toTrain, trainedPartProblems } from './trained-part'
import type { MetricValues, Snapshot, TrainerEvent } from './trainer'
import { trainer, type Found } from './trainer-row'

export interface GkdInputs {
  /** Where it starts; never changed. */
  readonly policy: LanguageModel
  readonly teacher: LanguageModel
  readonly demonstrations: readonly Demonstration[]
  /** Asked in turn. Empty: those of the demonstrations, or texts start from nothing. */
  readonly prompts: readonly Prompt[]
}

/** Prompts whose completions are shown while it trains. */
const shownPrompts = 4

/**
 * @param resume the last snapshot of a run with the same inputs and settings
 * @throws StudioFailure when policy and teacher have other tokens, or a text does not fit both
 */
export async function* trainGkd(
  engine: Engine,
  inputs: GkdInputs,
  settings: GkdSettings,
  resume?: Snapshot,
): AsyncGenerator<TrainerEvent> {
  const { policy: start, teacher } = inputs
  for (const { field, problem } of strangers(start, teacher)) refuse(field, problem)
  const policy = toTrain(start, settings, 'gkd', resume?.model)
  const { prompts, rows, writtenTime } = textsOf(inputs, settings)
  const { temperature, maxTokens, seed, batchExamples } = settings
  const sampling = { temperature, topK: 0, topP: 1, maxTokens }
  const parts = settings.accumulation * engine.partsAtOnce(policy.parameters)
  const plan = writtenTime
    ? {
        rows: Math.ceil(batchExamples / Math.min(parts, batchExamples)),
        lengths: [Math.max(longest(rows), writtenTime)],
      }
    : planLengths(rows.map(positionsOf), { rows: batchExamples, parts }, wholeRows)

  yield { kind: 'plan', totalSteps: settings.updates }

  const updates = openGkdUpdates(engine, { policy, teacher }, plan, settings)
  const own = openTextWriter(engine, policy)
  const teachers = openTextWriter(engine, teacher)
  const look = openLook(engine, policy, distinctPrompts(prompts).slice(0, shownPrompts), {
    ...sampling,
    seed,
  })
  try {
    if (resume) restoreOptimizer('policy', updates, resume.resume)
    for (let step = resume?.resume.step ?? 0; step < settings.updates; step++) {
      const isOwn = seeded(seed, 'own-texts', step)() < settings.ownShare
      const isWritten = isOwn || settings.otherTexts === 'teacher'
      const asked = examplesAt(prompts, batchExamples, step, seed)
      const batch = isWritten
        ? await written(isOwn ? own : teachers, asked, { ...sampling, seed: seedOf(seed, 'texts', step) })
        : examplesAt(rows, batchExamples, step, seed)

      const learningRate = warmupThenCosine(step, scheduleOf(settings, settings.updates))
      const { loss, toTeacher, gradientNorm } = await updates.update(batch, learningRate)

      const done = step + 1
      yield {
        kind: 'update',
        step: done,
        tokens: learnedTokens(batch) * (isWritten ? 2 : 1),
        values: {
          'loss/train': loss as number,
          'kl/teacher': toTeacher as number,
          ...(isOwn && lengths(batch, policy.tokenizer)),
          'optimizer/learning-rate': learningRate,
          'optimizer/gradient-norm': gradientNorm as number,
        },
        snapshot: () => ({
          model: copyModel(policy),
          resume: { step: done, ...storedOptimizer('policy', updates) },
        }),
      }
      if (done % settings.samplesEvery === 0 || done === settings.updates)
        yield { kind: 'samples', step: done, samples: await look.take() }
    }
  } finally {
    updates.dispose()
    own.dispose()
    teachers.dispose()
    look.dispose()
  }
}

/**
 * What is asked, what others wrote, and positions of the longest text that can be written, as both models read; nothing
 * of that where none is.
 */
function textsOf(
  { policy, teacher, demonstrations, prompts: given }: GkdInputs,
  { ownShare, otherTexts, maxTokens }: GkdSettings,
): { readonly prompts: readonly Prompt[]; readonly rows: readonly Row[]; readonly writtenTime?: number } {
  const isGiven = ownShare < 1 && otherTexts === 'demonstrations'
  const contextTokens = Math.min(policy.config.contextTokens, teacher.config.contextTokens)
  const asked = given.length > 0 ? given : demonstrations.map(({ prompt }) => prompt)
  const prompts = asked.length > 0 ? asked : ['']
  if (isGiven) refuseEmpty('demonstrations', demonstrations, 'demonstrations')
  const rows = readEach('demonstrations', isGiven ? demonstrations : [], (each) =>
    rowOf(policy.tokenizer, each, contextTokens),
  )
  refuseLongPrompts(
    'demonstrations',
    rows.map(({ learnedFrom }) => learnedFrom),
    contextTokens,
  )
  const isWritten = ownShare > 0 || !isGiven
  if (!isWritten) return { prompts, rows }
  const writtenTime = longestRollout(prompts, policy, maxTokens)
  if (writtenTime > teacher.config.contextTokens) refuse('teacher', tooLong(teacher.config, writtenTime))
  return { prompts, rows, writtenTime }
}

const tooLong = ({ contextTokens }: ModelConfig, tokens: number): string =>
  `reads ${contextTokens} tokens; prompt and completion of this run can have ${tokens}. Write shorter completions.`

async function written(
  writer: TextWriter,
  prompts: readonly Prompt[],
  sampling: Parameters<TextWriter['generate']>[1],
): Promise<readonly Row[]> {
  const completions = await writer.generate(prompts, sampling)
  return completions.map(({ ids, promptTokens }) => ({ ids, learnedFrom: promptTokens - 1 }))
}

/** Of texts that the policy wrote. */
function lengths(rows: readonly Row[], { endToken, endTokens = [endToken] }: Tokenizer): MetricValues {
  const ended = rows.filter(({ ids }) => endTokens.includes(ids.at(-1) ?? -1)).length
  return {
    'text/length': (learnedTokens(rows) - ended) / rows.length,
    'text/ended': ended / rows.length,
  }
}

type Speaker = Pick<LanguageModel, 'config' | 'tokenizer'>

/** Why what the teacher says means nothing to the policy. */
function strangers(policy: Speaker | undefined, teacher: Speaker | undefined): readonly FieldProblem[] {
  if (!policy || !teacher || isSameVocabulary(policy.tokenizer, teacher.tokenizer)) return []
  const problem =
    `has other tokens (${teacher.tokenizer.name}) than the policy (${policy.tokenizer.name}): its ` +
    'distributions mean nothing there. Choose a teacher with the same tokenizer, or let it write ' +
    'demonstrations and fine-tune on them.'
  return [{ field: 'teacher', problem }]
}

/** Whether what is written fits what the teacher reads. */
function teacherLength({ maxTokens }: GkdSettings, { models, texts }: Found): readonly FieldProblem[] {
  const { teacher } = models
  const tokens = (texts['prompts']?.promptTokens ?? texts['demonstrations']?.promptTokens ?? 0) + maxTokens
  return teacher && tokens > teacher.config.contextTokens
    ? [{ field: 'teacher', problem: tooLong(teacher.config, tokens) }]
    : []
}

const isWriting = ({ ownShare, otherTexts }: GkdSettings): boolean => ownShare > 0 || otherTexts === 'teacher'

/** Texts that are written at once. */
const writtenRows = 32

export const gkdTrainer = trainer(gkd, {
  start: async (engine, given, settings, resume) => {
    const needsOthers = settings.ownShare < 1 && settings.otherTexts === 'demonstrations'
    const inputs = {
      policy: await given.languageModel('policy'),
      teacher: await given.languageModel('teacher'),
      demonstrations: needsOthers ? given.demonstrations('demonstrations') : [],
      prompts: given.prompts('prompts'),
    }
    return trainGkd(engine, inputs, settings, resume)
  },
  batch: (settings, longest) => ({
    setting: 'batchExamples',
    parts: 'accumulation',
    tokens: longest + (isWriting(settings) ? settings.maxTokens : 0),
    isOfExamples: false,
  }),
  writes: ({ batchExamples, maxTokens }) => ({
    rows: Math.min(writtenRows, batchExamples),
    tokens: maxTokens,
  }),
  // what the teacher says of a whole update
  held: ({ batchExamples, maxTokens }, { vocabulary }, promptTokens) =>
    batchExamples * (promptTokens + maxTokens) * vocabulary * 4,
  checkFound: (settings, found) => [
    ...trainedPartProblems(found.models['policy'], settings),
    ...strangers(found.models['policy'], found.models['teacher']),
    ...(isWriting(settings) ? [...lengthProblems(settings, found), ...teacherLength(settings, found)] : []),
  ],
  smaller: [
    moreParts('accumulation', 'batchExamples'),
    switched('recompute', 'on'),
    fewer('batchExamples'),
    fewer('maxTokens'),
    switched('adapter', 'lora'),
  ],
})
