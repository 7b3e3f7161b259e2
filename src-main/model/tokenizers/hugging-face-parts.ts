/**
 * Where the kept library (`@huggingface/tokenizers` 0.2) cuts a text otherwise than Hugging Face's own, and
 * the same part of a `tokenizer.json` written so that it does not:
 *
 * - `ByteLevel` cuts by JavaScript's `\s`, which counts U+FEFF and leaves out U+0085; as a pattern of its own
 *   it is exact;
 * - so do `WhitespaceSplit` and `BertPreTokenizer`;
 * - `Digits` knows 0 to 9 only; the original means every Unicode number;
 * - `Whitespace` knows the letters A to Z only;
 * - `BertNormalizer` sets Chinese characters apart only below U+10000;
 * - `Metaspace` does not cut before "▁", so that a whole text is one piece;
 * - `Prepend` puts its text before nothing, too;
 * - `Punctuation` leaves neighbouring signs together; `Split` never joins what it cuts by to a neighbour
 *   (`MergedWithNext` and its kin).
 *
 * What is left: `Precompiled` (SentencePiece's own normalisation) is approximated by NFKC; a byte-level part
 * that puts a space before the text keeps JavaScript's `\s`; capital sigma at a word's end is lowered to "ς";
 * and letters, signs and normal forms are those of the Unicode version that this program runs on, where the
 * original knows an older one.
 */
import { escaped } from './added-tokens'
import { isObject, type Json } from './hugging-face-json'

const gpt2Pattern = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+"

const punctuation = '[\\p{P}!-/:-@\\[-`{-~]'

/** `\w` as Rust's regular expressions have it. */
const wordLetters = '\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\u200c\\u200d'

/** A pre-tokenizer that the library cuts by exactly; null for none. */
export function exactPreTokenizer(part: Json | undefined): Json | null {
  if (!part) return null
  switch (part['type']) {
    case 'Sequence':
      return exactSequence(part)
    case 'ByteLevel':
      return part['use_regex'] === false || part['add_prefix_space'] === true
        ? part
        : sequence(isolated(gpt2Pattern), { ...part, use_regex: false })
    case 'Digits':
      return isolated(part['individual_digits'] === true ? '\\p{N}' : '\\p{N}+')
    case 'WhitespaceSplit':
      return pieces('\\S+')
    case 'BertPreTokenizer':
      return sequence(pieces('\\S+'), isolated(punctuation))
    case 'Punctuation':
      return joiningSplit({
        pattern: { Regex: punctuation },
        behavior: part['behavior'] ?? 'Isolated',
        invert: false,
        type: 'Split',
      })
    case 'Whitespace':
      return pieces(`[${wordLetters}]+|[^${wordLetters}\\s]+`)
    case 'Metaspace':
      return part['split'] === false ? part : sequence(part, piecesAfter(replacementOf(part)))
    case 'Split':
      return joiningSplit(part)
    case 'Replace':
      patternOf(part)
      return part
    default:
      return part
  }
}

function exactSequence(part: Json): Json {
  const parts: readonly unknown[] = Array.isArray(part['pretokenizers']) ? part['pretokenizers'] : []
  const exact = parts.map((each) => exactPreTokenizer(isObject(each) ? each : undefined))
  return { ...part, pretokenizers: exact }
}

/** Pieces that begin with a sign, and what stands before the first. */
const piecesAfter = (sign: string): Json => pieces(`${sign}[^${sign}]*|[^${sign}]+`)

const sequence = (...pretokenizers: readonly Json[]): Json => ({ type: 'Sequence', pretokenizers })

/** Cuts before and after every match. */
const isolated = (Regex: string): Json => ({
  type: 'Split',
  pattern: { Regex },
  behavior: 'Isolated',
  invert: false,
})

/** What matches is a piece; what does not is left out. */
const pieces = (Regex: string): Json => ({
  type: 'Split',
  pattern: { Regex },
  behavior: 'Removed',
  invert: true,
})

const replacementOf = (part: Json): string =>
  typeof part['replacement'] === 'string' ? part['replacement'] : '▁'

/** A match stays with its neighbour: written as the pieces that come out. */
function joiningSplit(part: Json): Json {
  const separator = patternOf(part)
  if (part['invert'] === true) return part
  const other = `(?:(?!${separator})[\\s\\S])`
  switch (part['behavior']) {
    case 'MergedWithNext':
      return pieces(`(?:${separator})${other}*|${other}+`)
    case 'MergedWithPrevious':
      return pieces(`${other}*(?:${separator})|${other}+`)
    case 'Contiguous':
      return isolated(`(?:${separator})+`)
    default:
      return part
  }
}

/** @throws Error when there is none: the library would warn and leave the text out */
export function patternOf(part: Json): string {
  const pattern = isObject(part['pattern']) ? part['pattern'] : {}
  if (typeof pattern['Regex'] === 'string') return pattern['Regex']
  if (typeof pattern['String'] === 'string') return escaped(pattern['String'])
  throw new Error(`a "${String(part['type'])}" of its tokenizer has no pattern`)
}

const chineseBlocks = [
  '\\u4e00-\\u9fff',
  '\\u3400-\\u4dbf',
  '\\u{20000}-\\u{2a6df}',
  '\\u{2a700}-\\u{2b73f}',
  '\\u{2b740}-\\u{2b81f}',
  '\\u{2b920}-\\u{2ceaf}',
  '\\uf900-\\ufaff',
  '\\u{2f800}-\\u{2fa1f}',
]
const chinese = `[${chineseBlocks.join('')}]`

const beforeAny = ({ prepend }: Json): Json => ({
  type: 'Replace',
  pattern: { Regex: '(?<![\\s\\S])(?=[\\s\\S])' },
  content: String(prepend ?? '').replaceAll('$', '$$$$'),
})

/** A normaliser that the library follows exactly; null for none. */
export function exactNormalizer(part: Json | undefined): Json | null {
  if (!part) return null
  if (part['type'] === 'Sequence')
    return {
      ...part,
      normalizers: (Array.isArray(part['normalizers']) ? part['normalizers'] : []).map((each: unknown) =>
        exactNormalizer(isObject(each) ? each : undefined),
      ),
    }
  if (part['type'] === 'Replace') patternOf(part)
  if (part['type'] === 'Prepend') return beforeAny(part)
  if (part['type'] !== 'BertNormalizer' || part['handle_chinese_chars'] === false) return part
  const cleaned = {
    type: 'BertNormalizer',
    clean_text: part['clean_text'],
    handle_chinese_chars: false,
    strip_accents: false,
    lowercase: false,
  }
  const setApart = { type: 'Replace', pattern: { Regex: chinese }, content: ' $& ' }
  return {
    type: 'Sequence',
    normalizers: [cleaned, setApart, { ...part, clean_text: false, handle_chinese_chars: false }],
  }
}
