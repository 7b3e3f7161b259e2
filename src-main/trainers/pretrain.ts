/**
 * Pretraining: next-token prediction from random weights (Radford et al. 2018, Eq. 1; sizes, initialisation
 * and optimizer as in minGPT).
 *
 * Departures, all on purpose:
 * 1. rows are packed with whole texts (best fit) instead of one padded text a row: two thirds more tokens in
 *    the same time;
 * 2. the step size warms up and falls along a cosine (as in nanoGPT); minGPT and minRLHF keep it constant;
 * 3. no dropout unless it is asked for: no text is read more than a few times;
 * 4. a tokenizer of characters has those of the texts and all of printable ASCII, so that later datasets can
 *    be read too.
 */
import type { Prompt } from '../../src-shared/records/turn'
import { distinctPrompts } from '../../src-shared/prompts'
import { StudioFailure } from '../../src-shared/result'
import { pretrain as recipe, pretrainFields, type PretrainSettings } from '../../src-shared/recipes/pretrain'
import type { Batch, Engine } from '../compute/engine'
import { seeded } from '../maths/random'
import { warmupThenCosine } from '../maths/schedule'
import { drawChance, withChance } from '../model/layers/dropout'
import { copyModel, createLanguageModel } from '../model/language-model'
import { plainText, promptIdsOf } from '../model/rendering'
import type { LanguageModel, Tokenizer } from '../model/model'
import { configOf, likelyVocabulary, pretrainProblems } from '../model/new-model'
import { byteTokenizer } from '../model/tokenizers/byte'
import { trainCharacterTokenizer } from '../model/tokenizers/character'
import { gpt2Tokenizer } from '../model/tokenizers/gpt2'
import { trainBpeTokenizer } from '../model/tokenizers/train-bpe'
import { openExactMatch } from './exact-match'
import { lookSize, openLook, plainSampling } from './look'
import { heldOutLoss, inParts, nextTokenLoss, rowsOfPart, type NextTokenBatch } from './next-token'
import { optimizerOf, restoreOptimizer, scheduleOf, storedOptimizer } from './optimizer'
import { layOut } from './pretrain-rows'
import { refuse, refuseEmpty, refuseLongPrompts } from './refuse'
import { learnedTokens } from './rows'
import type { Demonstration } from '../data/training-data'
import { fewer, lowered, moreParts, switched, type Smaller } from './smaller'
import type { Snapshot, TrainerEvent } from './trainer'
import { trainer } from './trainer-row'

/**
 * Space to tilde, and the line break that ends many a prompt: what English is written in, whether or not the
 * texts use all of it.
 */
const printableAscii = `${Array.from({ length: 95 }, (_, index) => String.fromCodePoint(32 + index)).join('')}\n`

/** Different held-out prompts that are shown while it learns to complete them. */
const shownPrompts = 4

/**
 * @param texts  what it reads, a text being the completion of an empty prompt
 * @param resume the last snapshot of a run with the same texts and settings; its model is trained on in place
 * @throws StudioFailure when there are no texts, a prompt fills the context or settings do not go together
 */
