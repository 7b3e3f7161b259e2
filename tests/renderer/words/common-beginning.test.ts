import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { commonBeginning, withoutBeginning } from '../../../src-renderer/words/common-beginning'

const film = 'Write one sentence about a film:'
const restaurant = 'Write one sentence about a restaurant:'

describe('what prompts have in common', () => {
  it('ends at the end of a word', () => {
    expect(commonBeginning([film, restaurant, film])).toBe('Write one sentence about a ')
    expect(commonBeginning(['Write one sentence about fish', 'Write one sentence about fire'])).toBe(
      'Write one sentence about ',
    )
  })
  it('is nothing when there is one prompt only, or little in common', () => {
    expect(commonBeginning([film, film])).toBe('')
    expect(commonBeginning(['The end', 'The start'])).toBe('')
    expect(commonBeginning([])).toBe('')
  })
  it('is left out of a prompt that has it, and leaves another as it is', () => {
    expect(withoutBeginning(film, 'Write one sentence about a ')).toBe('… film:')
    expect(withoutBeginning('Say hello', 'Write one sentence about a ')).toBe('Say hello')
  })
  it('begins every text it was made from', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.string(), (ends, beginning) => {
        const texts = ends.map((end) => beginning + end)
        const common = commonBeginning(texts)
        expect(texts.every((text) => text.startsWith(common))).toBe(true)
      }),
    )
  })
})
