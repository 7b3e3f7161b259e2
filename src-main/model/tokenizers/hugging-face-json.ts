/** What is read of a `tokenizer.json` and a `tokenizer_config.json`, checked as far as it is used here. */

export type Json = Readonly<Record<string, unknown>>

/** A token that is found in texts before they are cut into pieces. */
export interface AddedToken {
  readonly id: number
  readonly content: string
  /** Stands for no text: begin, end, whose turn it is. */
  readonly special: boolean
  /** Looked for after the text is normalised. */
  readonly normalized: boolean
  /** Counts only where no letter or digit stands beside it. */
  readonly singleWord: boolean
  /** Takes the white space before it, or after it. */
  readonly lstrip: boolean
  readonly rstrip: boolean
}

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** @throws Error when it is there and no object */
export function partIn(tokenizer: Json, name: string): Json | undefined {
  const part = tokenizer[name]
  if (part === undefined || part === null) return undefined
  if (!isObject(part)) throw new Error(`the "${name}" of its tokenizer is not described`)
  return part
}

/** @throws Error naming the place of one that is not described */
export function addedTokensIn(tokenizer: Json): readonly AddedToken[] {
  const listed = tokenizer['added_tokens'] ?? []
  if (!Array.isArray(listed)) throw new Error('the "added_tokens" of its tokenizer are no list')
  return listed.map((each: unknown, place) => {
    if (!isObject(each) || typeof each['content'] !== 'string' || each['content'] === '' || !isId(each['id']))
      throw new Error(`added token ${place + 1} of its tokenizer has no content or no id`)
    const special = each['special'] === true
    return {
      id: each['id'],
      content: each['content'],
      special,
      normalized: (each['normalized'] ?? !special) === true,
      singleWord: each['single_word'] === true,
      lstrip: each['lstrip'] === true,
      rstrip: each['rstrip'] === true,
    }
  })
}

/**
 * Tokens and their ids: of a vocabulary that names them, or of one that lists them with their scores, where
 * one may stand twice.
 * @throws Error
 */
export function vocabularyIn(model: Json): readonly (readonly [token: string, id: number])[] {
  const { vocab } = model
  const entries: readonly (readonly [unknown, unknown])[] = Array.isArray(vocab)
    ? vocab.map((entry: unknown, id) => [Array.isArray(entry) ? entry[0] : entry, id])
    : Object.entries(isObject(vocab) ? vocab : {})
  if (entries.length === 0) throw new Error('its tokenizer has no vocabulary')
  for (const [token, id] of entries)
    if (typeof token !== 'string' || !isId(id))
      throw new Error(`the token ${JSON.stringify(token)} of its tokenizer has no id`)
  return entries as [string, number][]
}

/** A special token that `tokenizer_config.json` names, as text or described. */
export function namedToken(config: Json, name: string): string | undefined {
  const token = config[name]
  const content = isObject(token) ? token['content'] : token
  return typeof content === 'string' && content !== '' ? content : undefined
}

/** Ids are below 2²¹: pairs of them are put into one number. */
const isId = (id: unknown): id is number =>
  Number.isSafeInteger(id) && (id as number) >= 0 && (id as number) < 2 ** 21
