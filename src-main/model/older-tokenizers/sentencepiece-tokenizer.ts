/**
 * A SentencePiece model as the tokenizer.json that means the same. Source: Hugging Face transformers,
 * convert_slow_tokenizer.py, `SpmConverter` and `LlamaConverter`.
 */
import { escaped } from '../tokenizers/added-tokens'
import type { JsonObject } from '../weights/json-file'
import { mergesOf } from './sentencepiece-merges'
import { pieceKinds, type SentencePieceModel } from './sentencepiece-file'

/**
 * @param config tokenizer_config.json: by its "legacy" each stretch between added tokens begins with a space, or
 *   only a whole text
 */
export function sentencePieceTokenizer(model: SentencePieceModel, config: JsonObject): JsonObject {
  const isFirstOnly = model.addsPrefix && config['legacy'] === false
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: addedIn(model),
    normalizer: { type: 'Sequence', normalizers: normalizersOf(model, isFirstOnly) },
    pre_tokenizer: cutterOf(model, isFirstOnly),
    post_processor: null,
    decoder: decoderOf(model),
    model: model.type === 'bpe' ? bpeOf(model) : unigramOf(model),
  }
}

function addedIn({ pieces }: SentencePieceModel): readonly JsonObject[] {
  const plain = { single_word: false, lstrip: false, rstrip: false, normalized: false }
  return pieces.flatMap(({ piece, kind }, id) => {
    const isSpecial = kind === pieceKinds.control || kind === pieceKinds.unknown
    return isSpecial ? [{ id, content: piece, ...plain, special: true }] : []
  })
}

/** What a person asked for as a piece is one wherever it stands, and is merged with nothing. */
function cutterOf({ pieces }: SentencePieceModel, isFirstOnly: boolean): JsonObject | null {
  const asked = pieces
    .filter(({ kind }) => kind === pieceKinds.userDefined)
    .map(({ piece }) => escaped(piece))
  const Regex = asked.toSorted((one, other) => other.length - one.length).join('|')
  const pretokenizers: readonly JsonObject[] = [
    ...(isFirstOnly ? [{ type: 'Metaspace', replacement: '▁', prepend_scheme: 'first', split: false }] : []),
    ...(asked.length > 0 ? [{ type: 'Split', pattern: { Regex }, behavior: 'Isolated', invert: false }] : []),
  ]
  return pretokenizers.length === 0 ? null : { type: 'Sequence', pretokenizers }
}

/** Of a text: `^` and `$` are those of a line where such patterns are read. */
const [atBegin, atEnd] = ['(?<![\\s\\S])', '(?![\\s\\S])']

/** In the order in which SentencePiece does it. */
function normalizersOf(model: SentencePieceModel, isFirstOnly: boolean): readonly JsonObject[] {
  const { charactersMap, removesSpaces, addsPrefix } = model
  const replaced = (pattern: JsonObject, content: string): JsonObject => ({
    ...{ type: 'Replace', pattern, content },
  })
  return [
    ...(charactersMap.length > 0
      ? [{ type: 'Precompiled', precompiled_charsmap: Buffer.from(charactersMap).toString('base64') }]
      : []),
    ...(removesSpaces
      ? [replaced({ Regex: `${atBegin} +|[ ▁]+${atEnd}` }, ''), replaced({ Regex: ' {2,}' }, ' ')]
      : []),
    ...(addsPrefix && !isFirstOnly ? [{ type: 'Prepend', prepend: '▁' }] : []),
    replaced({ String: ' ' }, '▁'),
  ]
}

const decoderOf = ({ addsPrefix }: SentencePieceModel): JsonObject => ({
  type: 'Sequence',
  decoders: [
    { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
    { type: 'ByteFallback' },
    { type: 'Fuse' },
    ...(addsPrefix ? [{ type: 'Strip', content: ' ', start: 1, stop: 0 }] : []),
  ],
})

function bpeOf({ pieces, unknown, hasByteFallback }: SentencePieceModel): JsonObject {
  const tokens = pieces.map(({ piece }) => piece)
  const scores = pieces.map(({ score }) => score)
  const isMerged = (id: number): boolean => pieces[id]?.kind === pieceKinds.normal
  return {
    type: 'BPE',
    dropout: null,
    unk_token: tokens[unknown] ?? null,
    continuing_subword_prefix: null,
    end_of_word_suffix: null,
    fuse_unk: true,
    byte_fallback: hasByteFallback,
    ignore_merges: pieces.some(({ kind }) => kind === pieceKinds.userDefined),
    vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
    merges: mergesOf({ tokens, scores, isMerged }),
  }
}

/** The name of a byte, spelt out in a text, is letters: no path through it is the best. */
const unlikely = -1000

const unigramOf = ({ pieces, unknown, hasByteFallback }: SentencePieceModel): JsonObject => ({
  type: 'Unigram',
  unk_id: unknown,
  byte_fallback: hasByteFallback,
  vocab: pieces.map(({ piece, score, kind }) => [piece, kind === pieceKinds.byte ? unlikely : score]),
})
