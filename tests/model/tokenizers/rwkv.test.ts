import { describe, expect, it } from 'vitest'
import { tokenizerOf } from '../../../src-main/model/tokenizers/definitions'
import { bytesOfLiteral } from '../../../src-main/model/tokenizers/python-literals'
import { rwkvTokenizer } from '../../../src-main/model/tokenizers/rwkv'
import { rwkv, texts } from './fixtures'
import { timed } from './timed'

const { vocabulary, ids } = rwkv()
const tokenizer = rwkvTokenizer({ type: 'rwkv', vocabulary })

describe('the RWKV World tokenizer', () => {
  it('reads 3,000 odd texts as ChatRWKV’s does', () => {
    expect(ids).toHaveLength(3000)
    expect(texts().filter((text, place) => tokenizer.encode(text).join() !== ids[place]!.join())).toEqual([])
  })

  it('gives every odd text back', () => {
    for (const text of texts()) expect(tokenizer.decode(tokenizer.encode(text))).toBe(text)
  })

  it('takes the longest token that fits, from left to right', () => {
    const small = rwkvTokenizer({
      type: 'rwkv',
      vocabulary: `${bytes()}\n257 'ab' 2\n258 'abcd' 4\n259 'bcde' 4\n`,
    })
    expect([...small.encode('abcde')]).toEqual([258, 1 + 0x65])
    expect([...small.encode('abce')]).toEqual([257, 1 + 0x63, 1 + 0x65])
  })

  it('begins and ends texts with 0', () => {
    expect([tokenizer.beginToken, tokenizer.endToken]).toEqual([0, 0])
    expect([...tokenizer.encodeFirst('a')]).toEqual([0, 98])
    expect(tokenizer.decode([0, 98, 0])).toBe('a')
    expect([98, 0, 129].map(tokenizer.textOf)).toEqual(['a', '⏹', '\\x80'])
  })

  it('is built again from its definition', () => {
    const again = tokenizerOf(JSON.parse(JSON.stringify(tokenizer.definition)))
    expect([again.name, again.vocabulary]).toEqual([tokenizer.name, tokenizer.vocabulary])
    expect(again.encode('naïve 🙂')).toEqual(tokenizer.encode('naïve 🙂'))
  })

  it('is not frozen by a word of 100,000 letters', () => {
    expect(timed(() => tokenizer.encode('etaoinshrdlu'.repeat(8334)))[1]).toBeLessThan(1000)
  })

  it.each([
    ["1 'a' 2", "line 1 of the vocabulary is no token: 1 'a' 2"],
    ["1 'a' 1\n2 a 1", 'line 2 of the vocabulary is no token: 2 a 1'],
    ["1 '' 0", 'line 1 of the vocabulary is no token'],
    ["0 'a' 1", 'line 1 of the vocabulary has the id 0, which another token has'],
    ["1 'a' 1\n1 'b' 1", 'line 2 of the vocabulary has the id 1, which another token has'],
    ["9999999999 'a' 1", 'line 1 of the vocabulary is no token'],
    ["1 'a' 1", 'the vocabulary has no token for the byte 0'],
  ])('refuses the vocabulary %j', (vocabulary, problem) => {
    expect(() => rwkvTokenizer({ type: 'rwkv', vocabulary })).toThrow(problem)
  })
})

describe('a Python literal', () => {
  const text = (literal: string): string | undefined => {
    const bytes = bytesOfLiteral(literal)
    return bytes && Buffer.from(bytes).toString('latin1')
  }

  it('is text as UTF-8, or bytes as they are', () => {
    expect(text("'a'")).toBe('a')
    expect(text("'\\x80'")).toBe('\xc2\x80')
    expect(text("b'\\x80'")).toBe('\x80')
    expect(text("'\\u2028\\U0001f642'")).toBe('\xe2\x80\xa8\xf0\x9f\x99\x82')
    expect(text('"it\'s\\t\\\\"')).toBe("it's\t\\")
  })

  it('is nothing else', () => {
    for (const literal of ['a', "'a", "r'a'", "'\\q'", "b'é ☃'", "'\\U00110000'"])
      expect(bytesOfLiteral(literal)).toBeUndefined()
  })
})

/** Lines of the 256 bytes, ids from 1. */
function bytes(): string {
  return Array.from(
    { length: 256 },
    (_, byte) => `${byte + 1} b'\\x${byte.toString(16).padStart(2, '0')}' 1`,
  ).join('\n')
}
