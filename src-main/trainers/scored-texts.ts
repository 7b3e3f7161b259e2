/** Texts for a reward model that is trained, as it reads them. */
import type { Completion, Prompt } from '../../src-shared/records/turn'
import type { Model } from '../model/model'
import { readText, type ReadText } from '../model/reading'

/** A prompt and its completion as the model reads them. @throws UnknownCharacterError */
export const readScored = (
  { config, tokenizer }: Pick<Model, 'config' | 'tokenizer'>,
  prompt: Prompt,
  completion: Completion,
  readPrompt: boolean,
): ReadText => readText(config, tokenizer, { prompt, completion, hasEnded: true }, readPrompt)

/** Tokens of the longest. */
export const longestText = (texts: readonly ReadText[]): number =>
  texts.reduce((most, { ids }) => Math.max(most, ids.length), 1)
