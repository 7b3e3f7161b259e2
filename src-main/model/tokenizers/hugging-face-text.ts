/**
 * From text to ids, as a `tokenizer.json` says: added tokens are found, the rest is normalised, cut into
 * pieces, and those into ids.
 */
import { Tokenizer as Library } from '@huggingface/tokenizers'
import { addedTokenSplitter, escaped, type Section } from './added-tokens'
import { partIn, type AddedToken, type Json } from './hugging-face-json'
import { pieceEncoder, type Vocabulary } from './hugging-face-model'
import { exactNormalizer, exactPreTokenizer } from './hugging-face-parts'

/** @param tokens added tokens that are found in the text; what looks like another one is text */
export type EncoderOf = (tokens: readonly AddedToken[]) => (text: string) => Int32Array

/** @throws Error when a part is of a kind that the library does not know */
export function textEncoder(tokenizer: Json, model: Json, vocabulary: Vocabulary): EncoderOf {
  const { normalizer, pre_tokenizer: cutter } = new Library(
    {
      ...nothing,
      normalizer: exactNormalizer(partIn(tokenizer, 'normalizer')),
      pre_tokenizer: exactPreTokenizer(partIn(tokenizer, 'pre_tokenizer')),
    },
    {},
  )
  const normalise = (text: string): string => normalizer?.normalize(text) ?? text
  const encodePiece = pieceEncoder(model, vocabulary)
  return (tokens) => {
    const split = addedTokenSplitter(tokens.filter((token) => !token.normalized))
    const splitNormalised = addedTokenSplitter(
      tokens.filter((token) => token.normalized),
      ({ content }) => normalise(content),
    )
    const sectionsOf = (text: string): readonly Section[] =>
      split(text).flatMap((section) =>
        typeof section === 'string' ? splitNormalised(normalise(section.replace(guards, ''))) : [section],
      )
    return (text) => {
      const ids: number[] = []
      for (const [place, section] of sectionsOf(text).entries()) {
        if (typeof section !== 'string') ids.push(section.id)
        else
          for (const piece of cutter?.pre_tokenize(section, { section_index: place }) ?? [section])
            for (const id of encodePiece(piece)) ids.push(id)
      }
      return Int32Array.from(ids)
    }
  }
}

/**
 * Half a character, which no text holds: it keeps apart what would be found as a token, and is gone before
 * the text is read.
 */
const guard = '\uDC00'
const guards = /\uDC00/gu // whole characters have such halves, too: those are not meant

/** Texts in which none of these is found any more, and which are read as they were. */
export function guardedAgainst(contents: readonly string[]): (text: string) => string {
  if (contents.length === 0) return (text) => text
  const pattern = new RegExp(contents.map(escaped).join('|'), 'gu')
  return (text) =>
    text.replace(pattern, (found) => {
      const first = String.fromCodePoint(found.codePointAt(0)!)
      return first + guard + found.slice(first.length)
    })
}

/** A tokenizer of the library with nothing in it: its parts are wanted, one by one. */
export const nothing: Json = {
  added_tokens: [],
  normalizer: null,
  pre_tokenizer: null,
  post_processor: null,
  decoder: null,
  model: { type: 'WordPiece', vocab: {}, unk_token: '', continuing_subword_prefix: '##' },
}
