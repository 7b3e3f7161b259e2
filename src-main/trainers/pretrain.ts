/**
 * Pretraining: next-token prediction from random weights (Radford et al. 2018, Eq. 1; sizes, initialisation and optimizer as in minGPT).
 *
 * Departures, all on purpose:
 * 1. rows are packed with whole texts (best fit) instead of one padded text a row: two thirds more tokens in the same time;
 * 2. the step size warms up and falls along a cosine (as in nanoGPT); minGPT and minRLHF keep it constant;
 * 3. no dropout: no text is read more than a few times;
 * 4. a tokenizer of characters has those of the texts and all of printable ASCII, so that later datasets can be read too.
 */
import type { Engine } from '../compute/engine'
import { seeded, shuffled } from '../maths/random'
import { warmupThenCosine } from '../maths/schedule'
import type { PretrainSettings } from '../../src-shared/recipes/pretrain'
import { copyModel, createLanguageModel } from '../model/language-model'
import type { GptConfig, LanguageModel, Tokenizer } from '../model/model'
import { byteTokenizer } from '../model/tokenizers/byte'
import { trainCharacterTokenizer } from '../model/tokenizers/character'
import { gpt2Tokenizer } from '../model/tokenizers/gpt2'
import { trainBpeTokenizer } from '../model/tokenizers/train-bpe'
import { splitHeldOut } from './held-out'
import { openLook, plainSampling } from './look'
import { heldOutLoss, nextTokenLoss } from './next-token'
import { optimizerOf, restoreOptimizer, scheduleOf, storedOptimizer } from './optimizer'
import { placesOf } from './order'
import { pack } from './packing'
import { refuse, refuseEmpty } from './refuse'
import { collate, learnedTokens, rowOf, type Row } from './rows'
import type { Snapshot, TrainerEvent } from './trainer'

/** Space to tilde, and the line break that ends many a prompt: what English is written in, whether or not the texts use all of it. */
const printableAscii = `${Array.from({ length: 95 }, (_, place) => String.fromCodePoint(32 + place)).join('')}\n`

/**
 * @param texts  what it reads; longer ones than the context are cut
 * @param resume the last snapshot of a run with the same texts and settings; its model is trained on in place
 * @throws StudioFailure when there are no texts, or heads do not divide the width
 */
export async function* pretrain(engine: Engine, texts: readonly string[], settings: PretrainSettings, resume?: Snapshot): AsyncGenerator<TrainerEvent> {
  refuseEmpty('texts', texts, 'texts')
  if (settings.width % settings.heads !== 0) refuse('heads', `must divide the width: ${settings.width} channels cannot be split over ${settings.heads} heads`)
  const model = (resume?.model as LanguageModel | undefined) ?? newModel(texts, settings)
  const time = settings.contextTokens
  const { trained, heldOut, cut } = layOut(texts, model.tokenizer, settings)
  const shape = { rows: settings.batchRows, time }

  yield { kind: 'plan', totalSteps: settings.updates }
  if (cut > 0) yield { kind: 'log', level: 'info', text: `Longer than ${time} tokens and cut there, without an end token: ${cut} of ${texts.length} texts.` }

  const update = engine.trainStep(model.parameters, (weights, batch) => ({ loss: nextTokenLoss(model.config, weights, batch) }), optimizerOf(settings))
  const held = heldOutLoss(engine, model.config, heldOut, shape)
  const look = openLook(engine, model, [''], plainSampling(model, settings.seed))
  try {
    if (resume) restoreOptimizer('model', update, resume.resume)
    for (let step = resume?.resume.step ?? 0; step < settings.updates; step++) {
      const rows = placesOf(trained.length, settings.batchRows, step, settings.seed).map((place) => trained[place] as Row)
      const learningRate = warmupThenCosine(step, scheduleOf(settings, settings.updates))
      const { loss, gradientNorm } = await update.update(collate(rows, settings.batchRows, time), learningRate)

      const done = step + 1
      const isLook = done % settings.samplesEvery === 0 || done === settings.updates
      yield {
        kind: 'update', step: done, tokens: learnedTokens(rows),
        values: {
          'loss/train': loss as number, 'optimizer/learning-rate': learningRate, 'optimizer/gradient-norm': gradientNorm as number,
          ...(isLook && heldOut.length > 0 ? { 'loss/held-out': await held.measure(model.parameters) } : {}),
        },
        snapshot: () => ({ model: copyModel(model), resume: { step: done, ...storedOptimizer('model', update) } }),
      }
      if (isLook) yield { kind: 'samples', step: done, samples: await look.take() }
    }
  } finally {
    update.dispose()
    held.dispose()
    look.dispose()
  }
}

function newModel(texts: readonly string[], settings: PretrainSettings): LanguageModel {
  const { layers, heads, width, contextTokens, seed } = settings
  const tokenizer = tokenizerFor(texts, settings)
  const config: GptConfig = { architecture: 'gpt', layers, heads, width, contextTokens, vocabulary: tokenizer.vocabulary, isTied: true }
  return createLanguageModel(config, tokenizer, seeded(seed, 'weights'))
}

function tokenizerFor(texts: readonly string[], { tokenizer, vocabulary }: PretrainSettings): Tokenizer {
  switch (tokenizer) {
    case 'character': return trainCharacterTokenizer([...texts, printableAscii])
    case 'byte': return byteTokenizer
    case 'bpe': return trainBpeTokenizer(texts, { vocabulary })
    case 'gpt2': return gpt2Tokenizer()
  }
}

/** Texts as rows of the context's length. Held-out texts are set aside before packing: no row holds both. */
function layOut(texts: readonly string[], tokenizer: Tokenizer, { contextTokens, packing, heldOutFraction, seed }: PretrainSettings): { readonly trained: readonly Row[]; readonly heldOut: readonly Row[]; readonly cut: number } {
  const rows = texts.map((text) => rowOf(tokenizer, '', text, contextTokens))
  const cut = rows.filter((row) => row.isCut).length
  const split = splitHeldOut<Row>(rows, heldOutFraction, seed)
  if (packing === 'one-text-a-row') return { ...split, cut }
  const mixed = Array.from(shuffled(split.trained.length, seeded(seed, 'packing')), (place) => split.trained[place] as Row)
  return { trained: pack(mixed, contextTokens), heldOut: pack(split.heldOut, contextTokens), cut }
}
