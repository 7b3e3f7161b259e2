import { readFileSync } from 'node:fs'
import { decode, encode } from 'gpt-tokenizer/encoding/r50k_base'
import { describe, expect, it } from 'vitest'
import { gpt2Tokenizer } from '../../../src-main/model/tokenizers/gpt2'
import { tokenizerOf } from '../../../src-main/model/tokenizers/definitions'
import { gpt2Ids, texts } from './fixtures'
import { timed } from './timed'

const novel = readFileSync(new URL('../../../resources/datasets/moby-dick.txt', import.meta.url), 'utf8')

describe('GPT-2’s tokenizer', () => {
  const tokenizer = gpt2Tokenizer()

  it('has OpenAI’s ids', () => {
    expect([...tokenizer.encode('Hello, world!')]).toEqual([15496, 11, 995, 0])
    expect([tokenizer.vocabulary, tokenizer.endToken, tokenizer.beginToken]).toEqual([50_257, 50_256, 50_256])
    expect([...tokenizer.encodeFirst(' a')]).toEqual([50_256, 257])
  })

  it('reads 3,000 odd texts as tiktoken and Hugging Face’s tokenizers do', () => {
    const expected = gpt2Ids()
    const wrong = texts().filter((text, place) => tokenizer.encode(text).join() !== expected[place]!.join())
    expect(expected).toHaveLength(3000)
    expect(wrong).toEqual([])
  })

  it('gives every odd text back', () => {
    for (const text of texts()) expect(tokenizer.decode(tokenizer.encode(text))).toBe(text)
  })

  it('reads a novel as gpt-tokenizer does', () => {
    expect([...tokenizer.encode(novel)]).toEqual(encode(novel))
    expect(decode(tokenizer.encode(novel))).toBe(novel)
  })

  it('is neither frozen by a word of 100,000 letters nor by one of a million', () => {
    const word = Array.from(
      { length: 100_000 },
      (_, place) => 'etaoinshrdlu'[(place * 7919 + (place >> 3)) % 12],
    ).join('')
    const [ids, ms] = timed(() => tokenizer.encode(word))
    expect(ms).toBeLessThan(1000)
    expect(tokenizer.decode(ids)).toBe(word)
    expect(timed(() => tokenizer.encode(word.repeat(10)))[1]).toBeLessThan(10_000)
  })

  it('shows bytes that are no whole character', () => {
    // 🪐 is F0 9F AA 90
    expect([...tokenizer.encode('a 🪐')].map(tokenizer.textOf)).toEqual([
      'a',
      ' \\xF0\\x9F',
      '\\xAA',
      '\\x90',
    ])
  })

  it('hands a character over when its last byte is there', () => {
    const decoder = tokenizer.openDecoder()
    expect([...tokenizer.encode('a 🪐!')].map((id) => decoder.push(id))).toEqual(['a', ' ', '', '🪐', '!'])
    expect(decoder.end()).toBe('')
  })

  it('is stored as its name alone', () => {
    expect(tokenizer.definition).toEqual({ type: 'gpt2' })
    expect(tokenizerOf({ type: 'gpt2' }).encode('Hello, world!')).toEqual(tokenizer.encode('Hello, world!'))
  })
})
