/** ShareGPT's conversations and pairs: what becomes of them, and what is refused. */
import { describe, expect, it } from 'vitest'
import { readAll, refusal, written } from '../helpers/imported-file'

const jsonl = (...rows: readonly object[]): string =>
  written('a.jsonl', rows.map((row) => JSON.stringify(row)).join('\n'))

const human = (value: unknown) => ({ from: 'human', value })
const gpt = (value: unknown) => ({ from: 'gpt', value })

describe('a conversation of ShareGPT', () => {
  it('is a demonstration of its last assistant turn', async () => {
    const { kind, examples } = await readAll(
      jsonl({ conversations: [human('Hi'), gpt('Hello'), human('Bye'), gpt('Ciao')], id: 'x' }),
    )
    expect(kind).toBe('demonstrations')
    expect(examples).toEqual([
      { prompt: '\n\nHuman: Hi\n\nAssistant: Hello\n\nHuman: Bye\n\nAssistant:', completion: ' Ciao' },
    ])
  })

  it.each([
    ['human', 'gpt'],
    ['user', 'assistant'],
    ['User', 'ChatGPT'],
    ['human', 'bard'],
    ['human', 'bing'],
  ])('may be between %s and %s', async (asks, answers) => {
    const turns = [
      { from: asks, value: 'Hi' },
      { from: answers, value: 'Hello' },
    ]
    expect((await readAll(jsonl({ conversations: turns }))).examples).toEqual([
      { prompt: '\n\nHuman: Hi\n\nAssistant:', completion: ' Hello' },
    ])
  })

  it('may stand in a column "messages" or "conversation"', async () => {
    for (const name of ['messages', 'conversation'])
      expect((await readAll(jsonl({ [name]: [human('Hi'), gpt('Hello')] }))).kind).toBe('demonstrations')
  })

  it('begins with its system prompt, from a turn or a column, in whichever row has one', async () => {
    const turns = [human('Hi'), gpt('Hello')]
    const { examples } = await readAll(
      jsonl(
        { conversations: turns, system: '', tools: '[]' },
        { conversations: turns, system: 'Be brief.' },
        { conversations: [{ from: 'system', value: 'Be brief.' }, ...turns], system: 'Be brief.' },
        { conversations: [{ from: 'system', value: 'Be brief.' }, ...turns], tools: [] },
      ),
    )
    const prompt = '\n\nHuman: Hi\n\nAssistant:'
    expect(examples.map((each) => each.prompt)).toEqual([
      prompt,
      `Be brief.${prompt}`,
      `Be brief.${prompt}`,
      `Be brief.${prompt}`,
    ])
  })

  it('keeps the system prompt of a later row when the first has none', async () => {
    const turns = [human('Hi'), gpt('Hello')]
    const { examples } = await readAll(
      jsonl({ conversations: turns }, { conversations: turns, system: 'Be brief.' }),
    )
    expect(examples[1]?.prompt).toBe('Be brief.\n\nHuman: Hi\n\nAssistant:')
  })

  it('keeps its KTO tag as a label', async () => {
    const turns = [human('Hi'), gpt('Hello')]
    const { examples } = await readAll(
      jsonl({ conversations: turns, kto_tag: true }, { conversations: turns, kto_tag: false }),
    )
    expect(examples.map((each) => each.label)).toEqual([1, 0])
  })

  it('can be read as prompts', async () => {
    const { kind, examples } = await readAll(jsonl({ conversations: [human('Hi'), gpt('Hello')] }), 'prompts')
    expect({ kind, examples }).toEqual({
      kind: 'prompts',
      examples: [{ prompt: '\n\nHuman: Hi\n\nAssistant:' }],
    })
  })
})

describe('a pair of ShareGPT', () => {
  const pair = { conversations: [human('Hi')], chosen: gpt('Hello'), rejected: gpt('Go away') }
  const prompt = '\n\nHuman: Hi\n\nAssistant:'

  it('is a preference pair', async () => {
    expect(await readAll(jsonl(pair))).toMatchObject({
      kind: 'preferences',
      examples: [{ prompt, completion: ' Hello', rejected: ' Go away' }],
      notes: [],
    })
  })

  it('can be read as a demonstration of what was chosen, or as a prompt', async () => {
    expect((await readAll(jsonl(pair), 'demonstrations')).examples).toEqual([
      { prompt, completion: ' Hello' },
    ])
    expect((await readAll(jsonl(pair), 'prompts')).examples).toEqual([{ prompt }])
  })

  it.each([
    [{ ...pair, chosen: human('Hello') }, '"chosen" is a turn of user, not of the assistant'],
    [{ ...pair, rejected: 'Go away' }, '"rejected" is not like {"from": "human", "value": "…"}'],
    [{ conversations: [human('Hi')], rejected: gpt('x') }, '"chosen" is missing'],
    [{ ...pair, conversations: [human('Hi'), gpt('Ho')] }, '"conversations" ends with an assistant turn'],
  ])('like %j is refused', async (row, problem) => {
    const refused = await refusal(jsonl(pair, pair, row))
    expect(refused).toMatchObject({ line: 3 })
    expect(refused.problem).toContain(problem)
  })
})

describe('what no example can hold of ShareGPT', () => {
  const turns = [human('Hi'), gpt('Hello')]

  it.each([
    [
      { conversations: [human('Hi'), { from: 'function_call', value: '{}' }, gpt('Hello')] },
      '"conversations" turn 2 is from "function_call": a conversation with tools cannot be read',
    ],
    [
      { conversations: [human('Hi'), { from: 'observation', value: '1' }, gpt('Hello')] },
      '"conversations" turn 2 is from "observation": a conversation with tools',
    ],
    [{ conversations: [human('Hi'), { from: 'tool', value: '1' }] }, 'turn 2 is from "tool"'],
    [{ conversations: turns, tools: '[{"name": "f"}]' }, '"tools" offers tools'],
    [{ conversations: turns, tools: [{ name: 'f' }] }, '"tools" offers tools'],
    [
      { conversations: [{ from: 'wizard', value: 'x' }] },
      '"conversations" turn 1 is from "wizard"; system, human and gpt are known',
    ],
    [{ conversations: [{ from: 'constructor', value: 'x' }] }, 'turn 1 is from "constructor"; system, human'],
    [{ conversations: [human('Hi'), gpt(3)] }, '"conversations" turn 2 has no text as its value'],
    [{ conversations: [human('Hi'), { role: 'assistant', content: 'x' }] }, 'turn 2 is not like {"from"'],
    [{ conversations: [human('Hi'), gpt('oh \ud83d')] }, 'holds half a character'],
    [{ conversations: [human('Hi')] }, '"conversations" has no assistant turn to learn from'],
    [{ conversations: 'Hi' }, '"conversations" is not a list of turns'],
    [{ id: 7 }, '"conversations" is missing'],
    [
      { conversations: [{ from: 'system', value: 'Be brief.' }, ...turns], system: 'Be long.' },
      '"system" and the first turn are two different system prompts',
    ],
    [{ conversations: turns, system: 7 }, '"system" has no text as its value'],
  ])('such as %j is refused with its row', async (row, problem) => {
    const refused = await refusal(jsonl({ conversations: turns }, row))
    expect(refused).toMatchObject({ file: 'a.jsonl', line: 2 })
    expect(refused.problem).toContain(problem)
  })
})
