import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { excerptOf, partsOf } from '../../../src-renderer/words/excerpt'

const hits = (text: string, search: string): string[] =>
  partsOf(text, search)
    .filter((part) => part.isHit)
    .map((part) => part.text)

describe('hits of a search', () => {
  it('are whole words that begin with what was typed, in any case', () => {
    expect(hits('The Quality of qualifying, not equal', 'quali')).toEqual(['Quality', 'qualifying'])
  })
  it('are found for each word', () => {
    expect(hits('sound quality is poor', 'poor sound')).toEqual(['sound', 'poor'])
  })
  it('never change the text, whatever is searched', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (text, search) => {
        expect(
          partsOf(text, search)
            .map((part) => part.text)
            .join(''),
        ).toBe(text)
      }),
    )
  })
})

describe('an excerpt', () => {
  it('begins near the first hit of a long text and says so', () => {
    const text = `${'word '.repeat(20)}and the quality of sound`
    expect(
      excerptOf(text, 'quality')
        .map((part) => part.text)
        .join(''),
    ).toBe('… and the quality of sound')
  })
  it('leaves out what all texts of its column begin with, unless that was searched', () => {
    const text = 'Write one sentence about a film:'
    const words = (search: string) =>
      excerptOf(text, search, 'Write one sentence about a ')
        .map((part) => part.text)
        .join('')
    expect(words('')).toBe('… film:')
    expect(words('film')).toBe('… film:')
    expect(words('sentence')).toBe(text)
  })
  it('is the text itself on one line when nothing is searched', () => {
    expect(excerptOf('two\nlines', '')).toEqual([{ text: 'two lines', isHit: false }])
  })
})
