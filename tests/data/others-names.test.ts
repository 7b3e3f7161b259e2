/**
 * Rows as other people publish them, by names and nestings that were once refused, or read as something else. Each
 * stands for its kind.
 */
import { describe, expect, it } from 'vitest'
import { readAll, refusal, written } from '../helpers/imported-file'
import { asked, assistant, system, user } from '../helpers/turns'

const read = (...rows: readonly unknown[]) =>
  readAll(written('a.jsonl', rows.map((row) => JSON.stringify(row)).join('\n')))

describe('a pair by other names', () => {
  it.each([
    ['win', 'lose'],
    ['good_answer', 'bad_answer'],
    ['better_response', 'worse_response'],
    ['preferred_output', 'non_preferred_output'],
  ])('is read: %s and %s', async (good, bad) => {
    const { kind, examples } = await read({ prompt: 'q', [good]: 'g', [bad]: 'b' })
    expect([kind, examples]).toEqual(['preferences', [{ prompt: 'q', completion: 'g', rejected: 'b' }]])
  })

  it('that is not known is refused, and never read as its prompts alone', async () => {
    const rows = '{"prompt":"q","positive":"g","negative":"b"}'
    expect((await refusal(written('a.jsonl', rows))).problem).toContain(
      '"positive" and "negative" are not known',
    )
    const named = '{"input":"q","generations":["g","b"],"order":["chosen","rejected"]}'
    expect((await refusal(written('a.jsonl', named))).problem).toContain('"generations" is not known')
  })

  it('of conversations that are JSON in a text is read as turns', async () => {
    const side = (said: string): string =>
      JSON.stringify([
        { role: 'user', content: 'q' },
        { role: 'assistant', content: said },
      ])
    const { examples } = await read({ chosen: side('g'), rejected: side('b') })
    expect(examples).toEqual([
      { prompt: asked(user('q')), completion: [assistant('g')], rejected: [assistant('b')] },
    ])
  })

  it('whose prompt is an object of messages is read (OpenAI’s fine-tuning form)', async () => {
    const { examples } = await read({
      input: { messages: [{ role: 'user', content: 'q' }] },
      preferred_output: [{ role: 'assistant', content: 'g' }],
      non_preferred_output: [{ role: 'assistant', content: 'b' }],
    })
    expect(examples).toEqual([
      { prompt: asked(user('q')), completion: [assistant('g')], rejected: [assistant('b')] },
    ])
  })
})

describe('a prompt and its answer by other names', () => {
  it.each([
    ['user', 'assistant'],
    ['Human', 'Assistant'],
    ['inputs', 'targets'],
    ['user_input', 'completion'],
    ['Context', 'Response'],
  ])('are read: %s and %s', async (prompt, completion) => {
    const { kind, examples } = await read({ [prompt]: 'q', [completion]: 'x' })
    expect([kind, examples]).toEqual(['demonstrations', [{ prompt: 'q', completion: 'x' }]])
  })

  it('with a context beside the question keep it', async () => {
    const { examples } = await read({ context: 'c', question: 'q', answer: 'x' })
    expect(examples).toEqual([{ prompt: 'q\n\nc', completion: 'x' }])
  })
})

describe('a conversation by other names', () => {
  const whole = [{ prompt: asked(user('q')), completion: [assistant('x')] }]

  it.each(['dialogue', 'dialog', 'chat', 'items', 'turns'])('is read: %s', async (name) => {
    const messages = [
      { from: 'human', value: 'q' },
      { from: 'gpt', value: 'x' },
    ]
    expect((await read({ [name]: messages })).examples).toEqual(whole)
  })

  it.each([
    ['human', 'assistant'],
    ['user', 'assistant'],
    ['input', 'output'],
    ['question', 'answer'],
  ])('of objects that hold a question and its answer is read: %s and %s', async (question, answer) => {
    const both = { [question]: 'q', [answer]: 'x' }
    expect((await read({ conversation: [both] })).examples).toEqual(whole)
    const { examples } = await read({
      conversation: [
        { ...both, system: 's' },
        { [question]: 'r', [answer]: 'y' },
      ],
    })
    expect(examples).toEqual([
      {
        prompt: asked(system('s'), user('q')),
        completion: [assistant('x'), user('r'), assistant('y')],
      },
    ])
  })

  it.each<readonly [string, readonly number[], readonly string[], readonly string[]]>([
    ['after the last that is learned', [1, 0], ['q0'], ['a0']],
    ['before the first', [0, 1], ['q0', 'a0', 'q1'], ['a1']],
    ['between two', [1, 0, 1], ['q0', 'a0', 'q1', 'a1', 'q2'], ['a2']],
  ])('learns no turn of weight 0 %s', async (_, weights, before, after) => {
    const messages = weights.flatMap((weight, index) => [
      { role: 'user', content: `q${index}` },
      { role: 'assistant', content: `a${index}`, weight },
    ])
    const { examples } = await read({ messages })
    const said = (names: readonly string[]) =>
      names.map((name) => (name.startsWith('q') ? user(name) : assistant(name)))
    expect(examples).toEqual([{ prompt: asked(...said(before)), completion: said(after) }])
  })
})

