/**
 * Tokens that were added to a tokenizer and never to its model: many folders have a padding token, or marks that
 * nothing uses, with an id behind the last row of the embedding. They are left out: where a text has them, they are
 * text.
 */
import { isObject, type JsonObject } from '../weights/json-file'
import { checkTokenizer, type TokenizerFiles } from './tokenizer-files'

export interface WithinRows {
  readonly tokenizer: TokenizerFiles
  /** What was left out, by its text. */
  readonly rowless: readonly string[]
}

/** @throws WeightsError for a token without a row that its vocabulary, its template or its begin or end needs */
export function withinRows(files: TokenizerFiles, rows: number): WithinRows {
  const added: unknown = files.tokenizer['added_tokens']
  const list = Array.isArray(added) ? (added as readonly unknown[]) : []
  const tokens = list.filter((each): each is JsonObject => isObject(each))
  const beyond = tokens.filter(({ id }) => typeof id === 'number' && id >= rows)
  const rowless = beyond.map(({ content }) => String(content))
  if (rowless.length === 0 || rowless.some((token) => isNeeded(token, files))) {
    checkTokenizer(files, rows)
    return { tokenizer: files, rowless: [] }
  }
  const tokenizer = {
    ...files,
    tokenizer: { ...files.tokenizer, added_tokens: tokens.filter((each) => !beyond.includes(each)) },
    config: withoutTokens(files.config, rowless),
  }
  checkTokenizer(tokenizer, rows)
  return { tokenizer, rowless }
}

/** Names whose token a model reads or ends with; padding is masked wherever it stands. */
const needed = ['bos_token', 'eos_token', 'unk_token'] as const

function isNeeded(token: string, { tokenizer, config, ends = [] }: TokenizerFiles): boolean {
  const { model, post_processor: processor } = tokenizer
  const vocab = isObject(model) ? model['vocab'] : undefined
  const isInVocabulary = isObject(vocab) && Object.hasOwn(vocab, token)
  const id = idOf(token, tokenizer)
  return (
    isInVocabulary ||
    needed.some((name) => textOf(config[name]) === token) ||
    (id !== undefined && ends.includes(id)) ||
    [config['chat_template'], processor].some((each) => isSaidIn(token, each))
  )
}

const isSaidIn = (token: string, value: unknown): boolean =>
  typeof value === 'string'
    ? value.includes(token)
    : Array.isArray(value)
      ? value.some((each) => isSaidIn(token, each))
      : isObject(value) && Object.entries(value).some((pair) => isSaidIn(token, pair))

function idOf(token: string, { added_tokens: added }: JsonObject): number | undefined {
  const found = Array.isArray(added)
    ? added.find((each) => isObject(each) && each['content'] === token)
    : undefined
  const id: unknown = isObject(found) ? found['id'] : undefined
  return typeof id === 'number' ? id : undefined
}

const textOf = (token: unknown): unknown => (isObject(token) ? token['content'] : token)

/** Wherever tokenizer_config.json names them. */
function withoutTokens(config: JsonObject, rowless: readonly string[]): JsonObject {
  const isGone = (token: unknown): boolean => rowless.includes(String(textOf(token)))
  const kept = Object.entries(config).flatMap(([name, value]): readonly [string, unknown][] => {
    if (name === 'added_tokens_decoder' && isObject(value))
      return [[name, Object.fromEntries(Object.entries(value).filter(([, token]) => !isGone(token)))]]
    if (name.endsWith('_token') && isGone(value)) return []
    return [
      [
        name,
        Array.isArray(value) && name !== 'chat_template' ? value.filter((each) => !isGone(each)) : value,
      ],
    ]
  })
  return Object.fromEntries(kept)
}
