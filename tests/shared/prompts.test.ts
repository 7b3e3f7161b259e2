import { describe, expect, it } from 'vitest'
import { distinctPrompts, sameness } from '../../src-shared/prompts'
import { textOf } from '../../src-shared/turn-texts'
import { promptSchema } from '../../src-shared/prompt-schema'
import { asked, assistant, system, user } from '../helpers/turns'

describe('two prompts', () => {
  it('are the same whatever the order in which their parts were written', () => {
    const one = asked({ role: 'user', content: 'Egg?' })
    const other = asked({ content: 'Egg?', role: 'user' } as never)
    expect(sameness(one)).toBe(sameness(other))
  })

  it.each([
    ['a text and a turn that says it', 'Egg?', asked(user('Egg?'))],
    ['two roles', asked(user('Egg?')), asked(system('Egg?'))],
    ['one turn and two', asked(user('a\n\nb')), asked(user('a'), user('b'))],
    [
      'a name and a text',
      asked({ role: 'tool', content: 'x' }),
      asked({ role: 'tool', content: 'x', toolName: 'w' }),
    ],
    ['tools and none', asked(user('Egg?')), { ...asked(user('Egg?')), tools: [{ name: 'w' }] }],
    ['what templates are told', asked(user('Egg?')), { ...asked(user('Egg?')), templateArguments: { a: 1 } }],
    ['a text that looks like a conversation', JSON.stringify(asked(user('Egg?'))), asked(user('Egg?'))],
  ])('differ by %s', (_, one, other) => {
    expect(sameness(one)).not.toBe(sameness(other))
    expect(distinctPrompts([one, other, one])).toEqual([one, other])
  })
})

describe('the text of turns', () => {
  it('is what each thinks, says and calls', () => {
    const call = { name: 'weather', arguments: { city: 'Rome' } }
    expect(
      textOf(asked(user('Warm?'), { role: 'assistant', content: '', reasoning: 'Look.', toolCalls: [call] })),
    ).toBe('Warm?\n\nLook.\n\nweather {"city":"Rome"}')
    expect(textOf([assistant('Yes.'), user('Sure?')])).toBe('Yes.\n\nSure?')
    expect(textOf('as it is')).toBe('as it is')
  })
})

describe('a prompt that a page sends', () => {
  it.each([['a text'], [asked(user('Egg?'))], [{ turns: [assistant('')], tools: [{ a: [1, null] }] }]])(
    'may be %j',
    (prompt) => {
      expect(promptSchema.parse(prompt)).toEqual(prompt)
    },
  )

  it.each([
    [7],
    [{ turns: 'Egg?' }],
    [{ turns: [{ role: 'user' }] }],
    [{ turns: [{ role: '', content: 'x' }] }],
    [{ turns: [], more: 1 }],
  ])('may not be %j', (prompt) => {
    expect(promptSchema.safeParse(prompt).success).toBe(false)
  })
})
