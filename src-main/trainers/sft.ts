/**
 * Supervised fine-tuning on demonstrations (Ouyang et al. 2022, §3.5): next-token prediction of good
 * completions.
 *
 * Departures, all on purpose:
 * 1. by default the loss is taken on the completion alone: the prompt is read, not learned;
 * 2. no residual dropout (Ouyang et al. use 0.2): the held-out loss says when to stop;
 * 3. of a conversation all turns of the assistant are learned, or the last alone;
 * 4. a demonstration longer than the context is cut and gets no end token after the cut (as in minRLHF): the
 *    text did not end there;
 * 5. noise on the embeddings, where it is asked for, is smaller the longer a text is, not its padded batch (Jain et
 *    al. 2023 leave that open, their program takes the batch's).
 */
import { distinctPrompts } from '../../src-shared/prompts'
import { sft, type SftSettings } from '../../src-shared/recipes/sft'
import type { Engine, HostTensor } from '../compute/engine'
import type { Demonstration } from '../data/training-data'
import { embeddingNoise } from '../maths/neftune'
import { seeded } from '../maths/random'
import { warmupThenCosine } from '../maths/schedule'
import { copyModel } from '../model/language-model'
import type { LanguageModel } from '../model/model'
import { withPlainForm } from '../model/tokenizers/tokenizer'
import { withDropout } from '../model/layers/projection'
import { splitHeldOut } from './held-out'
import { lookSize, openLook, plainSampling } from './look'
import {
  heldOutLoss,
  inPartsOfLikeLength,
  nextTokenLoss,
  positionsOf,
  rowsOfPart,
  type NextTokenBatch,
  type NextTokenPart,
} from './next-token'
import { optimizerOf, restoreOptimizer, scheduleOf, storedOptimizer } from './optimizer'
import { examplesAt, updatesOf } from './order'
import { planLengths } from './real-lengths'
import { readEach, refuseEmpty, refuseLongPrompts } from './refuse'
import { learnedTokens, longest, rowOf, type CutRow, type Row } from './rows'
import { sameRows } from './sameness'
import { fewer, moreParts, switched } from './smaller'
import { dropped, toTrain, trainedPartProblems } from './trained-part'
import type { Snapshot, TrainerEvent } from './trainer'
import { trainer } from './trainer-row'

/** Prompts whose completions are shown while it trains. */
const shownPrompts = 4

/**
 * @param start          the model it starts from; it is never changed
 * @param demonstrations those of the chosen label: choosing is the caller's
 * @param resume         the last snapshot of a run with the same inputs and settings; its model is trained on
 *   in place
 * @throws StudioFailure when there are no demonstrations, a character is unknown or a prompt fills the
 *   context
 */
