/** Conversations as lists of messages, and transcripts of hh-rlhf: what is read of each way to write them. */
import fs from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readAll, refusal, written } from '../helpers/imported-file'
import { asked, assistant, system, user } from '../helpers/turns'

const jsonl = (...rows: readonly object[]): string =>
  written('a.jsonl', rows.map((row) => JSON.stringify(row)).join('\n'))
const first = async (...rows: readonly object[]) => (await readAll(jsonl(...rows))).examples[0]

describe('a conversation', () => {
  const short = [user('Hi'), assistant('Hello')]

  it('is a demonstration of all that its assistant says', async () => {
    const { kind, examples } = await readAll(
      jsonl({ messages: [system('Be brief.'), ...short, user('Bye'), assistant('Ciao')] }),
    )
    expect(kind).toBe('demonstrations')
    expect(examples).toEqual([
      {
        prompt: asked(system('Be brief.'), user('Hi')),
        completion: [assistant('Hello'), user('Bye'), assistant('Ciao')],
      },
    ])
  })

  it('may begin with its assistant, and end with a question that nobody answers', async () => {
    expect(await first({ messages: [assistant('Hello'), user('Hi')] })).toEqual({
      prompt: asked(),
      completion: [assistant('Hello'), user('Hi')],
    })
  })

  it('may name who speaks as ShareGPT does, and what is said as OpenAI does', async () => {
    const messages = [
      { from: 'user', content: 'Hi' },
      { from: 'assistant', content: 'Hello' },
    ]
    expect(await first({ messages })).toEqual({ prompt: asked(user('Hi')), completion: [assistant('Hello')] })
  })

  it('may have its content in parts, thoughts and calls among them', async () => {
    const content = [
      { type: 'thinking', thinking: 'Greet.' },
      { type: 'text', text: 'Hel' },
      { type: 'text', text: 'lo' },
      { type: 'tool_use', id: 'c1', name: 'wave', input: { hands: 2 } },
    ]
    expect((await first({ messages: [user('Hi'), { role: 'assistant', content }] }))?.completion).toEqual([
      {
        role: 'assistant',
        content: 'Hello',
        reasoning: 'Greet.',
        toolCalls: [{ id: 'c1', name: 'wave', arguments: { hands: 2 } }],
      },
    ])
  })

  it.each(['reasoning_content', 'reasoning', 'thinking'])('keeps what was thought as "%s"', async (name) => {
    const answer = { role: 'assistant', content: 'Four.', [name]: 'Two and two.' }
    expect((await first({ messages: [user('2 + 2?'), answer] }))?.completion).toEqual([
      { role: 'assistant', content: 'Four.', reasoning: 'Two and two.' },
    ])
  })

  it.each([
    [
      'tool_calls with ids',
      { tool_calls: [{ id: 'c', type: 'function', function: { name: 'w', arguments: '{"a":1}' } }] },
      [{ id: 'c', name: 'w', arguments: '{"a":1}' }],
    ],
    [
      'tool_calls with arguments as an object',
      { tool_calls: [{ type: 'function', function: { name: 'w', arguments: { a: 1 } } }] },
      [{ name: 'w', arguments: { a: 1 } }],
    ],
    [
      'tool_calls without "function"',
      { tool_calls: [{ name: 'w', arguments: { a: 1 } }] },
      [{ name: 'w', arguments: { a: 1 } }],
    ],
    [
      'tool_calls as JSON in a text',
      { tool_calls: '[{"name":"w","arguments":{}}]' },
      [{ name: 'w', arguments: {} }],
    ],
    [
      'the older function_call',
      { function_call: { name: 'w', arguments: '{}' } },
      [{ name: 'w', arguments: '{}' }],
    ],
  ])('keeps calls of tools, from %s', async (_, said, toolCalls) => {
    const messages = [user('Weather?'), { role: 'assistant', content: null, ...said }]
    expect((await first({ messages }))?.completion).toEqual([{ role: 'assistant', content: '', toolCalls }])
  })

  it('keeps which tool answers which call', async () => {
    const answer = { role: 'tool', name: 'w', tool_call_id: 'c', content: '21' }
    const example = await first({
      messages: [user('Weather?'), assistant('I look.'), answer, assistant('21.')],
    })
    expect(example?.completion).toContainEqual({
      role: 'tool',
      content: '21',
      toolName: 'w',
      toolCallId: 'c',
    })
  })

  it.each([
    ['a list', [{ name: 'w' }]],
    ['JSON in a text', '[{"name": "w"}]'],
    ['one alone', { name: 'w' }],
    ['texts of JSON', ['{"name": "w"}']],
  ])('keeps its tools, given as %s', async (_, tools) => {
    expect((await first({ messages: short, tools }))?.prompt).toEqual({
      turns: [user('Hi')],
      tools: [{ name: 'w' }],
    })
  })

  it('keeps what its template is told', async () => {
    const example = await first({ messages: short, chat_template_kwargs: { enable_thinking: false } })
    expect(example?.prompt).toEqual({ turns: [user('Hi')], templateArguments: { enable_thinking: false } })
  })

  it('may stand as JSON in a text, as CSV has it', async () => {
    const file = written('a.csv', `messages\n"${JSON.stringify(short).replaceAll('"', '""')}"\n`)
    expect((await readAll(file)).examples).toEqual([
      { prompt: asked(user('Hi')), completion: [assistant('Hello')] },
    ])
  })

  it('keeps roles that nobody knows, and system turns where they stand', async () => {
    const told = [user('Go on.'), { role: 'narrator', content: 'Night falls.' }, system('Rhyme.')]
    expect(await first({ messages: [...told, assistant('Light calls.')] })).toEqual({
      prompt: asked(...told),
      completion: [assistant('Light calls.')],
    })
  })

  it.each([
    ['human', 'user'],
    ['User', 'user'],
    ['prompter', 'user'],
    ['developer', 'system'],
    ['function', 'tool'],
    ['observation', 'tool'],
    ['ipython', 'tool'],
  ])('hears %s as %s', async (written, role) => {
    const example = await first({ messages: [{ role: written, content: 'x' }, assistant('y')] })
    expect(example?.prompt).toEqual(asked({ role, content: 'x' }))
  })

  it.each(['ai', 'gpt', 'chatgpt', 'bard', 'bing', 'model', 'bot'])(
    'hears %s as the assistant',
    async (role) => {
      expect((await first({ messages: [user('x'), { role, content: 'y' }] }))?.completion).toEqual([
        assistant('y'),
      ])
    },
  )

  it.each([
    [{ messages: [user('Hi')] }, '"messages" has no assistant turn to learn from'],
    [
      { messages: [{ role: 'wizard', content: 'x' }] },
      'no assistant turn to learn from; its turns are from "wizard"',
    ],
    [{ messages: [{ role: 'constructor', content: 'x' }] }, 'its turns are from "constructor"'],
    [
      { messages: [user('Hi'), { role: 'assistant', content: {} }] },
      '"messages" turn 2 has no text as its content',
    ],
    [{ messages: [{ role: null, content: 'x' }] }, '"messages" turn 1 has no role'],
    [{ messages: [user('Hi'), assistant('a'), user('b'), assistant(' ')] }, 'has an empty assistant turn'],
    [
      { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: {} }] }] },
      '"messages" turn 1 has a part of type "image_url" in its content, and only texts can be read',
    ],
    [
      { messages: [user('Hi'), { ...assistant('x'), tool_calls: [{ id: 'c' }] }] },
      'has a tool call that is not like',
    ],
    [{ messages: [user('Hi'), assistant('oh \ud83d')] }, 'holds half a character'],
    [{ messages: short, tools: 'w' }, '"tools" is not a list of tools'],
    [{ messages: short, chat_template_kwargs: [1] }, '"chat_template_kwargs" is not an object in JSON'],
    [{ messages: 'Hi' }, '"messages" is not a list of turns'],
    [{ messages: [null] }, '"messages" turn 1 is not like {"role": "user"'],
    [
      { chosen: [user('Hi'), assistant('a')], rejected: [user('Ho'), assistant('b')] },
      'part before an assistant turn',
    ],
    [
      { chosen: [], rejected: [] },
      'nothing of it can be learned from: 1 row has an answer that says nothing',
    ],
  ])('like %j is refused', async (row, problem) => {
    expect((await refusal(jsonl(row))).problem).toContain(problem)
  })
})

