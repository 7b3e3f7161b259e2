/** ShareGPT's conversations and pairs: what becomes of them, and what is refused. */
import { describe, expect, it } from 'vitest'
import { readAll, refusal, written } from '../helpers/imported-file'
import { asked, assistant, system, user } from '../helpers/turns'

const jsonl = (...rows: readonly object[]): string =>
  written('a.jsonl', rows.map((row) => JSON.stringify(row)).join('\n'))

const human = (value: unknown) => ({ from: 'human', value })
const gpt = (value: unknown) => ({ from: 'gpt', value })
const turns = [human('Hi'), gpt('Hello')]
const greeting = { prompt: asked(user('Hi')), completion: [assistant('Hello')] }

describe('a conversation of ShareGPT', () => {
  it('is a demonstration of all that its assistant says', async () => {
    const { kind, examples } = await readAll(
      jsonl({ conversations: [...turns, human('Bye'), gpt('Ciao')], id: 'x' }),
    )
    expect(kind).toBe('demonstrations')
    expect(examples).toEqual([
      { ...greeting, completion: [assistant('Hello'), user('Bye'), assistant('Ciao')] },
    ])
  })

  it.each([
    ['human', 'gpt'],
    ['user', 'assistant'],
    ['User', 'ChatGPT'],
    ['human', 'bard'],
    ['human', 'bing'],
  ])('may be between %s and %s', async (asks, answers) => {
    const conversations = [
      { from: asks, value: 'Hi' },
      { from: answers, value: 'Hello' },
    ]
    expect((await readAll(jsonl({ conversations }))).examples).toEqual([greeting])
  })

  it('may stand in a column "messages" or "conversation"', async () => {
    for (const name of ['messages', 'conversation'])
      expect((await readAll(jsonl({ [name]: turns }))).examples).toEqual([greeting])
  })

  it('begins with its system prompt, from a turn or a column, in whichever row has one', async () => {
    const { examples } = await readAll(
      jsonl(
        { conversations: turns, system: '', tools: '[]' },
        { conversations: turns, system: 'Be brief.' },
        { conversations: [{ from: 'system', value: 'Be brief.' }, ...turns], system: 'Be brief.' },
        { conversations: [{ from: 'system', value: 'Be brief.' }, ...turns], tools: [] },
      ),
    )
    const brief = asked(system('Be brief.'), user('Hi'))
    expect(examples.map((each) => each.prompt)).toEqual([asked(user('Hi')), brief, brief, brief])
  })

  it('keeps the system prompt of a later row when the first has none', async () => {
    const { examples } = await readAll(
      jsonl({ conversations: turns }, { conversations: turns, system: 'Be brief.' }),
    )
    expect(examples[1]?.prompt).toEqual(asked(system('Be brief.'), user('Hi')))
  })

  it('keeps calls, observations and tools', async () => {
    const { examples } = await readAll(
      jsonl({
        conversations: [
          human('Weather in Rome?'),
          { from: 'function_call', value: '{"name": "weather", "arguments": {"city": "Rome"}}' },
          { from: 'observation', value: '21' },
          gpt('21 degrees.'),
        ],
        tools: '[{"name": "weather"}]',
      }),
    )
    expect(examples).toEqual([
      {
        prompt: { turns: [user('Weather in Rome?')], tools: [{ name: 'weather' }] },
        completion: [
          { role: 'assistant', content: '', toolCalls: [{ name: 'weather', arguments: { city: 'Rome' } }] },
          { role: 'tool', content: '21' },
          assistant('21 degrees.'),
        ],
      },
    ])
  })

  it('keeps a call that is no JSON as what the assistant says', async () => {
    const call = { from: 'function_call', value: 'weather(Rome)' }
    const { examples } = await readAll(jsonl({ conversations: [human('Weather?'), call] }))
    expect(examples[0]?.completion).toEqual([assistant('weather(Rome)')])
  })

  it('keeps its KTO tag as a label', async () => {
    const { examples } = await readAll(
      jsonl({ conversations: turns, kto_tag: true }, { conversations: turns, kto_tag: false }),
    )
    expect(examples.map((each) => each.label)).toEqual([1, 0])
  })

  it('can be read as prompts: all before the last answer', async () => {
    const { kind, examples } = await readAll(
      jsonl({ conversations: [...turns, human('Bye'), gpt('Ciao')] }, { conversations: [human('Tea?')] }),
      'prompts',
    )
    expect({ kind, examples }).toEqual({
      kind: 'prompts',
      examples: [
        { prompt: asked(user('Hi'), assistant('Hello'), user('Bye')) },
        { prompt: asked(user('Tea?')) },
      ],
    })
  })
})

describe('a pair of ShareGPT', () => {
  const pair = { conversations: [human('Hi')], chosen: gpt('Hello'), rejected: gpt('Go away') }
  const example = { ...greeting, rejected: [assistant('Go away')] }

  it('is a preference pair', async () => {
    expect(await readAll(jsonl(pair))).toMatchObject({ kind: 'preferences', examples: [example], notes: [] })
  })

  it('may have its answers as texts or lists', async () => {
    const rows = [
      { ...pair, chosen: 'Hello', rejected: 'Go away' },
      { ...pair, chosen: [gpt('Hello')], rejected: [gpt('Go away')] },
    ]
    expect((await readAll(jsonl(...rows))).examples).toEqual([example, example])
  })

  it('can be read as a demonstration of what was chosen, or as a prompt', async () => {
    expect((await readAll(jsonl(pair), 'demonstrations')).examples).toEqual([greeting])
    expect((await readAll(jsonl(pair), 'prompts')).examples).toEqual([{ prompt: greeting.prompt }])
  })

  it.each([
    [{ ...pair, chosen: human('Hello') }, '"chosen" is a turn of user, not of the assistant'],
    [{ ...pair, rejected: { a: 7 } }, '"rejected" is an object, not text'],
    [{ conversations: [human('Hi')], rejected: gpt('x') }, '"chosen" is missing'],
    [{ ...pair, conversations: [human('Hi'), gpt('Ho')] }, '"conversations" ends with an assistant turn'],
  ])('like %j is refused', async (row, problem) => {
    const refused = await refusal(jsonl(pair, pair, row))
    expect(refused).toMatchObject({ line: 3 })
    expect(refused.problem).toContain(problem)
  })
})

describe('what no example can hold of ShareGPT', () => {
  it.each([
    [
      { conversations: [{ from: 'wizard', value: 'x' }] },
      'no assistant turn to learn from; its turns are from "wizard"',
    ],
    [{ conversations: [human('Hi'), gpt({})] }, '"conversations" turn 2 has no text as its content'],
    [{ conversations: [human('Hi'), { value: 'x' }] }, '"conversations" turn 2 is not like'],
    [{ conversations: [human('Hi'), gpt('oh \ud83d')] }, 'holds half a character'],
    [{ conversations: [human('Hi')] }, '"conversations" has no assistant turn to learn from'],
    [{ conversations: 'Hi' }, '"conversations" is not a list of turns'],
    [{ id: 7 }, '"conversations" is missing'],
    [
      { conversations: [{ from: 'system', value: 'Be brief.' }, ...turns], system: 'Be long.' },
      '"system" and the first turn are two different system prompts',
    ],
    [{ conversations: turns, system: [7] }, '"system" has a part of its content that is no text'],
  ])('such as %j is refused with its row', async (row, problem) => {
    const refused = await refusal(jsonl({ conversations: turns }, row))
    expect(refused).toMatchObject({ file: 'a.jsonl', line: 2 })
    expect(refused.problem).toContain(problem)
  })
})