describe('what people said of answers', () => {
  const feedback = (id: string, rating: unknown): object => ({
    id,
    type: 'rating',
    data: { rating, model_id: 'qwen', sibling_model_ids: ['llama'] },
    meta: { arena: true, chat_id: 'c', message_id: 'm4' },
    snapshot: {
      chat: {
        history: {
          currentId: 'm4',
          messages: {
            m1: { id: 'm1', parentId: null, role: 'user', content: 'q' },
            m2: { id: 'm2', parentId: 'm1', role: 'assistant', content: 'x' },
            m3: { id: 'm3', parentId: 'm2', role: 'user', content: 'r' },
            m4: { id: 'm4', parentId: 'm3', role: 'assistant', content: 'y' },
            m5: { id: 'm5', parentId: 'm3', role: 'assistant', content: 'z' },
          },
        },
      },
    },
    created_at: 0,
  })

  it('in Open WebUI is a rated completion each', async () => {
    const rows = [feedback('1', 1), feedback('2', '-1'), feedback('3', null)]
    const { kind, examples, notes } = await readAll(written('feedback.json', JSON.stringify(rows)))
    const prompt = asked(user('q'), assistant('x'), user('r'))
    expect(kind).toBe('demonstrations')
    expect(examples).toEqual([
      { prompt, completion: [assistant('y')], label: 1 },
      { prompt, completion: [assistant('y')], label: 0 },
    ])
    expect(notes.join(' ')).toContain('1 row has no rating of 1 or −1')
  })

  it.each([
    [
      ['+', '-'],
      [1, 0],
    ],
    [
      ['good', 'bad'],
      [1, 0],
    ],
    [
      ['correct', 'incorrect'],
      [1, 0],
    ],
  ])('of steps in words is a label: %s', async (labels, numbers) => {
    const { examples } = await read({ prompt: 'q', completions: ['a', 'b'], labels })
    expect(examples[0]?.steps?.map(({ label }) => label)).toEqual(numbers)
  })
})

describe('a tree of messages (Open Assistant)', () => {
  const reply = (text: string, rank: number | null, replies: readonly object[] = []): object => ({
    message_id: text,
    text,
    role: 'assistant',
    rank,
    replies,
  })
  const tree = (replies: readonly object[]): object => ({
    message_tree_id: 't',
    tree_state: 'ready_for_export',
    prompt: { message_id: 't', text: 'q', role: 'prompter', replies },
  })

  it('is a ranking for each message with ranked answers, however deep', async () => {
    const deeper = { message_id: 'r', text: 'r', role: 'prompter', replies: [reply('u', 1), reply('v', 0)] }
    const { kind, examples } = await read(tree([reply('bad', 1), reply('good', 0, [deeper])]))
    expect(kind).toBe('rankings')
    expect(
      examples.map(({ prompt, candidates }) => [prompt, candidates?.map(({ completion }) => completion)]),
    ).toEqual([
      [asked(user('q')), [[assistant('good')], [assistant('bad')]]],
      [asked(user('q'), assistant('good'), user('r')), [[assistant('v')], [assistant('u')]]],
    ])
  })

  it('without ranks is a demonstration for each message that was answered', async () => {
    const { kind, examples } = await read(tree([reply('x', null)]))
    expect([kind, examples]).toEqual([
      'demonstrations',
      [{ prompt: asked(user('q')), completion: [assistant('x')] }],
    ])
  })

  it('without ranks and with several answers is a demonstration for each', async () => {
    const { examples } = await read(tree([reply('x', null), reply('y', null)]))
    expect(examples.map(({ completion }) => completion)).toEqual([[assistant('x')], [assistant('y')]])
  })

  it('that waits for answers is a prompt, or left out among answered ones, and said', async () => {
    expect((await read(tree([]))).kind).toBe('prompts')
    const { examples, notes } = await read(tree([]), tree([reply('x', 0), reply('y', 1)]))
    expect(examples).toHaveLength(1)
    expect(notes).toEqual(['1 row has no answer (first: line 1). Left out.'])
  })
})
