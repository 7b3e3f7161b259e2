import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { diffText, wordDiff } from '../../../src-renderer/words/word-diff'

describe('what differs between two texts', () => {
  it('is said by words', () => {
    const parts = wordDiff('The bettery is so the charge', 'The battery lasts so the charge')
    expect(parts.map(({ kind, text }) => `${kind} ${text}`)).toEqual([
      'same The ',
      'out bettery',
      'in battery',
      'same  ',
      'out is',
      'in lasts',
      'same  so the charge',
    ])
    expect(diffText(parts)).toBe('2 words out, 2 in')
  })
  it('is nothing between a text and itself', () => {
    expect(wordDiff('as it is', 'as it is')).toEqual([{ kind: 'same', text: 'as it is' }])
    expect(diffText(wordDiff('a', 'a'))).toBe('as written')
  })
  it('gives both texts back, whatever they are', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (before, after) => {
        const parts = wordDiff(before, after)
        const without = (kind: string) =>
          parts
            .filter((part) => part.kind !== kind)
            .map(({ text }) => text)
            .join('')
        expect(without('in')).toBe(before)
        expect(without('out')).toBe(after)
      }),
    )
  })
  it('does not go through every word of two long texts', () => {
    const long = 'word '.repeat(200_000)
    expect(wordDiff(long, `${long}more`).map(({ kind }) => kind)).toEqual(['out', 'in'])
  })
})
