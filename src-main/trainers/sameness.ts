/** When two examples are the same to the model that reads them: by their token ids. */
import { sameness } from '../../src-shared/prompts'
import type { Completion } from '../../src-shared/records/turn'
import type { Demonstration } from '../data/training-data'
import type { ReadText } from '../model/reading'
import type { Sameness } from './held-out'
import type { PairRows } from './pair-rows'
import type { RankedTexts } from './ranked-texts'
import type { Row } from './rows'

const bytes = new TextDecoder('latin1') // one character a byte: equal for equal ids, and for no others

const keyOf = (ids: Int32Array): string =>
  bytes.decode(new Uint8Array(ids.buffer, ids.byteOffset, ids.byteLength))

/** A prompt of which nothing is read but the token that begins every text is none. */
const promptKey = (ids: Int32Array, tokens: number): string | undefined =>
  tokens > 1 ? keyOf(ids.subarray(0, tokens)) : undefined

export const sameRows: Sameness<Row> = {
  prompt: ({ ids, learnedFrom }) => promptKey(ids, learnedFrom + 1),
  whole: ({ ids }) => keyOf(ids),
}

export const samePairs: Sameness<PairRows> = {
  prompt: ({ chosen }) => sameRows.prompt(chosen),
  whole: ({ chosen, rejected }) => joined([chosen.ids, rejected.ids]),
}

export const sameTexts: Sameness<Pick<ReadText, 'ids' | 'promptTokens'>> = {
  prompt: ({ ids, promptTokens }) => promptKey(ids, promptTokens),
  whole: ({ ids }) => keyOf(ids),
}

export const sameRankings: Sameness<Pick<RankedTexts, 'texts'>> = {
  prompt: ({ texts: [first] }) => first && sameTexts.prompt(first),
  whole: ({ texts }) => joined(texts.map(({ ids }) => ids)),
}

/** Texts before any model reads them. */
export const sameDemonstrations: Sameness<Demonstration> = {
  prompt: ({ prompt }) => (prompt === '' ? undefined : sameness(prompt)),
  whole: ({ prompt, completion }) => JSON.stringify([sameness(prompt), completionKey(completion)]),
}

const completionKey = (completion: Completion): string =>
  typeof completion === 'string' ? completion : sameness({ turns: completion })

/** The length of each before it: no two lists of texts run into one another. */
const joined = (all: readonly Int32Array[]): string =>
  all.map((ids) => `${ids.length}:${keyOf(ids)}`).join('')