describe('an import of conversations says', () => {
  it('which names were read as others, and which were kept, each once', async () => {
    const rows = [
      { messages: [user('Hi'), { role: 'ai', content: 'Hello' }] },
      { messages: [{ role: 'Narrator', content: 'Night.' }, user('Hi'), { role: 'ai', content: 'Hello' }] },
    ]
    expect((await readAll(jsonl(...rows))).notes).toEqual([
      '2 turns are from "ai", and read as the assistant\'s (first: line 1).',
      '1 turn is from "Narrator", and kept so (first: line 2).',
    ])
  })

  it('that turns stand at the end which nobody answers', async () => {
    expect((await readAll(jsonl({ messages: [user('Hi'), assistant('Hello'), user('Bye')] }))).notes).toEqual(
      ['1 conversation has turns at the end that no assistant answers (first: line 1). Kept, not learned.'],
    )
  })

  it('nothing of those that are as most are', async () => {
    const human = {
      conversations: [
        { from: 'human', value: 'Hi' },
        { from: 'gpt', value: 'Hello' },
      ],
    }
    expect((await readAll(jsonl(human))).notes).toEqual([])
  })
})

describe('the page on data', () => {
  it('has examples of conversations that are all read as turns', async () => {
    const page = fs.readFileSync('resources/docs/data.md', 'utf8')
    const [, block = ''] = /### Conversations[^]*?```json\n([^]*?)```/.exec(page) ?? []
    const lines = block.trim().split('\n')
    expect(lines.length).toBeGreaterThan(8)
    for (const line of lines) {
      const { examples } = await readAll(written('a.jsonl', line))
      expect(typeof examples[0]?.prompt, line).toBe('object')
      expect(Array.isArray(examples[0]?.completion), line).toBe(true)
    }
  })
})

