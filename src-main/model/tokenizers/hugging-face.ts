/**
 * Any `tokenizer.json` of Hugging Face, with what `tokenizer_config.json` adds to it: begin and end, and the
 * template of a chat model. Normalising and cutting into pieces are the kept library's (`hugging-face-parts`
 * says where it is held to the original), pieces to ids our own (`hugging-face-model`).
 */
import { beforeTexts } from './added-around'
import { escaped } from './added-tokens'
import { chatTemplateIn } from './chat'
import { decodingOf } from './hugging-face-decoder'
import {
  addedTokensIn,
  namedToken,
  partIn,
  vocabularyIn,
  type AddedToken,
  type Json,
} from './hugging-face-json'
import { kindOf, unknownIdOf } from './hugging-face-model'
import { guardedAgainst, textEncoder } from './hugging-face-text'
import { precededByAll, type Chat, type HuggingFaceDefinition, type Tokenizer } from './tokenizer'

/** @throws Error saying what is wrong with the files, or what in them is not known */
export function huggingFaceTokenizer(definition: HuggingFaceDefinition): Tokenizer {
  try {
    return tried(build(definition))
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError))
      throw error
    throw new Error(`its tokenizer is not described as Hugging Face’s are: ${error.message}`)
  }
}

/** Some parts say only when they are used that they cannot be. */
function tried(tokenizer: Tokenizer): Tokenizer {
  tokenizer.decode(tokenizer.encode('Said 1 of 2: “naïve”.\n'))
  const { chat } = tokenizer
  chat?.encode(chat.template.render({ turns: [{ role: 'user', content: 'Why?' }], opens: true }))
  return tokenizer
}

function build(definition: HuggingFaceDefinition): Tokenizer {
  const { tokenizer, config } = definition
  const model = partIn(tokenizer, 'model')
  if (!model) throw new Error('its tokenizer has no model')
  const added = addedTokensIn(tokenizer)
  const tokens = [...vocabularyIn(model), ...added.map(({ content, id }) => [content, id] as const)]
  const idOf = new Map(tokens)
  const { beginToken, endToken, endTokens } = endsOf(config, idOf, definition.ends ?? [])
  const specialIds = new Set([
    beginToken,
    ...endTokens,
    ...added.filter(({ special }) => special).map(({ id }) => id),
  ])
  const encoderOf = textEncoder(tokenizer, model, { idOf, specialIds })
  const isSpecial = ({ id }: AddedToken): boolean => specialIds.has(id)
  const encode = encoderOf(added.filter((token) => !isSpecial(token)))
  const unknownId = unknownIdOf(model, { idOf })
  const names = namesOf(tokens)
  const decoding = decodingOf(tokenizer, { names, addedIds: new Set(added.map(({ id }) => id)), specialIds })
  return {
    name: `${kindOf(model)} of ${idOf.size.toLocaleString('en')} tokens`,
    vocabulary: names.length,
    beginToken,
    endToken,
    ...(endTokens.length > 1 && { endTokens }),
    encode,
    encodeFirst: firstEncoder(encode, beforeTexts(tokenizer, config, idOf, beginToken), beginToken),
    ...(definition.prompts === 'chat' && { chat: chatOf(config, encoderOf(added), added.filter(isSpecial)) }),
    ...decoding,
    textOf: (id) => (id === endToken ? '⏹' : decoding.textOf(id)),
    knows: (character) => unknownId === undefined || !encode(character).includes(unknownId),
    definition,
  }
}

/** The token of each id; empty where an id has none. */
function namesOf(tokens: readonly (readonly [string, number])[]): readonly string[] {
  const names = Array.from({ length: 1 + tokens.reduce((most, [, id]) => Math.max(most, id), 0) }, () => '')
  for (const [token, id] of tokens) names[id] = token
  return names
}

type Encode = Tokenizer['encode']

/**
 * What is written must follow something: an empty text is the begin token, also of a tokenizer that puts none
 * before its texts.
 */
const firstEncoder =
  (encode: Encode, before: readonly number[], beginToken: number): Encode =>
  (text) => {
    const ids = precededByAll(before, encode(text))
    return ids.length > 0 ? ids : Int32Array.of(beginToken)
  }

/** Only the template's own special tokens count: those that a turn spells out are letters. */
function chatOf(config: Json, encode: Encode, marks: readonly AddedToken[]): Chat {
  const template = chatTemplateIn(config)
  if (!template) throw new Error('its tokenizer has no chat template')
  const ids = new Set(marks.map(({ id }) => id))
  const longestFirst = marks.map(({ content }) => content).sort((a, b) => b.length - a.length)
  const pattern = new RegExp(longestFirst.map(escaped).join('|') || '(?!)', 'gu')
  return {
    template,
    encode,
    guarded: guardedAgainst(marks.map(({ content }) => content)),
    marksIn: (text) => Array.from(text.matchAll(pattern), ({ index }) => index),
    isSpecial: (id) => ids.has(id),
  }
}

/** Names under which begin and end go where no `tokenizer_config.json` says so. */
const usualEnds = ['<|endoftext|>', '</s>', '<|end_of_text|>', '<eos>', '<|im_end|>', '[SEP]']
const usualBegins = ['<s>', '<|begin_of_text|>', '<bos>', '<|endoftext|>', '[CLS]']

function endsOf(
  config: Json,
  idOf: ReadonlyMap<string, number>,
  ends: readonly number[],
): { readonly beginToken: number; readonly endToken: number; readonly endTokens: readonly number[] } {
  const end =
    namedToken(config, 'eos_token') ??
    [...idOf].find(([, id]) => id === ends[0])?.[0] ??
    usualEnds.find((token) => idOf.has(token))
  if (end === undefined)
    throw new Error(
      'its tokenizer does not say which token ends a text: "eos_token" in tokenizer_config.json',
    )
  const begin = namedToken(config, 'bos_token') ?? usualBegins.find((token) => idOf.has(token)) ?? end
  const [endToken, beginToken] = [end, begin].map((token) => {
    const id = idOf.get(token)
    if (id === undefined)
      throw new Error(`its tokenizer has no token ${JSON.stringify(token)}, which begins or ends its texts`)
    return id
  }) as [number, number]
  const endTokens = [...new Set([endToken, ...ends])].filter((id) => id < idOf.size)
  return { beginToken, endToken, endTokens }
}
