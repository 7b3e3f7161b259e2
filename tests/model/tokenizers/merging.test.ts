import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mergeWord } from '../../../src-main/model/tokenizers/merging'
import { pairTable } from '../../../src-main/model/tokenizers/pair-table'
import { wordEnd } from '../../../src-main/model/tokenizers/words'

describe('merging a word', () => {
  // Tokens 0 … 3 and six merges: 4 = 0·1, 5 = 1·2, 6 = 4·4, 7 = 0·0, 8 = 6·3, 9 = 7·7
  const pairs = Int32Array.of(0, 1, 1, 2, 4, 4, 0, 0, 6, 3, 7, 7)
  const merges = { ranks: pairTable(pairs), merged: Int32Array.of(4, 5, 6, 7, 8, 9) }

  it('takes the lowest rank first, the leftmost first among equals', () => {
    // 0 1 2: 0·1 has rank 0 and goes before 1·2. 0 0 0 0 0: from the left, then 7·7.
    expect([...mergeWord(Int32Array.of(0, 1, 2), merges)]).toEqual([4, 2])
    expect([...mergeWord(Int32Array.of(0, 0, 0, 0, 0), merges)]).toEqual([9, 0])
  })

  it('does the same with short and with long words', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 120 }), (word) => {
        expect([...mergeWord(Int32Array.from(word), merges)]).toEqual(naive(word))
      }),
    )
  })

  /** One merge of all places of the lowest rank after the other, as OpenAI's `bpe` has it. */
  function naive(word: readonly number[]): readonly number[] {
    let tokens = [...word]
    for (;;) {
      const ranks = tokens
        .slice(1)
        .map((right, at) => merges.ranks.get(tokens[at]!, right))
        .filter((rank) => rank >= 0)
      if (ranks.length === 0) return tokens
      const rank = Math.min(...ranks)
      const [left, right] = [pairs[2 * rank], pairs[2 * rank + 1]]
      const joined: number[] = []
      for (let at = 0; at < tokens.length; at++) {
        const isPair = tokens[at] === left && tokens[at + 1] === right
        joined.push(isPair ? merges.merged[rank]! : tokens[at]!)
        if (isPair) at++
      }
      tokens = joined
    }
  }
})

describe('words', () => {
  const cut = (text: string): string[] => {
    const words: string[] = []
    for (let at = 0; at < text.length; at = wordEnd(text, at)) words.push(text.slice(at, wordEnd(text, at)))
    return words
  }

  it('take the space before them', () => {
    expect(cut('It is  2024, or so.')).toEqual(['It', ' is', ' ', ' 2024', ',', ' or', ' so', '.'])
    expect(cut('a \n b\n')).toEqual(['a', ' \n', ' b', '\n'])
  })

  it('end before a contraction', () => {
    expect(cut("I'm you'll'd 'tis it's'")).toEqual([
      'I',
      "'m",
      ' you',
      "'ll",
      "'d",
      " '",
      'tis',
      ' it',
      "'s",
      "'",
    ])
  })

  it('are those of OpenAI’s pattern', () => {
    const pattern =
      /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu
    const letters = fc.constantFrom(
      ..."aZé漢0٣½''sdmtlvre   \n\t\u0085\u00a0\ufeff\u3000.,!-",
      '𝔸',
      '🙂',
      '𝟙',
      '\ud83d',
      '\udc00',
    )
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.oneof(letters, fc.string({ unit: 'binary', minLength: 1, maxLength: 1 })),
          maxLength: 60,
        }),
        (text) => {
          expect(cut(text)).toEqual(text.match(pattern) ?? [])
        },
      ),
      { numRuns: 2000 },
    )
  })

  it('may have ten million letters', () => {
    expect(wordEnd('é𝔸'.repeat(5_000_000), 0)).toBe(15_000_000)
  })
})
