/**
 * How turns are written for a model without a chat template: one form a row. A form says what stands before
 * each turn's words; the words of an assistant begin where a prompt ends.
 */
import type { PlainFormName } from '../../../src-shared/plain-forms'
import type { Turn } from '../../../src-shared/records/turn'
import { callText } from '../../../src-shared/turn-texts'
import type { Tokenizer } from '../tokenizers/tokenizer'

export interface PlainForm {
  /** What stands before the words of a turn. @param place of the turn, from 0 */
  before(turn: Turn, place: number): string
  /** The words, as the assistant writes them after `opening`. */
  words(turn: Turn): string
  /** Where the assistant speaks. */
  readonly opening: string
}

const capitalised = (role: string): string => `${role.charAt(0).toUpperCase()}${role.slice(1)}`

/** A system at the head stands alone; any other turn is said by someone. */
const isHead = ({ role }: Turn, place: number): boolean => role === 'system' && place === 0

export const plainForms: Readonly<Record<PlainFormName, PlainForm>> = {
  /** hh-rlhf's (Bai et al. 2022). */
  transcript: {
    opening: '\n\nAssistant:',
    before: (turn, place) =>
      isHead(turn, place) ? '' : `\n\n${turn.role === 'user' ? 'Human' : capitalised(turn.role)}: `,
    words: (turn) => ` ${wordsOf(turn)}`,
  },
  /** Alpaca's (Taori et al. 2023), without the sentence at its head: that is the system's. */
  alpaca: {
    opening: '\n\n### Response:\n',
    before: (turn, place) =>
      isHead(turn, place)
        ? ''
        : `${place === 0 ? '' : '\n\n'}### ${turn.role === 'user' ? 'Instruction' : capitalised(turn.role)}:\n`,
    words: (turn) => wordsOf(turn),
  },
  lines: {
    opening: '\nAssistant:',
    before: (turn, place) =>
      isHead(turn, place) ? '' : `${place === 0 ? '' : '\n'}${capitalised(turn.role)}: `,
    words: (turn) => ` ${wordsOf(turn)}`,
  },
}

/** The form that a model keeps; hh-rlhf's where it keeps none. */
export const formOf = ({ plainForm = 'transcript' }: Pick<Tokenizer, 'plainForm'>): PlainForm =>
  plainForms[plainForm]

/** What a turn says and calls: thoughts are not said. */
export const wordsOf = ({ content, toolCalls = [] }: Turn): string =>
  [content, ...toolCalls.map(callText)].filter((text) => text !== '').join('\n')
