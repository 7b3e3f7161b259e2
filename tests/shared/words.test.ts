import { describe, expect, it } from 'vitest'
import { listed } from '../../src-shared/words'

describe('a list in a sentence', () => {
  it.each([
    [[], ''],
    [['text'], 'text'],
    [['text', 'prompts'], 'text or prompts'],
    [['text', 'prompts', 'preference pairs'], 'text, prompts or preference pairs'],
  ])('%j reads “%s”', (all, read) => expect(listed(all)).toBe(read))
})
