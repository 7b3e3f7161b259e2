/** Whether a completion is one of the reference answers of its prompt: 1, else 0. */
import { exact } from '../../src-shared/rewards/exact'
import { wordsOf } from '../maths/texts/words'
import { rewardAgainstReferences, type AgainstReferences } from './references'

export const exactSource = rewardAgainstReferences(exact, ({ match }) => exactness(match))

/** 1 where a completion is one of the references as they are read, else 0. */
export const exactness =
  (match: keyof typeof readings): AgainstReferences =>
  (completion, references) =>
    references.some((each) => readings[match](each) === readings[match](completion)) ? 1 : 0

const readings = {
  strict: (text: string) => text.trim(),
  /** SQuAD's: small letters, no punctuation of ASCII, no articles, one space between words. */
  lenient: (text: string) =>
    wordsOf(
      text
        .toLowerCase()
        .replace(/[!-/:-@[-`{-~]/g, '')
        .replace(/(?<![\p{L}\p{N}_])(?:a|an|the)(?![\p{L}\p{N}_])/gu, ' '),
    ).join(' '),
} as const