describe('turns that are only to be read', () => {
  it.each([{ weight: 0 }, { train: false }, { trainable: false }, { loss: false }])(
    'stand in the prompt, marked by %j',
    async (mark) => {
      const read = { ...assistant('Hello'), ...mark }
      const messages = [user('Hi'), read, user('Bye'), { ...assistant('Ciao'), weight: 1 }]
      expect(await first({ messages })).toEqual({
        prompt: asked(user('Hi'), assistant('Hello'), user('Bye')),
        completion: [assistant('Ciao')],
      })
    },
  )

  it('leave a row out that has no others', async () => {
    const rows = [
      { messages: [user('Hi'), { ...assistant('x'), weight: 0 }] },
      { messages: [user('Hi'), assistant('y')] },
    ]
    const { examples, notes } = await readAll(jsonl(...rows))
    expect(examples).toHaveLength(1)
    expect(notes).toEqual(['1 row has no assistant turn that is to be learned (first: line 1). Left out.'])
  })
})

describe('a pair of conversations that teaches nothing', () => {
  it.each([
    [
      'an empty side',
      { chosen: [user('Hi'), assistant('')], rejected: [user('Hi'), assistant('x')] },
      'an empty text on one side',
    ],
    [
      'the same on both',
      { chosen: [user('Hi'), assistant('x')], rejected: [user('Hi'), assistant('x')] },
      'the same text as chosen and rejected',
    ],
  ])('is left out: %s', async (_, row, problem) => {
    const good = { chosen: [user('Hi'), assistant('a')], rejected: [user('Hi'), assistant('b')] }
    const { examples, notes } = await readAll(jsonl(good, row))
    expect(examples).toHaveLength(1)
    expect(notes.join()).toContain(problem)
  })
})

