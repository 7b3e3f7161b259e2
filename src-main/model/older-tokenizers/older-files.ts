/**
 * The tokenizer of a folder that has no tokenizer.json, out of its older files: `tokenizer.model` of SentencePiece, or
 * `vocab.json` with `merges.txt`; and the tokens that stand beside them in `added_tokens.json` and
 * tokenizer_config.json.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isObject, readJsonObject, readText, type JsonObject } from '../weights/json-file'
import { refuse, refusingFile } from '../weights/refusal'
import { isCutHere, mergesTokenizer } from './merges-tokenizer'
import { sentencePieceModel, type SentencePieceModel } from './sentencepiece-file'
import { sentencePieceTokenizer } from './sentencepiece-tokenizer'

export interface OlderTokenizer {
  readonly tokenizer: JsonObject
  /** What tokenizer_config.json does not say and transformers takes for granted. */
  readonly config: JsonObject
}

/** SentencePiece's own ids, not moved by as many as other tokens stand before them. */
const unmoved =
  /^(Code)?(Llama|Gemma|T5|Albert|Baichuan|InternLM2?|MiniCPM|PreTrained)Tokenizer|^(Tokenizers|SentencePiece)Backend$/
/** Their texts begin with a token. */
const beginning = /^(Code)?(Llama|Gemma|Baichuan|InternLM2?|MiniCPM)Tokenizer/
const pieces = ['tokenizer.model', 'spiece.model']

/** @returns undefined where there are none that are read. @throws StudioFailure `refused-file` */
export async function olderTokenizer(
  path: string,
  names: readonly string[],
  config: JsonObject,
): Promise<OlderTokenizer | undefined> {
  const found = await readOlder(path, names, config)
  if (!found) return undefined
  const vocabulary = vocabularyOf(found.tokenizer)
  const added = await addedBeside(path, names, { ...found.config, ...config }, vocabulary)
  const first = found.tokenizer['added_tokens'] as readonly JsonObject[]
  // some list the model's own begin and end again, without saying what they are
  const isSpecial = (id: unknown): boolean =>
    first.some((each) => each['id'] === id && each['special'] === true)
  const own = first.filter(({ id }) => !added.some((each) => each['id'] === id))
  return {
    ...found,
    tokenizer: {
      ...found.tokenizer,
      added_tokens: [
        ...own,
        ...added.map((each) => (isSpecial(each['id']) ? { ...each, special: true } : each)),
      ],
    },
  }
}

async function readOlder(
  path: string,
  names: readonly string[],
  config: JsonObject,
): Promise<OlderTokenizer | undefined> {
  const className = String(config['tokenizer_class'] ?? 'PreTrainedTokenizer')
  const file = pieces.find((name) => names.includes(name))
  if (file !== undefined && unmoved.test(className))
    return refusingFile(join(path, file), async () => {
      const model = sentencePieceModel(await readFile(join(path, file)))
      return { tokenizer: sentencePieceTokenizer(model, config), config: endsOf(model, config) }
    })
  const isWhole = names.includes('vocab.json') && names.includes('merges.txt')
  if (!isWhole || !isCutHere(className)) return undefined
  const vocabulary = await readJsonObject(join(path, 'vocab.json'))
  return refusingFile(join(path, 'merges.txt'), async () => ({
    tokenizer: mergesTokenizer(vocabulary, await readText(join(path, 'merges.txt')), config),
    config: {},
  }))
}

/** As the model numbers them, where tokenizer_config.json does not name them. */
function endsOf({ pieces: all, begin, end, unknown }: SentencePieceModel, config: JsonObject): JsonObject {
  const named = (name: string, id: number): JsonObject => {
    const token = all[id]?.piece
    return token === undefined ? {} : { [name]: token }
  }
  const className = config['tokenizer_class']
  const begins = typeof className !== 'string' || beginning.test(className)
  return {
    ...named('bos_token', begin),
    ...named('eos_token', end),
    ...named('unk_token', unknown),
    ...(begins && begin >= 0 && { add_bos_token: true }),
  }
}

function vocabularyOf({ model }: JsonObject): ReadonlyMap<string, number> {
  const vocab = isObject(model) ? model['vocab'] : undefined
  if (Array.isArray(vocab))
    return new Map(vocab.map((entry: readonly [string, number], id) => [entry[0], id]))
  return new Map(Object.entries(isObject(vocab) ? vocab : {}) as [string, number][])
}

const plain = { single_word: false, lstrip: false, rstrip: false, normalized: false }

/** Tokens that these files add, described or by their ids alone, and those that are named as special ones. */
async function addedBeside(
  path: string,
  names: readonly string[],
  config: JsonObject,
  vocabulary: ReadonlyMap<string, number>,
): Promise<readonly JsonObject[]> {
  const byId = new Map<number, JsonObject>()
  if (names.includes('added_tokens.json'))
    for (const [content, id] of Object.entries(await readJsonObject(join(path, 'added_tokens.json'))))
      byId.set(idIn(content, id), { id, content, ...plain, special: false })
  const listed = isObject(config['added_tokens_decoder']) ? config['added_tokens_decoder'] : {}
  for (const [id, token] of Object.entries(listed))
    if (isObject(token)) byId.set(Number(id), { ...plain, ...token, id: Number(id) })
  const ids = new Map([
    ...vocabulary,
    ...[...byId].map(([id, each]) => [String(each['content']), id] as const),
  ])
  for (const content of specialNames(config)) {
    const id = ids.get(content)
    if (id !== undefined) byId.set(id, { content, ...plain, ...byId.get(id), id, special: true })
  }
  return [...byId.values()].toSorted((one, other) => Number(one['id']) - Number(other['id']))
}

function specialNames(config: JsonObject): readonly string[] {
  const single = ['bos', 'eos', 'unk', 'pad', 'sep', 'cls', 'mask'].map((name) => config[`${name}_token`])
  const more: unknown = config['additional_special_tokens']
  return [...single, ...(Array.isArray(more) ? (more as readonly unknown[]) : [])].flatMap((token) => {
    const content = isObject(token) ? token['content'] : token
    return typeof content === 'string' && content !== '' ? [content] : []
  })
}

const idIn = (content: string, id: unknown): number =>
  Number.isSafeInteger(id) && (id as number) >= 0
    ? (id as number)
    : refuse(`its added token ${JSON.stringify(content)} has no id`)
