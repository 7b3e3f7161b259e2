/**
 * How byte-level tokenizers cut a text before they merge, by llama.cpp's names. Source: llama.cpp,
 * src/llama-vocab.cpp, `llm_tokenizer_bpe` and `load`.
 */
import type { JsonObject } from '../weights/json-file'

const contractions = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
const words = (digits: string): string =>
  `${contractions}|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|${digits}| ` +
  `?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`

/** Tekken's: words end where small letters become large ones. */
const lettersByCase =
  '[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+|' +
  '[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*|' +
  '\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+'

const byteLetters = (use_regex: boolean): JsonObject => ({
  type: 'ByteLevel',
  add_prefix_space: false,
  trim_offsets: true,
  use_regex,
})
const splitAt = (Regex: string): JsonObject => ({
  type: 'Sequence',
  pretokenizers: [
    { type: 'Split', pattern: { Regex }, behavior: 'Isolated', invert: false },
    byteLetters(false),
  ],
})

export interface Cut {
  readonly pre_tokenizer: JsonObject
  readonly normalizer: JsonObject | null
  /** A whole word that is a token needs no merges. */
  readonly ignoresMerges: boolean
  /** Whether texts begin with a token where the file does not say. */
  readonly begins: boolean
  /** Other names of the same. */
  readonly alsoKnownAs: readonly string[]
}

const cut = (pre_tokenizer: JsonObject, more: Partial<Cut> = {}): Cut => ({
  pre_tokenizer,
  normalizer: null,
  ignoresMerges: false,
  begins: false,
  alsoKnownAs: [],
  ...more,
})

export const cuts: Readonly<Record<string, Cut>> = {
  'gpt-2': cut(byteLetters(true), {
    alsoKnownAs: ['default', 'phi-2', 'olmo', 'mpt', 'jina-es', 'jina-de', 'gigachat', 'trillion', 'exaone4'],
  }),
  smollm: cut(
    { type: 'Sequence', pretokenizers: [{ type: 'Digits', individual_digits: true }, byteLetters(true)] },
    { alsoKnownAs: ['refact', 'starcoder', 'command-r', 'codeshell', 'exaone', 'minerva-7b'] },
  ),
  'llama-bpe': cut(splitAt(words('\\p{N}{1,3}')), {
    ignoresMerges: true,
    begins: true,
    alsoKnownAs: ['llama3', 'llama-v3', 'falcon3', 'falcon-h1', 'pixtral', 'midm-2.0', 'lfm2'],
  }),
  'smaug-bpe': cut(splitAt(words('\\p{N}{1,3}')), { alsoKnownAs: ['dbrx', 'chatglm-bpe'] }),
  qwen2: cut(splitAt(words('\\p{N}')), {
    normalizer: { type: 'NFC' },
    alsoKnownAs: ['deepseek-r1-qwen', 'megrez'],
  }),
  stablelm2: cut(splitAt(words('\\p{N}')), { alsoKnownAs: ['hunyuan'] }),
  tekken: cut(splitAt(lettersByCase), { ignoresMerges: true, begins: true }),
}

/** By every name. */
export const cutOf: ReadonlyMap<string, Cut> = new Map(
  Object.entries(cuts).flatMap(([name, each]) => [name, ...each.alsoKnownAs].map((known) => [known, each])),
)
