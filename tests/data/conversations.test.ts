/** Conversations as lists of messages, and transcripts of hh-rlhf. */
import { describe, expect, it } from 'vitest'
import { readAll, refusal, written } from '../helpers/imported-file'

const jsonl = (...rows: readonly object[]): string =>
  written('a.jsonl', rows.map((row) => JSON.stringify(row)).join('\n'))

describe('a conversation', () => {
  const user = (content: string) => ({ role: 'user', content })
  const assistant = (content: string) => ({ role: 'assistant', content })

  it('is a demonstration of its last assistant turn', async () => {
    const { kind, examples } = await readAll(
      jsonl({
        messages: [
          { role: 'system', content: 'Be brief.' },
          user('Hi'),
          assistant('Hello'),
          user('Bye'),
          assistant('Ciao'),
        ],
      }),
    )
    expect(kind).toBe('demonstrations')
    expect(examples).toEqual([
      {
        prompt: 'Be brief.\n\nHuman: Hi\n\nAssistant: Hello\n\nHuman: Bye\n\nAssistant:',
        completion: ' Ciao',
      },
    ])
  })

  it('may have its content in parts', async () => {
    const parts = [
      { type: 'text', text: 'Hel' },
      { type: 'text', text: 'lo' },
    ]
    const { examples } = await readAll(
      jsonl({ messages: [user('Hi'), { role: 'assistant', content: parts }] }),
    )
    expect(examples[0]?.completion).toBe(' Hello')
  })

  it('in chosen and rejected shares its prompt', async () => {
    const { examples } = await readAll(
      jsonl({
        prompt: 'Hi',
        chosen: [user('Hi'), assistant('Hello')],
        rejected: [user('Hi'), assistant('Go away')],
      }),
    )
    expect(examples).toEqual([
      { prompt: '\n\nHuman: Hi\n\nAssistant:', completion: ' Hello', rejected: ' Go away' },
    ])
  })

  it('may have its prompt in a column of its own', async () => {
    const { examples } = await readAll(
      jsonl({ prompt: [user('Hi')], chosen: [assistant('Hello')], rejected: [assistant('Go away')] }),
    )
    expect(examples).toEqual([
      { prompt: '\n\nHuman: Hi\n\nAssistant:', completion: ' Hello', rejected: ' Go away' },
    ])
  })

  it.each([
    [{ messages: [user('Hi')] }, '"messages" has no assistant turn to learn from'],
    [
      { messages: [{ role: 'wizard', content: 'x' }] },
      '"messages" turn 1 has the role "wizard"; system, user and assistant are known',
    ],
    [
      { messages: [user('Hi'), { role: 'assistant', content: 3 }] },
      '"messages" turn 2 has no text as its content',
    ],
    [{ messages: 'Hi' }, '"messages" is not a list of turns'],
    [{ messages: [null] }, '"messages" turn 1 has the role'],
    [
      { chosen: [user('Hi'), assistant('a')], rejected: [user('Ho'), assistant('b')] },
      'part before an assistant turn',
    ],
    [{ chosen: [], rejected: [] }, 'part before an assistant turn'],
    [{ chosen: [user('Hi'), assistant('a')], rejected: 'b' }, '"chosen" is a list, not text'],
  ])('like %j is refused', async (row, problem) => {
    expect((await refusal(jsonl(row))).problem).toContain(problem)
  })
})

describe('a transcript of hh-rlhf', () => {
  const start = '\n\nHuman: What?\n\nAssistant: This.\n\nHuman: Why?\n\nAssistant:'

  it('is split at the last assistant turn that both have', async () => {
    const { kind, examples } = await readAll(
      jsonl({ chosen: `${start} Because.`, rejected: `${start} Be quiet.` }),
    )
    expect(kind).toBe('preferences')
    expect(examples).toEqual([{ prompt: start, completion: ' Because.', rejected: ' Be quiet.' }])
  })

  it('keeps the turns after the split with their side', async () => {
    const { examples } = await readAll(
      jsonl({ chosen: `${start} Yes.\n\nHuman: Ok\n\nAssistant: Bye`, rejected: `${start} No.` }),
    )
    expect(examples[0]).toEqual({
      prompt: start,
      completion: ' Yes.\n\nHuman: Ok\n\nAssistant: Bye',
      rejected: ' No.',
    })
  })

  it('that parts before anyone answers is refused', async () => {
    const parts = (word: string): string => `\n\nHuman: ${word}?\n\nAssistant: Yes.`
    expect((await refusal(jsonl({ chosen: parts('Why'), rejected: parts('How') }))).problem).toContain(
      'part before the first "Assistant:"',
    )
  })
})
