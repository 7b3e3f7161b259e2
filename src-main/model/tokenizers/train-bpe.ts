/**
 * Learns the merges of byte-level byte-pair encoding (Sennrich et al. 2016, Algorithm 1; bytes as in Radford
 * et al. 2019): the pair of neighbours that occurs most often becomes a token, again and again. Among equally
 * frequent pairs the one with the lower ids wins, so the same texts always give the same tokenizer. Counts
 * are kept up to date merge by merge; only words that hold the pair are looked at.
 */
import { bytesOfText } from './bytes'
import { bpeTokenizer } from './bpe'
import { createHeap, type Heap } from './heap'
import type { BpeDefinition, Tokenizer } from './tokenizer'
import { wordEnd } from './words'

export interface BpeTraining {
  /**
   * Tokens wanted: at least the 256 bytes and the special tokens. Fewer come out when no pair is left that
   * occurs twice.
   */
  readonly vocabulary: number
  /** Tokens that no text is encoded to; the last one begins and ends texts. */
  readonly specials?: readonly string[]
}

export const endOfText = '<|endoftext|>'

/** @throws RangeError when the vocabulary has no room for the bytes and the special tokens */
export function trainBpeTokenizer(
  texts: Iterable<string>,
  { vocabulary, specials = [endOfText] }: BpeTraining,
): Tokenizer {
  const least = 256 + specials.length
  if (vocabulary < least)
    throw new RangeError(
      `a vocabulary of ${vocabulary} tokens has no room for 256 bytes and ${specials.length} special ` +
        `tokens: at least ${least}`,
    )
  return trainedBpeTokenizer({
    type: 'bpe',
    merges: learnMerges(wordsIn(texts), vocabulary - least),
    specials,
  })
}

/** The tokenizer of a stored definition. @throws Error when it is none */
export function trainedBpeTokenizer(definition: BpeDefinition): Tokenizer {
  const { merges, specials } = definition
  const count = 256 + merges.length / 2 + specials.length
  return bpeTokenizer(
    { bytes: Uint8Array.from({ length: 256 }, (_, byte) => byte), merges: Int32Array.from(merges), specials },
    `BPE of ${count.toLocaleString('en')} tokens`,
    definition,
  )
}

/** A longer word is counted in parts: it is no word, and its merges would help nothing else. */
const mostCharacters = 256

/** A word as it stands now, and how often it occurs. */
interface Word {
  tokens: Int32Array
  readonly count: number
}

function wordsIn(texts: Iterable<string>): readonly Word[] {
  const counts = new Map<string, number>()
  for (const text of texts) {
    for (let at = 0; at < text.length;) {
      const end = Math.min(wordEnd(text, at), at + mostCharacters)
      const word = text.slice(at, end)
      counts.set(word, (counts.get(word) ?? 0) + 1)
      at = end
    }
  }
  return Array.from(counts, ([word, count]) => ({ tokens: Int32Array.from(bytesOfText(word)), count }))
}

/** A pair of neighbours: how often it occurs, and the words it occurs or once occurred in. */
interface Pair {
  readonly left: number
  readonly right: number
  count: number
  readonly words: Set<Word>
}

/** A pair with the count it had when it was put in the queue. */
interface Queued {
  readonly pair: Pair
  readonly count: number
}

const isBefore = (a: Queued, b: Queued): boolean =>
  a.count > b.count ||
  (a.count === b.count &&
    (a.pair.left < b.pair.left || (a.pair.left === b.pair.left && a.pair.right < b.pair.right)))

/** @returns ids of the pairs merged, one pair after the other */
function learnMerges(words: readonly Word[], most: number): number[] {
  const pairs = countPairs(words)
  const queue = createHeap(isBefore)
  for (const pair of pairs.values()) queue.add({ pair, count: pair.count })
  const merges: number[] = []
  while (merges.length < 2 * most) {
    const best = mostFrequent(queue)
    if (!best || best.count < 2) break
    const changed = new Set<Pair>()
    for (const word of best.words) mergeIn(word, best, 256 + merges.length / 2, pairs, changed)
    merges.push(best.left, best.right)
    pairs.delete(keyOf(best.left, best.right))
    best.count = 0
    for (const pair of changed) queue.add({ pair, count: pair.count })
  }
  return merges
}

/**
 * A pair that became rarer since it was queued goes back to its place; one that became more frequent was
 * queued again.
 */
function mostFrequent(queue: Heap<Queued>): Pair | undefined {
  for (let first = queue.take(); first; first = queue.take()) {
    const { pair, count } = first
    if (pair.count === count) return pair
    if (pair.count < count && pair.count > 1) queue.add({ pair, count: pair.count })
  }
  return undefined
}

type Pairs = Map<number, Pair>

/** Ids are below 2²¹, so that two of them are one exact number. */
const keyOf = (left: number, right: number): number => left * 2 ** 21 + right

function pairOf(pairs: Pairs, left: number, right: number): Pair {
  const key = keyOf(left, right)
  const found = pairs.get(key)
  if (found) return found
  const pair = { left, right, count: 0, words: new Set<Word>() }
  pairs.set(key, pair)
  return pair
}

function countPairs(words: readonly Word[]): Pairs {
  const pairs: Pairs = new Map()
  for (const word of words) {
    for (let at = 0; at + 1 < word.tokens.length; at++) {
      const pair = pairOf(pairs, word.tokens[at]!, word.tokens[at + 1]!)
      pair.count += word.count
      pair.words.add(word)
    }
  }
  return pairs
}

/** Joins the pair wherever it stands in the word, and counts the neighbours it loses and gains. */
function mergeIn(word: Word, { left, right }: Pair, merged: number, pairs: Pairs, changed: Set<Pair>): void {
  const { tokens, count } = word
  const change = (a: number, b: number, by: number): void => {
    const pair = pairOf(pairs, a, b)
    pair.count += by
    if (by < 0) return
    pair.words.add(word)
    changed.add(pair)
  }
  let kept = 0
  for (let at = 0; at < tokens.length; at++) {
    if (tokens[at] !== left || tokens[at + 1] !== right) {
      tokens[kept++] = tokens[at]!
      continue
    }
    if (kept > 0) {
      change(tokens[kept - 1]!, left, -count)
      change(tokens[kept - 1]!, merged, count)
    }
    if (at + 2 < tokens.length) {
      change(right, tokens[at + 2]!, -count)
      change(merged, tokens[at + 2]!, count)
    }
    tokens[kept++] = merged
    at++
  }
  word.tokens = tokens.subarray(0, kept)
}
