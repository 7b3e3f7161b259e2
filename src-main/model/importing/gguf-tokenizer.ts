/**
 * The tokenizer inside a GGUF file, as the tokenizer.json and tokenizer_config.json it was made from:
 * byte-level BPE ("gpt2"), and SentencePiece's BPE ("llama"), whose merges are found again from its scores.
 * Sources: llama.cpp, src/llama-vocab.cpp; Hugging Face transformers, convert_slow_tokenizer.py,
 * `SentencePieceExtractor`.
 */
import type { GgufMetadata } from '../weights/gguf-metadata'
import type { JsonObject } from '../weights/json-file'
import { refuse } from '../weights/refusal'
import { mergesOf } from '../older-tokenizers/sentencepiece-merges'
import { cutOf } from './gguf-cuts'
import type { TokenizerFiles } from './tokenizer-files'

/** The kinds that stand in `tokenizer.ggml.token_type`. */
const tokenKinds = { normal: 1, unknown: 2, control: 3, userDefined: 4, byte: 6 } as const

interface Vocabulary {
  readonly tokens: readonly string[]
  readonly kindOf: (id: number) => number
}

/** @throws WeightsError when it is of a kind that is not known here */
export function tokenizerOfGguf(metadata: GgufMetadata): TokenizerFiles {
  const tokens =
    metadata.optionalTexts('tokenizer.ggml.tokens') ??
    refuse('it has no tokenizer: its metadata "tokenizer.ggml.tokens" is missing')
  const kinds = metadata.optionalNumbers('tokenizer.ggml.token_type')
  const vocabulary: Vocabulary = { tokens, kindOf: (id) => kinds?.[id] ?? tokenKinds.normal }
  const type = metadata.text('tokenizer.ggml.model')
  switch (type) {
    case 'gpt2':
      return { tokenizer: byteLevel(metadata, vocabulary), config: configOf(metadata, tokens, type) }
    case 'llama':
      return { tokenizer: sentencePiece(metadata, vocabulary), config: configOf(metadata, tokens, type) }
    default:
      return refuse(`its tokenizer is of the kind "${type}"; gpt2 and llama are read`)
  }
}

function byteLevel(metadata: GgufMetadata, vocabulary: Vocabulary): JsonObject {
  const name = metadata.optionalText('tokenizer.ggml.pre') ?? 'default'
  const cut =
    cutOf.get(name) ??
    refuse(`its tokenizer cuts texts as "${name}"; ${[...cutOf.keys()].join(', ')} are known`)
  const merges = (
    metadata.optionalTexts('tokenizer.ggml.merges') ??
    refuse('its metadata "tokenizer.ggml.merges" is missing')
  ).map((merge) => {
    const space = merge.indexOf(' ', 1)
    return space > 0
      ? [merge.slice(0, space), merge.slice(space + 1)]
      : refuse(`the merge ${JSON.stringify(merge)} of its tokenizer does not join two tokens`)
  })
  return {
    ...frame(vocabulary),
    normalizer: cut.normalizer,
    pre_tokenizer: cut.pre_tokenizer,
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: { ...bpe, ignore_merges: cut.ignoresMerges, vocab: idsOf(vocabulary), merges },
  }
}

function sentencePiece(metadata: GgufMetadata, vocabulary: Vocabulary): JsonObject {
  const scores =
    metadata.optionalNumbers('tokenizer.ggml.scores') ??
    refuse('its metadata "tokenizer.ggml.scores" is missing')
  if (scores.length !== vocabulary.tokens.length)
    refuse(`its tokenizer has ${vocabulary.tokens.length} tokens and ${scores.length} scores`)
  const isPrefixed = metadata.optionalFlag('tokenizer.ggml.add_space_prefix') ?? true
  const unknown = vocabulary.tokens.find((_, id) => vocabulary.kindOf(id) === tokenKinds.unknown) ?? null
  return {
    ...frame(vocabulary),
    normalizer: {
      type: 'Sequence',
      normalizers: [
        ...(isPrefixed ? [{ type: 'Prepend', prepend: '▁' }] : []),
        { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
      ],
    },
    pre_tokenizer: null,
    decoder: {
      type: 'Sequence',
      decoders: [
        { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
        { type: 'ByteFallback' },
        { type: 'Fuse' },
        ...(isPrefixed ? [{ type: 'Strip', content: ' ', start: 1, stop: 0 }] : []),
      ],
    },
    model: {
      ...bpe,
      unk_token: unknown,
      fuse_unk: true,
      byte_fallback: true,
      vocab: idsOf(vocabulary),
      merges: mergesOf({
        ...{ tokens: vocabulary.tokens, scores },
        isMerged: (id) => vocabulary.kindOf(id) === tokenKinds.normal,
      }),
    },
  }
}

const bpe: JsonObject = {
  type: 'BPE',
  dropout: null,
  unk_token: null,
  continuing_subword_prefix: null,
  end_of_word_suffix: null,
  fuse_unk: false,
  byte_fallback: false,
  ignore_merges: false,
}

const idsOf = ({ tokens }: Vocabulary): JsonObject =>
  Object.fromEntries(tokens.map((token, id) => [token, id]))

/** What every tokenizer.json has. */
function frame({ tokens, kindOf }: Vocabulary): JsonObject {
  const added = tokens.flatMap((content, id) => {
    const isSpecial = kindOf(id) === tokenKinds.control || kindOf(id) === tokenKinds.unknown
    if (!isSpecial && kindOf(id) !== tokenKinds.userDefined) return []
    return [
      {
        id,
        content,
        single_word: false,
        lstrip: false,
        rstrip: false,
        normalized: false,
        special: isSpecial,
      },
    ]
  })
  return { version: '1.0', truncation: null, padding: null, added_tokens: added, post_processor: null }
}

/** Whether texts begin with a token: SentencePiece's do where nothing is said, byte-level ones by their cut. */
const beginsTexts = (metadata: GgufMetadata, type: 'gpt2' | 'llama'): boolean =>
  metadata.optionalFlag('tokenizer.ggml.add_bos_token') ??
  (type === 'llama' || cutOf.get(metadata.optionalText('tokenizer.ggml.pre') ?? 'default')?.begins === true)

/** tokenizer_config.json, with the class that Hugging Face's library reads it by. */
function configOf(metadata: GgufMetadata, tokens: readonly string[], type: 'gpt2' | 'llama'): JsonObject {
  const token = (name: string): JsonObject => {
    const id = metadata.optionalNumber(`tokenizer.ggml.${name}_token_id`)
    if (id === undefined) return {}
    return {
      [`${short[name] ?? name}_token`]:
        tokens[id] ??
        refuse(`its metadata "tokenizer.ggml.${name}_token_id" is ${id}, and it has ${tokens.length} tokens`),
    }
  }
  const template = metadata.optionalText('tokenizer.chat_template')
  return {
    tokenizer_class: 'PreTrainedTokenizerFast',
    add_bos_token: beginsTexts(metadata, type),
    add_eos_token: metadata.optionalFlag('tokenizer.ggml.add_eos_token') ?? false,
    clean_up_tokenization_spaces: false,
    ...token('bos'),
    ...token('eos'),
    ...token('unknown'),
    ...token('padding'),
    ...(template !== undefined && { chat_template: template }),
  }
}

const short: Readonly<Record<string, string>> = { unknown: 'unk', padding: 'pad' }