export async function* pretrain(
  engine: Engine,
  texts: readonly Demonstration[],
  settings: PretrainSettings,
  resume?: Snapshot,
): AsyncGenerator<TrainerEvent> {
  check(texts, settings)
  const model = (resume?.model as LanguageModel | undefined) ?? newModel(texts, settings)
  if (settings.exactMatch === 'on' || settings.trainOn === 'completion')
    refuseLongPrompts(
      'texts',
      texts.map(({ prompt }) => promptIdsOf(model.tokenizer, prompt).length - 1),
      settings.contextTokens,
    )
  const { rowsAt, heldOut, heldOutTexts, cut, notes } = layOut(texts, model.tokenizer, settings)
  const shape = { rows: settings.batchRows, time: settings.contextTokens }
  const parts = settings.accumulation * engine.partsAtOnce(model.parameters)
  const part = { ...shape, rows: rowsOfPart(shape, parts) }

  yield { kind: 'plan', totalSteps: settings.updates }
  for (const text of notes) yield { kind: 'log', level: 'info', text }
  if (cut > 0)
    yield {
      kind: 'log',
      level: 'info',
      text:
        `Longer than ${shape.time} tokens and cut there, without an end token: ${cut} of ${texts.length} ` +
        'texts.',
    }

  const update = engine.trainStep<NextTokenBatch>(
    model.parameters,
    (weights, batch) => ({ loss: nextTokenLoss(model.config, withChance(weights, batch), batch) }),
    optimizerOf(settings),
    { recomputes: settings.recompute === 'on' },
  )
  const chance = (step: number, index: number): Batch =>
    settings.dropout > 0
      ? drawChance(model.config, { ...part, first: index * part.rows }, settings.dropout, (row = -1) =>
          seeded(settings.seed, 'dropout', step, row),
        )
      : {}
  const held = heldOutLoss(engine, model.config, heldOut, {
    ...shape,
    rows: rowsOfPart(shape, settings.accumulation),
  })
  const look = openLook(
    engine,
    model,
    settings.trainOn === 'completion' ? promptsOf(heldOutTexts) : [''],
    plainSampling(model, settings.seed),
  )
  const exact = settings.exactMatch === 'on' ? openExactMatch(engine, model, heldOutTexts) : undefined
  try {
    if (resume) restoreOptimizer('model', update, resume.resume)
    for (let step = resume?.resume.step ?? 0; step < settings.updates; step++) {
      const rows = rowsAt(step)
      const learningRate = warmupThenCosine(step, scheduleOf(settings, settings.updates))
      const { loss, gradientNorm } = await update.update(
        inParts(rows, shape, parts).map((each, index) => ({ ...each, ...chance(step, index) })),
        learningRate,
      )

      const done = step + 1
      const isLook = done % settings.samplesEvery === 0 || done === settings.updates
      yield {
        kind: 'update',
        step: done,
        tokens: learnedTokens(rows),
        values: {
          'loss/train': loss as number,
          'optimizer/learning-rate': learningRate,
          'optimizer/gradient-norm': gradientNorm as number,
          ...(isLook && heldOut.length > 0 ? { 'loss/held-out': await held.measure(model.parameters) } : {}),
          ...(isLook && exact ? { 'accuracy/exact': await exact.measure() } : {}),
        },
        snapshot: () => ({
          model: copyModel(model),
          resume: { step: done, ...storedOptimizer('model', update) },
        }),
      }
      if (isLook) yield { kind: 'samples', step: done, samples: await look.take() }
    }
  } finally {
    update.dispose()
    held.dispose()
    look.dispose()
    exact?.dispose()
  }
}

function check(texts: readonly Demonstration[], settings: PretrainSettings): void {
  refuseEmpty('texts', texts, 'texts')
  const problems = pretrainProblems(settings)
  if (problems.length > 0) throw new StudioFailure({ kind: 'refused-settings', problems })
  if (settings.exactMatch === 'on' && (settings.heldOutFraction === 0 || texts.length < 2))
    refuse('exactMatch', 'needs held-out texts: raise the held-out fraction')
}

const promptsOf = (texts: readonly Demonstration[]): readonly Prompt[] =>
  texts.length === 0 ? [''] : distinctPrompts(texts.map(({ prompt }) => prompt)).slice(0, shownPrompts)

function newModel(texts: readonly Demonstration[], settings: PretrainSettings): LanguageModel {
  const tokenizer = tokenizerFor(
    texts.map(({ prompt, completion }) => plainText(prompt, completion)),
    settings,
  )
  return createLanguageModel(
    configOf(settings, tokenizer.vocabulary),
    tokenizer,
    seeded(settings.seed, 'weights'),
  )
}

function tokenizerFor(texts: readonly string[], { tokenizer, vocabulary }: PretrainSettings): Tokenizer {
  switch (tokenizer) {
    case 'character':
      return trainCharacterTokenizer([...texts, printableAscii])
    case 'byte':
      return byteTokenizer
    case 'bpe':
      return trainBpeTokenizer(texts, { vocabulary })
    case 'gpt2':
      return gpt2Tokenizer()
  }
}

/** A smaller model needs less of everything. */
const fewerLayers: Smaller = {
  field: 'layers',
  value: ({ layers }, { whole }) => lowered(Number(layers), whole),
}
/** Its parameters grow with the square of its width, of which each head has an even part. */
const narrower: Smaller = {
  field: 'width',
  value: ({ width, heads }, { whole }) =>
    lowered(Number(width), Math.sqrt(whole), {
      least: Math.max(pretrainFields.width.min, 2 * Number(heads)),
      step: 2 * Number(heads),
    }),
}

export const pretrainTrainer = trainer(recipe, {
  start: async (engine, given, settings, resume) =>
    pretrain(engine, given.demonstrations('texts'), settings, resume),
  batch: ({ contextTokens }) => ({
    setting: 'batchRows',
    parts: 'accumulation',
    tokens: contextTokens,
    isOfExamples: false,
  }),
  writes: () => lookSize,
  newModel: (settings, characters) => configOf(settings, likelyVocabulary(settings, characters)),
  checkSettings: pretrainProblems,
  smaller: [
    moreParts('accumulation', 'batchRows'),
    switched('recompute', 'on'),
    fewer('batchRows'),
    fewer('contextTokens', pretrainFields.contextTokens.min),
    fewerLayers,
    narrower,
  ],
})
