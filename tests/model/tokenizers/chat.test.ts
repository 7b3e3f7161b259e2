import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  chatTemplateIn,
  messagesOf,
  renderPrompt,
  withoutTurnSpace,
  type Message,
} from '../../../src-main/model/tokenizers/chat'

interface Conversation {
  readonly messages: readonly Message[]
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
    if (refused !== undefined) expect(() => chat.render(messages, true)).toThrow(refused)
    else expect(chat.render(messages, true)).toBe(text)
  })
})

describe('a chat template', () => {
  it('is the one called "default" when there are several, and the first when none is', () => {
    const named = (...names: readonly string[]) =>
      chatTemplateIn({ chat_template: names.map((name) => ({ name, template: name })) })?.render([], true)
    expect([named('tool_use', 'default'), named('rag', 'tool_use')]).toEqual(['default', 'rag'])
    expect(chatTemplateIn({})).toBeUndefined()
  })

  it('that cannot be read is refused', () => {
    expect(() => chatTemplateIn({ chat_template: '{% for %}' })).toThrow()
  })
})

describe('a prompt as messages', () => {
  it('is one message of the user', () => {
    expect(messagesOf('Define "love".')).toEqual([{ role: 'user', content: 'Define "love".' }])
  })

  it('has the turns of a transcript', () => {
    expect(
      messagesOf('Be brief.\n\nHuman: One?\n\nAssistant: two\nlines\n\nHuman: Three?\n\nAssistant:'),
    ).toEqual([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'One?' },
      { role: 'assistant', content: 'two\nlines' },
      { role: 'user', content: 'Three?' },
    ])
    expect(messagesOf('\n\nHuman: Hi\n\nAssistant:')).toEqual([{ role: 'user', content: 'Hi' }])
  })

  it('is no transcript when it does not end where the assistant speaks', () => {
    for (const prompt of ['\n\nHuman: Hi', '\n\nHuman: Hi\n\nAssistant: so', '\n\nAssistant:'])
      expect(messagesOf(prompt)).toEqual([{ role: 'user', content: prompt }])
  })

  it('loses the space that a transcript has before a completion, and only that', () => {
    expect(['  two', 'two', ' '].map(withoutTurnSpace)).toEqual([' two', 'two', ''])
  })

  it('has the system’s words in its first message where a template knows no system', () => {
    const gemma = chatTemplateIn({
      chat_template: fixture.find(({ name }) => name === 'Gemma')!.template,
      ...ends,
    })!
    expect(renderPrompt(gemma, 'Be brief.\n\nHuman: Hi\n\nAssistant:')).toBe(
      '<s><start_of_turn>user\nBe brief.\n\nHi<end_of_turn>\n<start_of_turn>model\n',
    )
  })
})
