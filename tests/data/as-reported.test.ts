/**
 * Kinds of rows that people reported other programs to refuse or to read wrongly: who speaks by other names, texts that
 * take turns, answers in objects, open questions with several answers, winners by name, values that look like rows.
 */
import { describe, expect, it } from 'vitest'
import { readAll, written } from '../helpers/imported-file'
import { asked, assistant, user } from '../helpers/turns'

const jsonl = (...rows: readonly unknown[]) =>
  readAll(written('a.jsonl', rows.map((row) => JSON.stringify(row)).join('\n')))

describe('messages that say by other names who speaks', () => {
  it.each<[string, readonly unknown[]]>([
    [
      'speaker',
      [
        { speaker: 'user', text: 'Hi' },
        { speaker: 'assistant', text: 'Yo' },
      ],
    ],
    [
      'author',
      [
        { author: 'human', content: 'Hi' },
        { author: 'ai', content: 'Yo' },
      ],
    ],
    [
      'sender',
      [
        { sender: 'human', message: 'Hi' },
        { sender: 'assistant', message: 'Yo' },
      ],
    ],
    [
      'type (LangChain)',
      [
        { type: 'human', data: { content: 'Hi' } },
        { type: 'ai', data: { content: 'Yo' } },
      ],
    ],
    [
      'an author’s role (ChatGPT’s export)',
      [
        { author: { role: 'user' }, content: { content_type: 'text', parts: ['Hi'] } },
        { author: { role: 'assistant' }, content: { content_type: 'text', parts: ['Yo'] } },
      ],
    ],
    ['turns (texts alone)', ['Hi', 'Yo']],
  ])('are read: %s', async (_, messages) => {
    const right = { prompt: asked(user('Hi')), completion: [assistant('Yo')] }
    for (const column of ['messages', 'conversation'])
      expect((await jsonl({ [column]: messages }, { [column]: messages })).examples).toEqual([right, right])
  })
})

describe('an answer in an object with its score', () => {
  it('is its text', async () => {
    const { examples } = await jsonl({
      prompt: 'q',
      chosen: { text: 'g', score: 1 },
      rejected: { text: 'b', score: 0 },
    })
    expect(examples).toEqual([{ prompt: 'q', completion: 'g', rejected: 'b' }])
  })
})

describe('an open question', () => {
  it.each<[string, unknown]>([
    ['Natural Questions', ['a', 'b', 'a']],
    ['TriviaQA', { value: 'a', aliases: ['a', 'b'], normalized_value: 'A' }],
  ])('has a reference answer for each that is right: %s', async (_, answer) => {
    const { kind, examples } = await jsonl({ question: 'q', answer })
    expect([kind, examples]).toEqual([
      'demonstrations',
      [
        { prompt: 'q', completion: 'a' },
        { prompt: 'q', completion: 'b' },
      ],
    ])
  })
})

describe('a winner', () => {
  it('may be called by the name of its model', async () => {
    const row = { model_a: 'ada', model_b: 'bob', prompt: 'q', response_a: 'a', response_b: 'b' }
    const { examples } = await jsonl({ ...row, winner: 'bob' }, { ...row, winner: 'ada', prompt: 'r' })
    expect(examples).toEqual([
      { prompt: 'q', completion: 'b', rejected: 'a' },
      { prompt: 'r', completion: 'a', rejected: 'b' },
    ])
  })
})

describe('a list of texts within a row', () => {
  it('is no list of rows, though it is called as one', async () => {
    const { kind, examples } = await jsonl({ prompt: 'q', gold_label: '3', dataset: ['math'] })
    expect([kind, examples]).toEqual(['prompts', [{ prompt: 'q' }]])
    const chat = written('b.jsonl', '{"id":"0","data":["Hi","Yo"]}\n{"id":"1","data":["Hi","Yo"]}')
    expect((await readAll(chat, { columns: { conversation: 'data' } })).examples).toHaveLength(2)
  })

  it('is one where it is all that the file has', async () => {
    const { kind, examples } = await readAll(written('c.json', '{"train": ["One.", "Two."]}'))
    expect([kind, examples]).toEqual(['text', [{ completion: 'One.' }, { completion: 'Two.' }]])
  })
})
