/** Text writers that draw what two models say together: a mixture, or one within the other's nucleus. */
import type { Engine } from '../../compute/engine'
import type { LanguageModel } from '../model'
import { decodingProgram, readingProgram } from './decoding'
import { writtenBy, type TextWriter } from './generation'
import { maskedBy, mixtureOf, speakerOf, type Speaker } from './speaker'
import type { ReadToken } from './token-round'

type PairWriter = Pick<TextWriter, 'generate' | 'dispose'>

/**
 * Writes with a geometric mixture of two models of one vocabulary, whose weights may change between calls.
 * @param share of the other: with 0 it writes to the letter what the first alone does
 */
export const openMixtureWriter = (
  engine: Engine,
  model: LanguageModel,
  other: LanguageModel,
  share: number,
): PairWriter => openPairWriter(engine, model, other, (ours, theirs) => mixtureOf(ours, theirs, share))

/** Writes what a model says within the nucleus of another of its vocabulary. @param topP share of the nucleus */
export const openMaskedWriter = (
  engine: Engine,
  model: LanguageModel,
  other: LanguageModel,
  topP: number,
): PairWriter => openPairWriter(engine, model, other, (ours, theirs) => maskedBy(ours, theirs, topP))

function openPairWriter(
  engine: Engine,
  model: LanguageModel,
  other: LanguageModel,
  join: (ours: Speaker, theirs: Speaker) => Speaker,
): PairWriter {
  const programs = [model, other].map(({ config }) => ({
    reading: readingProgram(engine, config),
    decoding: decodingProgram(engine, config),
  }))
  const [ours, theirs] = [model, other].map((each, index) => {
    const { reading, decoding } = programs[index] as (typeof programs)[number]
    const read: ReadToken = (batch, into) => decoding.run(each.parameters, batch, into)
    return speakerOf({ model: each, reading, read })
  }) as [Speaker, Speaker]
  return {
    generate: (prompts, sampling, options = {}) =>
      writtenBy({ model, speaker: join(ours, theirs), sampling, options }, prompts),
    dispose: () => programs.flatMap(Object.values).forEach((program) => program.dispose()),
  }
}