export async function* trainSft(
  engine: Engine,
  start: LanguageModel,
  demonstrations: readonly Demonstration[],
  settings: SftSettings,
  resume?: Snapshot,
): AsyncGenerator<TrainerEvent> {
  const model = formed(toTrain(start, settings, 'sft', resume?.model), settings.plainForm)
  const { config, parameters } = model
  const read = readDemonstrations(demonstrations, model, settings.turns)
  const rows =
    settings.trainOn === 'completion' ? read : read.map(({ ids, isCut }) => ({ ids, isCut, learnedFrom: 0 }))
  const { trained, heldOut, notes } = splitHeldOut<Row>(
    rows,
    settings.heldOutFraction,
    settings.seed,
    sameRows,
  )
  const shape = { rows: Math.min(settings.batchExamples, trained.length), time: longest(rows) }
  const parts = settings.accumulation * engine.partsAtOnce(parameters)
  const plan = planLengths(rows.map(positionsOf), { rows: shape.rows, parts }, settings)
  const totalSteps = updatesOf(trained.length, shape.rows, settings.epochs)
  const prompts = distinctPrompts(demonstrations.map((each) => each.prompt)).slice(0, shownPrompts)

  yield { kind: 'plan', totalSteps }
  for (const text of notes) yield { kind: 'log', level: 'info', text }
  const cut = rows.filter((row) => row.isCut).length
  if (cut > 0)
    yield {
      kind: 'log',
      level: 'info',
      text:
        `Longer than ${config.contextTokens} tokens and cut there, without an end token: ${cut} of ` +
        `${rows.length} demonstrations.`,
    }

  const update = engine.trainStep<NextTokenBatch>(
    parameters,
    (weights, batch) => ({ loss: nextTokenLoss(config, withDropout(weights, batch), batch) }),
    optimizerOf(settings),
    { recomputes: settings.recompute === 'on' },
  )
  const held = heldOutLoss(engine, config, heldOut, {
    ...shape,
    rows: rowsOfPart(shape, settings.accumulation),
    lengths: plan.lengths,
  })
  const look = openLook(engine, model, prompts, plainSampling(model, settings.seed))
  try {
    if (resume) restoreOptimizer('model', update, resume.resume)
    for (let step = resume?.resume.step ?? 0; step < totalSteps; step++) {
      const batch = examplesAt(trained, shape.rows, step, settings.seed, settings.epochs)
      const learningRate = warmupThenCosine(step, scheduleOf(settings, totalSteps))
      const { loss, gradientNorm } = await update.update(
        inPartsOfLikeLength(batch, plan).map((each) => ({
          ...each.batch,
          ...noiseOn(each, { ...settings, step, rows: plan.rows, width: config.width }),
          ...dropped(model, { ...each, rows: plan.rows }, settings.seed, step),
        })),
        learningRate,
      )

      const done = step + 1
      const isLook = done % settings.samplesEvery === 0 || done === totalSteps
      yield {
        kind: 'update',
        step: done,
        tokens: learnedTokens(batch),
        values: {
          'loss/train': loss as number,
          'optimizer/learning-rate': learningRate,
          'optimizer/gradient-norm': gradientNorm as number,
          ...(isLook && heldOut.length > 0 ? { 'loss/held-out': await held.measure(parameters) } : {}),
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
  }
}

const formed = (model: LanguageModel, form: SftSettings['plainForm']): LanguageModel =>
  form === 'kept' ? model : { ...model, tokenizer: withPlainForm(model.tokenizer, form) }

/** Noise for the embeddings of a part's texts; none where α is 0. */
function noiseOn(
  { rows: texts, time, first }: NextTokenPart,
  part: Pick<SftSettings, 'embeddingNoise' | 'seed'> & {
    readonly step: number
    readonly rows: number
    readonly width: number
  },
): { readonly noise?: HostTensor } {
  const { embeddingNoise: alpha, seed, step, rows, width } = part
  if (alpha === 0) return {}
  const lengths = texts.map(positionsOf)
  const draws = (row: number) => seeded(seed, 'noise', step, first + row)
  const data = embeddingNoise(lengths, { rows, time, width }, alpha, draws)
  return { noise: { shape: [rows, time, width], data } }
}

function readDemonstrations(
  demonstrations: readonly Demonstration[],
  { config: { contextTokens }, tokenizer }: LanguageModel,
  turns: SftSettings['turns'],
): readonly CutRow[] {
  refuseEmpty('demonstrations', demonstrations, 'demonstrations')
  const rows = readEach('demonstrations', demonstrations, (each) =>
    rowOf(tokenizer, each, contextTokens, turns),
  )
  refuseLongPrompts(
    'demonstrations',
    rows.map(({ learnedFrom }) => learnedFrom),
    contextTokens,
  )
  return rows
}

export const sftTrainer = trainer(sft, {
  start: async (engine, given, settings, resume) =>
    trainSft(
      engine,
      await given.languageModel('policy'),
      given.demonstrations('demonstrations', settings.label),
      settings,
      resume,
    ),
  batch: (_settings, longest) => ({
    setting: 'batchExamples',
    parts: 'accumulation',
    tokens: longest,
    isOfExamples: true,
  }),
  writes: () => lookSize,
  checkFound: (settings, { models: { policy } }) => trainedPartProblems(policy, settings),
  smaller: [
    moreParts('accumulation', 'batchExamples'),
    switched('recompute', 'on'),
    fewer('batchExamples'),
    switched('adapter', 'lora'),
  ],
})
