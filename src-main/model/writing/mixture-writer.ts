/** A text writer that draws from a mixture of two models. */
import type { Engine } from '../../compute/engine'
import type { LanguageModel } from '../model'
import { decodingProgram, readingProgram } from './decoding'
import { writtenBy, type TextWriter } from './generation'
import { mixtureOf, speakerOf, type Speaker } from './speaker'
import type { ReadToken } from './token-round'

/**
 * Writes with a geometric mixture of two models of one vocabulary, whose weights may change between calls.
 * @param share of the other: with 0 it writes to the letter what the first alone does
 */
export function openMixtureWriter(
  engine: Engine,
  model: LanguageModel,
  other: LanguageModel,
  share: number,
): Pick<TextWriter, 'generate' | 'dispose'> {
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
      writtenBy({ model, speaker: mixtureOf(ours, theirs, share), sampling, options }, prompts),
    dispose: () => programs.flatMap(Object.values).forEach((program) => program.dispose()),
  }
}
