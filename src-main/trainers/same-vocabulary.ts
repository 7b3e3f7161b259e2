/** Whether a token of one model is the same token to another. */
import type { Tokenizer } from '../model/model'

export const isSameVocabulary = (one: Tokenizer, other: Tokenizer): boolean =>
  one === other ||
  (one.vocabulary === other.vocabulary &&
    one.endToken === other.endToken &&
    JSON.stringify(one.definition) === JSON.stringify(other.definition))
