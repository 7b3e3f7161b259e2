/**
 * A tokenizer inside a GGUF file: byte-level BPE ("gpt2"), and the BPE of SentencePiece ("llama"), whose merges
 * llama.cpp orders by scores. Source: llama.cpp, src/llama-vocab.cpp; convert_hf_to_gguf.py.
 */
import { cuts } from '../importing/gguf-cuts'
import {
  addedTokensIn,
  isObject,
  partIn,
  vocabularyIn,
  type AddedToken,
} from '../tokenizers/hugging-face-json'
import { beforeTexts } from '../tokenizers/added-around'
import type { Tokenizer } from '../tokenizers/tokenizer'
import type { GgufFields } from '../weights/gguf-writing'
import type { JsonObject } from '../weights/json-file'
import { refuseFormat } from './refuse-format'
import { writtenTokenizer } from './written-tokenizer'

const tokenKinds = { normal: 1, unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 } as const

interface Tokens {
  readonly names: readonly string[]
  readonly kinds: readonly number[]
}

/** @param rows of the embedding, often more than tokens. @throws StudioFailure when llama.cpp has none like it */
export function ggufTokenizer(tokenizer: Tokenizer, rows: number): GgufFields {
  const { tokenizer: file, config } = writtenTokenizer(tokenizer)
  const model = partIn(file, 'model') ?? {}
  const added = addedTokensIn(file)
  const vocabulary = vocabularyIn(model)
  const tokens = tokensOf(vocabulary, added, model, rows)
  const { beginToken, endToken, endTokens = [endToken] } = tokenizer
  const [end = endToken, turn, message] = endTokens
  const idOf = new Map([...vocabulary, ...added.map(({ content, id }) => [content, id] as const)])
  const template = config['chat_template']
  return {
    ...kindOf(file, model, tokens),
    'tokenizer.ggml.tokens': { texts: tokens.names },
    'tokenizer.ggml.token_type': { i32s: tokens.kinds },
    'tokenizer.ggml.bos_token_id': { u32: beginToken },
    'tokenizer.ggml.eos_token_id': { u32: end },
    ...(turn !== undefined && { 'tokenizer.ggml.eot_token_id': { u32: turn } }),
    ...(message !== undefined && { 'tokenizer.ggml.eom_token_id': { u32: message } }),
    'tokenizer.ggml.padding_token_id': { u32: end },
    'tokenizer.ggml.add_bos_token': { flag: beforeTexts(file, config, idOf, beginToken).length > 0 },
    'tokenizer.ggml.add_eos_token': { flag: false },
    ...(typeof template === 'string' && { 'tokenizer.chat_template': { text: template } }),
  }
}

/** Every row of the embedding has a name; those without a token have one that no text holds. */
function tokensOf(
  vocabulary: readonly (readonly [string, number])[],
  added: readonly AddedToken[],
  model: JsonObject,
  rows: number,
): Tokens {
  const names = Array.from({ length: rows }, (_, id) => `[PAD${id}]`)
  const kinds = names.map<number>(() => tokenKinds.unused)
  for (const [token, id] of vocabulary) {
    names[id] = token
    const isByte = model['byte_fallback'] === true && /^<0x[0-9A-F]{2}>$/.test(token)
    kinds[id] = isByte ? tokenKinds.byte : tokenKinds.normal
  }
  for (const { id, content, special } of added) {
    names[id] = content
    kinds[id] = special ? tokenKinds.control : tokenKinds.userDefined
  }
  const unknown = vocabulary.find(([token]) => token === model['unk_token'])
  if (unknown) kinds[unknown[1]] = tokenKinds.unknown
  return { names, kinds }
}

function kindOf(file: JsonObject, model: JsonObject, tokens: Tokens): GgufFields {
  if ((model['type'] ?? 'BPE') !== 'BPE')
    return refuseFormat(`cannot hold a tokenizer of the kind ${String(model['type'])}: llama.cpp has BPE.`)
  const merges = mergesIn(model)
  const cut = cutIn(file, model)
  if (cut !== undefined)
    return {
      'tokenizer.ggml.model': { text: 'gpt2' },
      'tokenizer.ggml.pre': { text: cut },
      'tokenizer.ggml.merges': { texts: merges.map((pair) => pair.join(' ')) },
    }
  const prefix = spacePrefixIn(file)
  if (prefix === undefined || model['byte_fallback'] !== true)
    return refuseFormat('cannot hold this tokenizer: llama.cpp cuts texts in none of its ways as it does.')
  const scores = new Map<string, number>()
  for (const [rank, [left, right]] of merges.entries())
    if (!scores.has(left + right)) scores.set(left + right, -rank)
  return {
    'tokenizer.ggml.model': { text: 'llama' },
    'tokenizer.ggml.pre': { text: 'default' },
    'tokenizer.ggml.scores': { f32s: tokens.names.map((name) => scores.get(name) ?? -merges.length) },
    'tokenizer.ggml.add_space_prefix': { flag: prefix },
  }
}

/** As pairs, or in older files as texts with a space between. */
function mergesIn(model: JsonObject): readonly (readonly [string, string])[] {
  const merges: readonly unknown[] = Array.isArray(model['merges']) ? model['merges'] : []
  return merges.map((merge) => {
    if (Array.isArray(merge)) return [String(merge[0]), String(merge[1])]
    const text = String(merge)
    const space = text.indexOf(' ', 1)
    return [text.slice(0, space), text.slice(space + 1)]
  })
}

/** The name of the way in which a byte-level tokenizer cuts texts; undefined when it is none that is known. */
function cutIn(file: JsonObject, model: JsonObject): string | undefined {
  const wanted = essence(file['pre_tokenizer'])
  const found = Object.entries(cuts).filter(([, { pre_tokenizer }]) => essence(pre_tokenizer) === wanted)
  const [exact] = found.filter(([, { ignoresMerges }]) => ignoresMerges === (model['ignore_merges'] === true))
  return (exact ?? found[0])?.[0]
}

/** What of a pre-tokenizer decides where it cuts. */
function essence(part: unknown): string {
  if (!isObject(part)) return 'null'
  if (part['type'] === 'Sequence' && Array.isArray(part['pretokenizers']))
    return part['pretokenizers'].map(essence).join(' ')
  if (part['type'] === 'ByteLevel')
    return `bytes ${String(part['use_regex'] ?? true)} ${String(part['add_prefix_space'] ?? false)}`
  if (part['type'] === 'Split') return `split ${JSON.stringify(part['pattern'])} ${String(part['behavior'])}`
  if (part['type'] === 'Digits') return `digits ${String(part['individual_digits'])}`
  return JSON.stringify(part)
}

/** Whether a space is put before a text, of a tokenizer that writes spaces as ▁; undefined of others. */
function spacePrefixIn(file: JsonObject): boolean | undefined {
  const [normalizer, cutter] = [listed(file['normalizer'], 'normalizers'), file['pre_tokenizer']]
  if (isObject(cutter) && cutter['type'] === 'Metaspace')
    return (
      (cutter['prepend_scheme'] ?? (cutter['add_prefix_space'] === false ? 'never' : 'first')) !== 'never'
    )
  const replaces = normalizer.some((each) => each['type'] === 'Replace' && each['content'] === '▁')
  const isOther = normalizer.some(({ type }) => type !== 'Replace' && type !== 'Prepend')
  if (!replaces || isOther) return undefined
  return normalizer.some(({ type }) => type === 'Prepend')
}

function listed(part: unknown, name: string): readonly JsonObject[] {
  if (!isObject(part)) return []
  const inside = part[name]
  return Array.isArray(inside) ? inside.filter(isObject) : [part]
}
