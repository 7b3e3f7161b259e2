import { describe, expect, it } from 'vitest'
import { UnknownCharacterError } from '../../src-main/model/tokenizers/character'
import { readText, type CompletedText } from '../../src-main/model/reading'
import { tinyConfig, tinyTokenizer } from './tiny'

/** The ids as text, '|' for the end token. */
function read(text: CompletedText, readPrompt = true, contextTokens = 8): string {
  const { ids, isCut } = readText({ ...tinyConfig, contextTokens }, tinyTokenizer, text, readPrompt)
  return [...ids].map((id) => (id === 0 ? '|' : tinyTokenizer.textOf(id))).join('') + (isCut ? ' (cut)' : '')
}

describe('what a reward model reads', () => {
  it('is end token, prompt, completion and, if it has ended, an end token', () => {
    expect(read({ prompt: 'ab', completion: 'cd', hasEnded: true })).toBe('|abcd|')
    expect(read({ prompt: 'ab', completion: 'cd', hasEnded: false })).toBe('|abcd')
    expect(read({ prompt: '', completion: '', hasEnded: true })).toBe('||')
  })

  it('is the completion alone when it does not read prompts', () => {
    expect(read({ prompt: 'ab', completion: 'cd', hasEnded: true }, false)).toBe('|cd|')
    expect(read({ prompt: 'unknown ü', completion: 'cd', hasEnded: true }, false)).toBe('|cd|')
  })

  it('just fits', () => {
    expect(read({ prompt: 'abc', completion: 'def', hasEnded: true })).toBe('|abcdef|')
  })

  it('loses the beginning of the prompt first', () => {
    expect(read({ prompt: 'abcd', completion: 'efg', hasEnded: true })).toBe('|bcdefg| (cut)')
    expect(read({ prompt: 'abcd', completion: 'efghab', hasEnded: true })).toBe('|efghab| (cut)')
  })

  it('then the end of the completion, and with it the end token', () => {
    expect(read({ prompt: 'abcd', completion: 'efghabcd', hasEnded: true })).toBe('|efghabc (cut)')
    expect(read({ prompt: '', completion: 'abcdefg', hasEnded: true })).toBe('|abcdefg (cut)')
    expect(read({ prompt: '', completion: 'abcdefg', hasEnded: false })).toBe('|abcdefg')
  })

  it('is refused with a character the model does not know', () => {
    expect(() => read({ prompt: '', completion: 'aü', hasEnded: true })).toThrow(UnknownCharacterError)
  })
})
