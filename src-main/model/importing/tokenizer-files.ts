/**
 * The tokenizer beside a model's weights: tokenizer.json, or the older files in its place, and what
 * tokenizer_config.json and chat_template.jinja add to it.
 */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { StudioFailure } from '../../../src-shared/result'
import { olderTokenizer } from '../older-tokenizers/older-files'
import { isObject, readJsonObject, readText, type JsonObject } from '../weights/json-file'
import { refuse, refusingFile } from '../weights/refusal'

export interface TokenizerFiles {
  /** tokenizer.json */
  readonly tokenizer: JsonObject
  /** tokenizer_config.json, its chat template included. */
  readonly config: JsonObject
  /** Ids that config.json and generation_config.json name as ends of texts. */
  readonly ends?: readonly number[]
}

/** @param names of the folder's files. @throws StudioFailure `refused-file` */
export async function readTokenizerFiles(path: string, names: readonly string[]): Promise<TokenizerFiles> {
  const files = await readOwnFiles(path, names)
  const ends = await endsIn(path, names)
  return { ...files, ...(ends.length > 0 && { ends }) }
}

const specialTokensFile = 'special_tokens_map.json'

/** Where tokenizer_config.json names no begin, end or padding, older folders have them in a file of their own. */
const specialTokensIn = async (path: string, names: readonly string[]): Promise<JsonObject> =>
  names.includes(specialTokensFile) ? readJsonObject(join(path, specialTokensFile)) : {}

/** `eos_token_id`, a number or a list: generation_config.json goes before config.json, as in transformers. */
async function endsIn(path: string, names: readonly string[]): Promise<readonly number[]> {
  for (const file of ['generation_config.json', 'config.json']) {
    const stated = names.includes(file) ? (await readJsonObject(join(path, file)))['eos_token_id'] : undefined
    const ids = [stated].flat().filter((id): id is number => Number.isSafeInteger(id) && (id as number) >= 0)
    if (ids.length > 0) return ids
  }
  return []
}

async function readOwnFiles(path: string, names: readonly string[]): Promise<TokenizerFiles> {
  const stated = names.includes('tokenizer_config.json')
    ? await readJsonObject(join(path, 'tokenizer_config.json'))
    : {}
  const config = { ...(await specialTokensIn(path, names)), ...stated }
  const { tokenizer, config: assumed } = await readTokenizer(path, names, config)
  const templates = await templatesIn(path, names, config)
  return {
    tokenizer,
    config: { ...assumed, ...config, ...(templates !== undefined && { chat_template: templates }) },
  }
}

async function readTokenizer(
  path: string,
  names: readonly string[],
  config: JsonObject,
): Promise<Omit<TokenizerFiles, 'ends'>> {
  if (names.includes('tokenizer.json'))
    return { tokenizer: await readJsonObject(join(path, 'tokenizer.json')), config: {} }
  const older = await olderTokenizer(path, names, config)
  if (older) return older
  throw new StudioFailure({ kind: 'refused-file', file: 'tokenizer.json', problem: missing(path, names) })
}

/**
 * Templates of their own go before the field of tokenizer_config.json: chat_template.jinja, and one file for each
 * name in additional_chat_templates. Source: Hugging Face transformers, tokenization_utils_base.py,
 * `_from_pretrained`.
 */
async function templatesIn(path: string, names: readonly string[], config: JsonObject): Promise<unknown> {
  const more = names.includes(templateFolder) ? await namedTemplates(join(path, templateFolder)) : []
  if (!names.includes(templateFile)) {
    const field = config['chat_template'] ?? (await templateOfProcessor(path, names))
    if (more.length === 0) return field
    return typeof field === 'string' ? [{ name: 'default', template: field }, ...more] : more
  }
  const template = await refusingFile(join(path, templateFile), () => readText(join(path, templateFile)))
  return more.length === 0 ? template : [{ name: 'default', template }, ...more]
}

/** Models that look at pictures, too, had their template in a file of their processor's. */
async function templateOfProcessor(path: string, names: readonly string[]): Promise<unknown> {
  const file = 'chat_template.json'
  return names.includes(file) ? (await readJsonObject(join(path, file)))['chat_template'] : undefined
}

const templateFile = 'chat_template.jinja'
const templateFolder = 'additional_chat_templates'

async function namedTemplates(folder: string): Promise<readonly JsonObject[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.jinja')).sort()
  return Promise.all(
    files.map(async (file) => ({
      name: file.slice(0, -'.jinja'.length),
      template: await refusingFile(join(folder, file), () => readText(join(folder, file))),
    })),
  )
}

function missing(path: string, names: readonly string[]): string {
  const isConvertible = names.some((name) =>
    /^(tokenizer\.model|vocab\.json|vocab\.txt|spiece\.model)$/.test(name),
  )
  if (!isConvertible) return 'it is missing, and without it the model’s numbers stand for nothing'
  return (
    `it is missing. Make it from the older files of the tokenizer once:\npython -c "from transformers ` +
    `import AutoTokenizer as T; T.from_pretrained(r'${path}').save_pretrained(r'${path}')"`
  )
}

/** @throws WeightsError naming the first token that has no row in the embedding */
export function checkTokenizer({ tokenizer }: TokenizerFiles, vocabulary: number): void {
  const beyond = [...tokensOf(tokenizer)].find(([, id]) => id >= vocabulary)
  if (beyond)
    refuse(
      `its token ${JSON.stringify(beyond[0])} has the id ${beyond[1]}, and the model’s embedding has ` +
        `rows for ids below ${vocabulary} only`,
    )
}

/** Every token and its id. @throws WeightsError when the file does not list them as a tokenizer.json does */
function* tokensOf(tokenizer: JsonObject): Generator<readonly [token: string, id: number]> {
  const { model, added_tokens: added = [] } = tokenizer
  if (!isObject(model)) return refuse('it has no model')
  const { vocab } = model
  if (Array.isArray(vocab))
    for (const [id, entry] of vocab.entries()) yield [String(Array.isArray(entry) ? entry[0] : entry), id]
  else if (isObject(vocab)) for (const [token, id] of Object.entries(vocab)) yield [token, idIn(token, id)]
  else refuse('its model has no vocab')
  if (!Array.isArray(added)) return refuse('its added_tokens are no list')
  for (const each of added)
    yield isObject(each)
      ? [String(each['content']), idIn(String(each['content']), each['id'])]
      : refuse('its added_tokens are not described')
}

const idIn = (token: string, id: unknown): number =>
  Number.isSafeInteger(id) && (id as number) >= 0
    ? (id as number)
    : refuse(`its token ${JSON.stringify(token)} has the id ${JSON.stringify(id)}`)