describe('a worse answer beside a whole conversation', () => {
  const whole = [user('Hi'), assistant('Hello')]
  const pair = {
    prompt: asked(user('Hi')),
    completion: [assistant('Hello')],
    rejected: [assistant('Go away')],
  }

  it.each([
    ['a text', { messages: whole, rejected_response: 'Go away' }],
    ['a turn', { messages: whole, rejected: assistant('Go away') }],
    ['a whole conversation', { messages: whole, rejected_messages: [user('Hi'), assistant('Go away')] }],
  ])('makes a pair with its last: %s', async (_, row) => {
    const { kind, examples, columns } = await readAll(jsonl(row))
    expect({ kind, examples }).toEqual({ kind: 'preferences', examples: [pair] })
    expect(columns.unread).toEqual([])
  })
})

describe('conversations in chosen and rejected', () => {
  const pair = {
    prompt: asked(user('Hi')),
    completion: [assistant('Hello')],
    rejected: [assistant('Go away')],
  }

  it.each([
    [
      'with the prompt in both',
      { chosen: [user('Hi'), assistant('Hello')], rejected: [user('Hi'), assistant('Go away')] },
    ],
    [
      'with the prompt as a text too',
      {
        prompt: 'Hi',
        chosen: [user('Hi'), assistant('Hello')],
        rejected: [user('Hi'), assistant('Go away')],
      },
    ],
    [
      'with the prompt as turns alone',
      { prompt: [user('Hi')], chosen: [assistant('Hello')], rejected: [assistant('Go away')] },
    ],
    [
      'with the prompt as a text alone',
      { prompt: 'Hi', chosen: [assistant('Hello')], rejected: [assistant('Go away')] },
    ],
    [
      'of one turn each, not in a list',
      { prompt: 'Hi', chosen: assistant('Hello'), rejected: assistant('Go away') },
    ],
    ['as texts beside a prompt of turns', { prompt: [user('Hi')], chosen: 'Hello', rejected: 'Go away' }],
    ['one as turns and one as a text', { prompt: 'Hi', chosen: [assistant('Hello')], rejected: 'Go away' }],
    ['beside the messages they answer', { messages: [user('Hi')], chosen: 'Hello', rejected: 'Go away' }],
  ])('make one pair: %s', async (_, row) => {
    expect(await first(row)).toEqual(pair)
  })

  it('keep a system turn that only the prompt has', async () => {
    const example = await first({
      prompt: [system('Be kind.'), user('Hi')],
      chosen: [user('Hi'), assistant('Hello')],
      rejected: [user('Hi'), assistant('Go away')],
    })
    expect(example?.prompt).toEqual(asked(system('Be kind.'), user('Hi')))
  })

  it('share the answers in which they agree, after a prompt of their own', async () => {
    const begun = [assistant('What?'), user('Hi!')]
    const example = await first({
      prompt: 'Hi',
      chosen: [...begun, assistant('Hello')],
      rejected: [...begun, assistant('Go away')],
    })
    expect(example?.prompt).toEqual(asked(user('Hi'), ...begun))
  })

  it('part in what they call, not only in what they say', async () => {
    const call = (city: string) => ({
      role: 'assistant',
      content: '',
      tool_calls: [{ name: 'w', arguments: { city } }],
    })
    const example = await first({ prompt: 'Rome?', chosen: [call('Rome')], rejected: [call('Paris')] })
    expect(example?.rejected).toEqual([
      { role: 'assistant', content: '', toolCalls: [{ name: 'w', arguments: { city: 'Paris' } }] },
    ])
  })

  it('are the pair, not the messages that repeat the chosen one', async () => {
    const chosen = [user('Hi'), assistant('Hello')]
    const { kind, examples } = await readAll(
      jsonl({ prompt: 'Hi', messages: chosen, chosen, rejected: [user('Hi'), assistant('Go away')] }),
    )
    expect({ kind, examples }).toEqual({ kind: 'preferences', examples: [pair] })
  })
})

