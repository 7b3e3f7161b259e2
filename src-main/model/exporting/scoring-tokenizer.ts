/**
 * The tokenizer of a reward model for other libraries, which find the end of a text by its padding: a pad token of
 * its own, and an end token after every text, as the studio reads texts that have ended.
 */
import { beforeTexts } from '../tokenizers/added-around'
import { addedTokensIn, namedToken, vocabularyIn, partIn } from '../tokenizers/hugging-face-json'
import type { TokenizerFiles } from '../importing/tokenizer-files'
import type { Model } from '../model'
import type { JsonObject } from '../weights/json-file'
import { writtenTokenizer } from './written-tokenizer'

export interface ScoringTokenizer {
  readonly files: TokenizerFiles
  readonly padToken: number
}

/** @throws StudioFailure when there is no such file for its tokenizer */
export function scoringTokenizer({ tokenizer, config: { vocabulary } }: Model): ScoringTokenizer {
  const { tokenizer: file, config } = writtenTokenizer(tokenizer)
  const { beginToken, endToken } = tokenizer
  const tokens = [
    ...vocabularyIn(partIn(file, 'model') ?? {}),
    ...addedTokensIn(file).map(({ content, id }) => [content, id] as const),
  ]
  const [idOf, nameOf] = [new Map(tokens), new Map(tokens.map(([name, id]) => [id, name]))]
  const stated = namedToken(config, 'pad_token')
  const statedId = stated === undefined ? undefined : idOf.get(stated)
  const isOwn = statedId !== undefined && statedId !== endToken && statedId !== beginToken
  const padToken = isOwn ? statedId : firstFree(nameOf, vocabulary)
  const pad = isOwn ? stated! : freeName(idOf)
  const before = beforeTexts(file, config, idOf, beginToken)
  const around = { before, end: endToken, nameOf }
  return {
    padToken,
    files: {
      tokenizer: {
        ...file,
        added_tokens: isOwn
          ? file['added_tokens']
          : [...listIn(file, 'added_tokens'), special(pad, padToken)],
        post_processor: template(around),
      },
      config: {
        ...config,
        pad_token: pad,
        padding_side: 'right',
        ...(typeof config['add_bos_token'] === 'boolean' && { add_eos_token: true }),
      },
    },
  }
}

/** Embeddings are often a little larger than their tokenizer: the first row that is no token, or a new one. */
function firstFree(nameOf: ReadonlyMap<number, string>, vocabulary: number): number {
  for (let id = 0; id < vocabulary; id++) if (!nameOf.has(id)) return id
  return vocabulary
}

const freeName = (idOf: ReadonlyMap<string, number>): string =>
  idOf.has('<|pad|>') ? '<|padding of scores|>' : '<|pad|>'

const listIn = (file: JsonObject, name: string): readonly unknown[] =>
  Array.isArray(file[name]) ? (file[name] as unknown[]) : []

const special = (content: string, id: number): JsonObject => ({
  id,
  content,
  single_word: false,
  lstrip: false,
  rstrip: false,
  normalized: false,
  special: true,
})

interface Around {
  readonly before: readonly number[]
  readonly end: number
  readonly nameOf: ReadonlyMap<number, string>
}

function template({ before, end, nameOf }: Around): JsonObject {
  const token = (id: number): JsonObject => ({ SpecialToken: { id: nameOf.get(id), type_id: 0 } })
  const text = (id: 'A' | 'B', type_id: number): JsonObject => ({ Sequence: { id, type_id } })
  const first = [...before.map(token), text('A', 0)]
  return {
    type: 'TemplateProcessing',
    single: [...first, token(end)],
    pair: [...first, text('B', 1), token(end)],
    special_tokens: Object.fromEntries(
      [...new Set([...before, end])].map((id) => {
        const name = nameOf.get(id)
        return [name, { id: name, ids: [id], tokens: [name] }]
      }),
    ),
  }
}
