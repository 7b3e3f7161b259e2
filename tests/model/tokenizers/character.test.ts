import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  characterTokenizer,
  trainCharacterTokenizer,
  UnknownCharacterError,
} from '../../../src-main/model/tokenizers/character'

describe('a character tokenizer', () => {
  const tokenizer = trainCharacterTokenizer(['bad\n', 'dé 🙂'])

  it('gives ids from 1 in order of code point and keeps 0 for the end token', () => {
    expect(tokenizer.definition).toMatchObject({ characters: ['\n', ' ', 'a', 'b', 'd', 'é', '🙂'] })
    expect([tokenizer.endToken, tokenizer.vocabulary, tokenizer.name]).toEqual([0, 8, '7 characters'])
    expect([...tokenizer.encode('bad\n🙂')]).toEqual([4, 3, 5, 1, 7])
  })

  it('leaves end tokens out of the text', () => {
    expect(tokenizer.decode([0, 4, 3, 5, 0])).toBe('bad')
  })

  it('shows one token as people see it', () => {
    expect([3, 7, 0].map(tokenizer.textOf)).toEqual(['a', '🙂', '⏹'])
  })

  it('names the first character it does not know, and its place', () => {
    expect(() => tokenizer.encode('a 🙂 x')).toThrow(new UnknownCharacterError('x', 5, 7))
    expect(() => tokenizer.encode('café ü')).toThrow(
      '"c" (U+0063) at character 1 is not among the 7 characters of this tokenizer',
    )
    expect(() => trainCharacterTokenizer(['abc']).encode('ab\t')).toThrow('"\\t" (U+0009) at character 3')
  })

  it('is built again from its definition', () => {
    const again = characterTokenizer(JSON.parse(JSON.stringify(tokenizer.definition)))
    expect(again.encode('dé 🙂')).toEqual(tokenizer.encode('dé 🙂'))
  })

  it('refuses a definition that no tokenizer has', () => {
    expect(() => characterTokenizer({ type: 'character', characters: ['a', 'bc'] })).toThrow(
      'entry 2 of the tokenizer, "bc", is not one character',
    )
    expect(() => characterTokenizer({ type: 'character', characters: ['a', ''] })).toThrow('entry 2')
    expect(() => characterTokenizer({ type: 'character', characters: ['a', 'b', 'a'] })).toThrow(
      '"a" stands twice',
    )
  })

  it('refuses ids that are no tokens', () => {
    expect(() => tokenizer.decode([8])).toThrow('8 is not a token of this tokenizer')
    expect(() => tokenizer.decode([-1])).toThrow(RangeError)
  })

  it('reads back whatever was written with its characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const own = trainCharacterTokenizer([text])
        expect(own.decode(own.encode(text))).toBe(text)
        expect(own.encode(text)).toHaveLength([...text].length)
      }),
    )
  })
})