describe('a prompt beside its answer', () => {
  const example = { prompt: asked(user('Egg?')), completion: [assistant('Eight.')] }

  it.each([
    ['turns and a text', { prompt: [user('Egg?')], completion: 'Eight.' }],
    ['a text and turns', { prompt: 'Egg?', completion: [assistant('Eight.')] }],
    [
      'turns, and all of them once more',
      { prompt: [user('Egg?')], completion: [user('Egg?'), assistant('Eight.')] },
    ],
    ['a transcript and a text', { prompt: '\n\nHuman: Egg?\n\nAssistant:', response: ' Eight.' }],
    ['messages and a text', { messages: [user('Egg?')], response: 'Eight.' }],
  ])('is a conversation: %s', async (_, row) => {
    expect(await first(row)).toEqual(example)
  })

  it('stays texts when both are texts, whatever they quote', async () => {
    const row = { prompt: 'Log:\n\nHuman: hi\n\nAssistant:', completion: ' yo\n\nHuman: who?' }
    expect(await first(row)).toEqual(row)
  })

  it('has what was asked before, as LLaMA-Factory writes it', async () => {
    const row = { instruction: 'Tea?', output: 'Four.', history: [['Egg?', 'Eight.']], system: 'Be brief.' }
    expect(await first(row)).toEqual({
      prompt: asked(system('Be brief.'), user('Egg?'), assistant('Eight.'), user('Tea?')),
      completion: [assistant('Four.')],
    })
  })

  it('stays texts in rows whose columns for a conversation are empty', async () => {
    const row = { instruction: 'Tea?', output: 'Four.', history: [], system: '' }
    expect(await first(row)).toEqual({ prompt: 'Tea?', completion: 'Four.' })
  })
})

describe('a transcript of hh-rlhf', () => {
  const start = '\n\nHuman: What?\n\nAssistant: This.\n\nHuman: Why?\n\nAssistant:'
  const begun = [user('What?'), assistant('This.'), user('Why?')]

  it('is turns, split at the last assistant turn that both have', async () => {
    const { kind, examples } = await readAll(
      jsonl({ chosen: `${start} Because.`, rejected: `${start} Be quiet.` }),
    )
    expect(kind).toBe('preferences')
    expect(examples).toEqual([
      { prompt: asked(...begun), completion: [assistant('Because.')], rejected: [assistant('Be quiet.')] },
    ])
  })

  it('keeps the turns after the split with their side', async () => {
    const row = { chosen: `${start} Yes.\n\nHuman: Ok\n\nAssistant: Bye`, rejected: `${start} No.` }
    expect(await first(row)).toEqual({
      prompt: asked(...begun),
      completion: [assistant('Yes.'), user('Ok'), assistant('Bye')],
      rejected: [assistant('No.')],
    })
  })

  it('as a prompt waits for its answer', async () => {
    expect(await first({ prompt: start })).toEqual({ prompt: asked(...begun) })
    expect(await first({ prompt: start, chosen: ' Because.', rejected: ' Be quiet.' })).toEqual({
      prompt: asked(...begun),
      completion: [assistant('Because.')],
      rejected: [assistant('Be quiet.')],
    })
  })

  it('that is only quoted is a text', async () => {
    const row = { prompt: 'Log?', chosen: `See: ${start} x`, rejected: `See: ${start} y` }
    expect(await first(row)).toEqual({ prompt: 'Log?', completion: row.chosen, rejected: row.rejected })
  })

  it('that parts before anyone answers is refused', async () => {
    const parts = (word: string): string => `\n\nHuman: ${word}?\n\nAssistant: Yes.`
    expect((await refusal(jsonl({ chosen: parts('Why'), rejected: parts('How') }))).problem).toContain(
      'part before an assistant turn',
    )
  })
})
