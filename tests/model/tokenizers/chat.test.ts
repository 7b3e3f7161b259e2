import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { chatTemplateIn } from '../../../src-main/model/tokenizers/chat'
import type { Turn } from '../../../src-shared/records/turn'

interface Conversation {
  readonly messages: readonly Turn[]
  readonly text?: string
  readonly refused?: string
}
interface Rendered {
  readonly name: string
  readonly template: string
  readonly conversations: readonly Conversation[]
}

const fixture = JSON.parse(
  readFileSync(new URL('../../fixtures/tokenizers/chat.json', import.meta.url), 'utf8'),
) as readonly Rendered[]
const ends = { bos_token: { content: '<s>', lstrip: false }, eos_token: '</s>' }

describe.each(fixture)('the chat template of $name', ({ template, conversations }) => {
  const chat = chatTemplateIn({ chat_template: template, ...ends })!

  it.each(conversations)('renders conversation %# as Python’s Jinja does', ({ messages, text, refused }) => {
    if (refused !== undefined) expect(() => chat.render({ turns: messages, opens: true })).toThrow(refused)
    else expect(chat.render({ turns: messages, opens: true })).toBe(text)
  })
})

describe('a chat template', () => {
  it('is the one called "default" when there are several, and the first when none is', () => {
    const named = (...names: readonly string[]) =>
      chatTemplateIn({ chat_template: names.map((name) => ({ name, template: name })) })?.render({
        turns: [],
        opens: true,
      })
    expect([named('tool_use', 'default'), named('rag', 'tool_use')]).toEqual(['default', 'rag'])
    expect(chatTemplateIn({})).toBeUndefined()
  })

  it('that cannot be read is refused', () => {
    expect(() => chatTemplateIn({ chat_template: '{% for %}' })).toThrow()
  })
})
