import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bpeTokenizer } from '../../../src-main/model/tokenizers/bpe'
import { byteTokenizer } from '../../../src-main/model/tokenizers/byte'
import { tokenizerOf } from '../../../src-main/model/tokenizers/definitions'
import { trainBpeTokenizer, trainedBpeTokenizer } from '../../../src-main/model/tokenizers/train-bpe'
import { timed } from './timed'

const text = (name: string): string =>
  readFileSync(new URL(`../../../resources/datasets/${name}`, import.meta.url), 'utf8')

describe('a byte tokenizer', () => {
  it('has the bytes of UTF-8 as its ids, and the end token after them', () => {
    expect([...byteTokenizer.encode('aé🙂')]).toEqual([0x61, 0xc3, 0xa9, 0xf0, 0x9f, 0x99, 0x82])
    expect([byteTokenizer.endToken, byteTokenizer.vocabulary]).toEqual([256, 257])
    expect([...byteTokenizer.encodeFirst('a')]).toEqual([256, 0x61])
  })

  it('shows what is no whole character as its bytes', () => {
    expect([0x61, 0x0a, 0xf0, 256].map(byteTokenizer.textOf)).toEqual(['a', '\n', '\\xF0', '⏹'])
  })

  it('reads bytes that are no character as a replacement, and a byte order mark as it stands', () => {
    expect(byteTokenizer.decode([0x61, 0xf0, 0x9f, 256, 0x62])).toBe('a�b')
    expect(byteTokenizer.decode(byteTokenizer.encode('\ufeffa'))).toBe('\ufeffa')
  })

  it('refuses ids that are no tokens', () => {
    expect(() => byteTokenizer.decode([257])).toThrow('257 is not a token of this tokenizer')
  })
})

