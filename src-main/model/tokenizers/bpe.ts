/**
 * Byte-level byte-pair encoding (Radford et al. 2019, §2.2): words as bytes of UTF-8, merged pair by pair.
 * Every text has ids, and ids give back the text they were made of. Only half a surrogate pair, which is no
 * character, comes back as "�".
 */
import { bytesOfText, decodeBytes, known, openByteDecoder, shownBytes } from './bytes'
import { mergeWord, type Merges } from './merging'
import { pairTable } from './pair-table'
import { precededBy, type Tokenizer, type TokenizerDefinition } from './tokenizer'
import { wordEnd } from './words'

/** Ids in order: the 256 bytes, then one token a merge, then the special tokens. */
export interface BpeVocabulary {
  /** The byte of each of the first 256 ids. */
  readonly bytes: Uint8Array
  /** Ids of the two tokens that each merge joins, one pair after the other, in the order they are merged. */
  readonly merges: Int32Array
  /** Tokens that stand for no text, as people see them; the last one is begin and end. */
  readonly specials: readonly string[]
}

/**
 * @throws Error when a merge joins a token that is not there yet, when the bytes are not 256 different ones,
 *   or when no special token ends a text
 */
export function bpeTokenizer(
  vocabulary: BpeVocabulary,
  name: string,
  definition: TokenizerDefinition,
): Tokenizer {
  const texts = tokenBytes(vocabulary)
  const { specials } = vocabulary
  if (specials.length === 0) throw new Error('the tokenizer has no token that ends a text')
  const count = texts.length + specials.length
  const endToken = count - 1
  const encode = wordEncoder(vocabulary)
  const bytesOf = (id: number): Uint8Array =>
    id >= texts.length && id < count ? nothing : known(texts[id], id)
  return {
    name,
    vocabulary: count,
    beginToken: endToken,
    endToken,
    encode: (text) => encodeWords(text, encode),
    encodeFirst: (text) => precededBy(endToken, encodeWords(text, encode)),
    decode: (ids) => decodeBytes(ids, bytesOf),
    openDecoder: () => openByteDecoder(bytesOf),
    textOf: (id) => (id === endToken ? '⏹' : (specials[id - texts.length] ?? shownBytes(bytesOf(id)))),
    knows: () => true,
    definition,
  }
}

const nothing = new Uint8Array()

/** The bytes of every token that is not special. */
export function tokenBytes({
  bytes,
  merges,
}: Pick<BpeVocabulary, 'bytes' | 'merges'>): readonly Uint8Array[] {
  if (bytes.length !== 256 || new Set(bytes).size !== 256)
    throw new Error('the tokenizer does not begin with the 256 bytes')
  const all = Array.from(bytes, (byte) => Uint8Array.of(byte))
  for (let place = 0; place < merges.length; place += 2) {
    const left = all[merges[place]!]
    const right = all[merges[place + 1]!]
    if (!left || !right)
      throw new Error(`merge ${place / 2 + 1} of the tokenizer joins tokens that are not there yet`)
    const joined = new Uint8Array(left.length + right.length)
    joined.set(left)
    joined.set(right, left.length)
    all.push(joined)
  }
  return all
}

/** Words whose ids are remembered: most of a text is words that came before. */
const rememberedWords = 50_000
const rememberedCharacters = 64

/** Ids of one word. What it returns belongs to it: not to be changed. */
function wordEncoder({ bytes, merges }: BpeVocabulary): (word: string) => Int32Array {
  const idOfByte = new Int32Array(256)
  bytes.forEach((byte, id) => {
    idOfByte[byte] = id
  })
  const table: Merges = {
    ranks: pairTable(merges),
    merged: Int32Array.from({ length: merges.length / 2 }, (_, rank) => 256 + rank),
  }
  let remembered = new Map<string, Int32Array>()
  return (word) => {
    const found = remembered.get(word)
    if (found) return found
    const ids = mergeWord(
      Int32Array.from(bytesOfText(word), (byte) => idOfByte[byte]!),
      table,
    )
    if (word.length > rememberedCharacters) return ids
    if (remembered.size === rememberedWords) remembered = new Map()
    remembered.set(ownCopy(word), ids.slice())
    return ids
  }
}

/** A part of a string keeps the whole string in memory; this one does not. */
const ownCopy = (word: string): string => word.split('').join('')

function encodeWords(text: string, encode: (word: string) => Int32Array): Int32Array {
  let ids = new Int32Array(text.length)
  let count = 0
  for (let at = 0; at < text.length;) {
    const end = wordEnd(text, at)
    const word = encode(text.slice(at, end))
    if (count + word.length > ids.length) ids = grown(ids, count + word.length)
    ids.set(word, count)
    count += word.length
    at = end
  }
  return ids.slice(0, count)
}

function grown(ids: Int32Array<ArrayBuffer>, least: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(Math.max(2 * ids.length, least))
  larger.set(ids)
  return larger
}
