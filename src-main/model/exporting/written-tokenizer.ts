/**
 * Any tokenizer of the studio as tokenizer.json and tokenizer_config.json, as Hugging Face's libraries read
 * them.
 */
import { assertNever, StudioFailure } from '../../../src-shared/result'
import type { BpeVocabulary } from '../tokenizers/bpe'
import { tokenBytes } from '../tokenizers/bpe'
import { letterOfByte } from '../tokenizers/byte-letters'
import { gpt2Vocabulary } from '../tokenizers/gpt2'
import type { Tokenizer } from '../tokenizers/tokenizer'
import { endOfText } from '../tokenizers/train-bpe'
import type { JsonObject } from '../weights/json-file'
import type { TokenizerFiles } from '../importing/tokenizer-files'

const bytesInTurn = Uint8Array.from({ length: 256 }, (_, byte) => byte)

/** @throws StudioFailure when there is no such file for it */
export function writtenTokenizer({ definition }: Tokenizer): TokenizerFiles {
  switch (definition.type) {
    case 'character':
      return charactersWritten(definition.characters)
    case 'byte':
      return byteLevelWritten({ bytes: bytesInTurn, merges: new Int32Array(0), specials: [endOfText] })
    case 'bpe':
      return byteLevelWritten({
        bytes: bytesInTurn,
        merges: Int32Array.from(definition.merges),
        specials: definition.specials,
      })
    case 'gpt2':
      return byteLevelWritten(gpt2Vocabulary())
    case 'hugging-face':
      return definition
    case 'rwkv':
      throw new StudioFailure({
        kind: 'invalid-input',
        field: 'format',
        problem:
          'cannot hold the tokenizer of RWKV, which matches the longest piece: no tokenizer.json says that.',
      })
    default:
      return assertNever(definition)
  }
}

/** BPE without merges: each character is a token. */
function charactersWritten(characters: readonly string[]): TokenizerFiles {
  const vocab = Object.fromEntries([endOfText, ...characters].map((character, id) => [character, id]))
  return files({
    specials: [[endOfText, 0]],
    decoder: { type: 'Fuse' },
    pre_tokenizer: null,
    vocab,
    merges: [],
  })
}

function byteLevelWritten(vocabulary: BpeVocabulary): TokenizerFiles {
  const tokens = tokenBytes(vocabulary).map((bytes) =>
    Array.from(bytes, (byte) => letterOfByte[byte]!).join(''),
  )
  const specials = vocabulary.specials.map((special, i) => [special, tokens.length + i] as const)
  const merges = Array.from(
    { length: vocabulary.merges.length / 2 },
    (_, rank) => [tokens[vocabulary.merges[2 * rank]!]!, tokens[vocabulary.merges[2 * rank + 1]!]!] as const,
  )
  return files({
    specials,
    merges,
    vocab: { ...Object.fromEntries(tokens.map((token, id) => [token, id])), ...Object.fromEntries(specials) },
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
  })
}

interface Parts {
  /** Tokens that stand for no text, and their ids; the last one begins and ends texts. */
  readonly specials: readonly (readonly [string, number])[]
  readonly pre_tokenizer: JsonObject | null
  readonly decoder: JsonObject
  readonly vocab: JsonObject
  readonly merges: readonly (readonly [string, string])[]
}

function files({ specials, pre_tokenizer, decoder, vocab, merges }: Parts): TokenizerFiles {
  const [end, endId] = specials.at(-1)!
  return {
    tokenizer: {
      version: '1.0',
      truncation: null,
      padding: null,
      added_tokens: specials.map(([content, id]) => specialToken(content, id)),
      normalizer: null,
      pre_tokenizer,
      post_processor: beginningWith(end, endId),
      decoder,
      model: { ...plainBpe, vocab, merges },
    },
    config: {
      tokenizer_class: 'PreTrainedTokenizerFast',
      bos_token: end,
      eos_token: end,
      pad_token: end,
      clean_up_tokenization_spaces: false,
    },
  }
}

const specialToken = (content: string, id: number): JsonObject => ({
  id,
  content,
  single_word: false,
  lstrip: false,
  rstrip: false,
  normalized: false,
  special: true,
})

const plainBpe: JsonObject = {
  type: 'BPE',
  dropout: null,
  unk_token: null,
  continuing_subword_prefix: null,
  end_of_word_suffix: null,
  fuse_unk: false,
  byte_fallback: false,
  ignore_merges: false,
}

/**
 * Texts begin with the end token here: what is written after a prompt elsewhere is what is written after it
 * in the studio.
 */
function beginningWith(token: string, id: number): JsonObject {
  const begin = { SpecialToken: { id: token, type_id: 0 } }
  const text = (id: 'A' | 'B', type_id: number) => ({ Sequence: { id, type_id } })
  return {
    type: 'TemplateProcessing',
    single: [begin, text('A', 0)],
    pair: [begin, text('A', 0), begin, text('B', 1)],
    special_tokens: { [token]: { id: token, ids: [id], tokens: [token] } },
  }
}