describe('byte-pair encoding', () => {
  const words = [
    ...Array(5).fill('low'),
    ...Array(2).fill('lowest'),
    ...Array(6).fill('newer'),
    ...Array(3).fill('wider'),
  ]

  it('merges the pair that occurs most often, again and again', () => {
    const tokenizer = trainBpeTokenizer(words, { vocabulary: 256 + 4 + 1 })
    // e·r stands 6 + 3 times; l·o 5 + 2, lo·w too; then n·e, e·w and w·er 6 each: e·w has the lowest ids
    expect([256, 257, 258, 259].map(tokenizer.textOf)).toEqual(['er', 'lo', 'low', 'ew'])
    expect([...tokenizer.encode('lower')].map(tokenizer.textOf)).toEqual(['low', 'er'])
  })

  it('merges a run of one letter from the left', () => {
    const tokenizer = trainBpeTokenizer(['aaaa'], { vocabulary: 258 })
    expect([...tokenizer.encode('aaaaa')]).toEqual([256, 256, 0x61])
  })

  it('stops when no pair occurs twice', () => {
    expect(trainBpeTokenizer(['abcd'], { vocabulary: 1000 }).vocabulary).toBe(257)
  })

  it('merges within words, never over their borders', () => {
    const tokenizer = trainBpeTokenizer(Array(9).fill('a b, a b!'), { vocabulary: 400 })
    expect([...tokenizer.encode('a b, a')].map(tokenizer.textOf)).toEqual(['a', ' b', ',', ' a'])
  })

  it('counts as a naive count of all pairs would', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 12 }), {
          minLength: 1,
          maxLength: 12,
        }),
        (texts) => {
          expect(trainBpeTokenizer(texts, { vocabulary: 270 }).definition).toMatchObject({
            merges: naiveMerges(texts, 13),
          })
        },
      ),
    )
  })

  it('keeps special tokens out of texts: what looks like one is letters', () => {
    const tokenizer = trainBpeTokenizer(words, { vocabulary: 300, specials: ['<|user|>', '<|endoftext|>'] })
    expect([...tokenizer.encode('<|endoftext|>')]).not.toContain(tokenizer.endToken)
    expect(
      tokenizer.decode([
        tokenizer.endToken,
        ...tokenizer.encode('low'),
        tokenizer.endToken - 1,
        tokenizer.endToken,
      ]),
    ).toBe('low')
    expect([tokenizer.endToken - 1, tokenizer.endToken].map(tokenizer.textOf)).toEqual(['<|user|>', '⏹'])
  })

  it('gives back whatever it read', () => {
    const tokenizer = trainBpeTokenizer([text('austen-pride-and-prejudice.txt').slice(0, 50_000)], {
      vocabulary: 500,
    })
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (any) => {
        expect(tokenizer.decode(tokenizer.encode(any))).toBe(any)
      }),
    )
  })

  it('reads a word of 100,000 letters as it reads short ones, and at once', () => {
    const tokenizer = trainBpeTokenizer(words, { vocabulary: 300 })
    const long = 'lowernewestwider'.repeat(6250)
    const [ids, ms] = timed(() => tokenizer.encode(long))
    expect(ms).toBeLessThan(1000)
    expect(tokenizer.decode(ids)).toBe(long)
    // Merges do not reach over 'rl': the parts are read alike wherever they stand.
    const once = [...tokenizer.encode('lowernewestwider')]
    expect([...ids.subarray(0, 3 * once.length)]).toEqual([...once, ...once, ...once])
  })

  it('learns 4,000 tokens of a novel in seconds', () => {
    const novel = text('austen-pride-and-prejudice.txt')
    const [tokenizer, ms] = timed(() => trainBpeTokenizer([novel], { vocabulary: 4000 }))
    expect(ms).toBeLessThan(5000)
    expect(tokenizer.vocabulary).toBe(4000)
    expect(novel.length / tokenizer.encode(novel).length).toBeGreaterThan(3.5) // characters a token
  })

  it('is built again from its definition', () => {
    const tokenizer = trainBpeTokenizer(words, { vocabulary: 264 })
    const again = tokenizerOf(JSON.parse(JSON.stringify(tokenizer.definition)))
    expect([again.name, again.vocabulary, again.endToken]).toEqual([
      tokenizer.name,
      tokenizer.vocabulary,
      tokenizer.endToken,
    ])
    expect(again.encode('lowest of the newer')).toEqual(tokenizer.encode('lowest of the newer'))
  })

  it('refuses a definition that no tokenizer has', () => {
    expect(() => trainedBpeTokenizer({ type: 'bpe', merges: [97, 256], specials: ['end'] })).toThrow(
      'merge 1 of the tokenizer joins tokens that are not there yet',
    )
    expect(() => trainedBpeTokenizer({ type: 'bpe', merges: [], specials: [] })).toThrow(
      'no token that ends a text',
    )
    expect(() => tokenizerOf({ type: 'bpe', merges: [1], specials: [] })).toThrow('does not list its merges')
    expect(() => tokenizerOf({ type: 'bpe', merges: [-1, 2], specials: [] })).toThrow(
      'does not list its merges',
    )
    expect(() => tokenizerOf({ type: 'words' })).toThrow(
      'its tokenizer is of type "words", which this version does not know',
    )
    expect(() =>
      bpeTokenizer({ bytes: new Uint8Array(256), merges: new Int32Array(), specials: ['end'] }, '', {
        type: 'byte',
      }),
    ).toThrow('256 bytes')
    expect(() => trainBpeTokenizer(words, { vocabulary: 256 })).toThrow(
      'a vocabulary of 256 tokens has no room',
    )
  })
})

/** Counts everything anew before every merge. Only for texts that are one word each. */
function naiveMerges(texts: readonly string[], most: number): number[] {
  let words = texts.map((each) => [...each].map((letter) => letter.charCodeAt(0)))
  const merges: number[] = []
  while (merges.length < 2 * most) {
    const counts = new Map<string, number>()
    for (const word of words)
      for (let at = 0; at + 1 < word.length; at++)
        counts.set(`${word[at]},${word[at + 1]}`, (counts.get(`${word[at]},${word[at + 1]}`) ?? 0) + 1)
    const best = [...counts]
      .map(([pair, count]) => ({ pair: pair.split(',').map(Number) as [number, number], count }))
      .sort((a, b) => b.count - a.count || a.pair[0] - b.pair[0] || a.pair[1] - b.pair[1])[0]
    if (!best || best.count < 2) break
    const [left, right] = best.pair
    const id = 256 + merges.length / 2
    merges.push(left, right)
    words = words.map((word) => {
      const joined: number[] = []
      for (let at = 0; at < word.length; at++) {
        if (word[at] === left && word[at + 1] === right) {
          joined.push(id)
          at++
        } else joined.push(word[at]!)
      }
      return joined
    })
  }
  return merges
}
