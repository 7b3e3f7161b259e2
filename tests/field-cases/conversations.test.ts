/**
 * Conversations that people brought and that were read wrong somewhere, by the number of their case: each file is one
 * that was reported in public, in words of our own.
 */
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import type { DatasetKind } from '../../src-shared/records/dataset'
import { readAll, refusal } from '../helpers/imported-file'
import { asked, assistant, system, user } from '../helpers/turns'

const caseFile = (name: string): string => path.resolve('tests/fixtures/field-cases', name)
const read = (name: string, kind?: DatasetKind) => readAll(caseFile(name), kind)

describe('case 03a: a system prompt in a column of its own', () => {
  const short = asked(system('Answer in one word.'), user('Capital of Peru?'))

  it.each(['03a-system-beside-question.jsonl', '03a-system-beside-conversation.jsonl'])(
    'is the first turn of the prompt in %s',
    async (name) => {
      const { kind, examples } = await read(name)
      expect(kind).toBe('demonstrations')
      expect(examples).toEqual([{ prompt: short, completion: [assistant('Lima')] }])
    },
  )

  it('is the first turn of the prompt of a pair', async () => {
    const { kind, examples } = await read('03a-system-beside-pair.jsonl')
    expect(kind).toBe('preferences')
    expect(examples).toEqual([
      {
        prompt: asked(system('Be brief.'), user('Capital of Peru?')),
        completion: [assistant('Lima')],
        rejected: [assistant('It is a long story')],
      },
    ])
  })
})

describe('case 05: a pair of turns beside a conversation', () => {
  it('has the conversation as its prompt', async () => {
    const { kind, examples } = await read('05-pair-of-turns-beside-conversation.json')
    expect(kind).toBe('preferences')
    expect(examples).toEqual([
      {
        prompt: asked(user('How do I boil an egg?')),
        completion: [assistant('Eight minutes.')],
        rejected: [assistant('No idea.')],
      },
    ])
  })
})

describe('case 06: prompt and completion as lists', () => {
  const example = { prompt: asked(user('Egg?')), completion: [assistant('Eight minutes.')] }

  it('are a demonstration', async () => {
    const { kind, examples } = await read('06-prompt-and-completion-lists.jsonl')
    expect({ kind, examples }).toEqual({ kind: 'demonstrations', examples: [example] })
  })

  it('keep the label beside them', async () => {
    expect((await read('06-lists-with-a-label.jsonl')).examples).toEqual([{ ...example, label: 1 }])
  })
})

describe('case 07: roles beside system, user and assistant', () => {
  it('a developer is the system', async () => {
    const { examples, notes } = await read('07-role-developer.jsonl')
    expect(notes).toEqual(['1 turn is from "developer", and read as the system\'s (first: line 1).'])
    expect(examples).toEqual([
      { prompt: asked(user('Egg?'), system('x y')), completion: [assistant('Eight.')] },
    ])
  })

  it('a tool has its turn', async () => {
    const { examples } = await read('07-role-tool.jsonl')
    expect(examples).toEqual([
      { prompt: asked(user('Egg?'), { role: 'tool', content: 'x y' }), completion: [assistant('Eight.')] },
    ])
  })

  it('calls, their answers and the tools are kept', async () => {
    const { examples } = await read('07-tool-calls.jsonl')
    expect(examples).toEqual([
      {
        prompt: {
          turns: [user('Weather in Rome?')],
          tools: [{ type: 'function', function: { name: 'w' } }],
        },
        completion: [
          { role: 'assistant', content: '', toolCalls: [{ name: 'w', arguments: '{}' }] },
          { role: 'tool', content: '21' },
          assistant('21 degrees.'),
        ],
      },
    ])
  })
})

describe('case 08b: an assistant turn that says nothing', () => {
  it('is refused with its line', async () => {
    const refused = await refusal(caseFile('08b-empty-assistant-turn.jsonl'))
    expect(refused).toMatchObject({ line: 1 })
    expect(refused.problem).toContain('"messages" has an empty assistant turn')
  })
})

describe('case 22: a system turn in the middle', () => {
  it('stays where it stands', async () => {
    const [example] = (await read('22-system-in-the-middle.jsonl')).examples
    expect(example).toEqual({
      prompt: asked(user('Egg?')),
      completion: [assistant('Eight.'), system('Now in French.'), user('Tea?'), assistant('Quatre.')],
    })
  })
})

describe('case 23: three assistant turns', () => {
  it('are all there to be learned', async () => {
    const { examples, notes } = await read('23-three-assistant-turns.jsonl')
    expect(notes).toEqual([
      '1 conversation has several turns of the assistant (first: line 1). All of them are learned, unless a run ' +
        'is told to learn the last one only.',
    ])
    expect(examples).toEqual([
      {
        prompt: asked(system('S.'), user('q1')),
        completion: [assistant('a1'), user('q2'), assistant('a2'), user('q3'), assistant('a3')],
      },
    ])
  })
})

describe('case 24a: a message with the words of a transcript in it', () => {
  it('stays one message', async () => {
    const { examples } = await read('24a-role-words-in-a-message.jsonl')
    expect(examples).toEqual([
      { prompt: asked(user('Log:\n\nHuman: hi\n\nAssistant: yo')), completion: [assistant('y')] },
    ])
  })
})

describe('case 46: whole transcripts beside their prompt', () => {
  it.each(['46-prompt-and-whole-transcripts.jsonl', '46-plain-prompt-and-whole-transcripts.jsonl'])(
    'hold it once: %s',
    async (name) => {
      const { kind, examples } = await read(name)
      expect(kind).toBe('preferences')
      expect(examples).toEqual([
        { prompt: asked(user('Egg?')), completion: [assistant('Eight.')], rejected: [assistant('No.')] },
      ])
    },
  )
})

describe('case 47: messages without an answer', () => {
  it('are prompts when they are asked for', async () => {
    const { kind, examples } = await read('47-prompt-as-messages.jsonl', 'prompts')
    expect({ kind, examples }).toEqual({ kind: 'prompts', examples: [{ prompt: asked(user('Egg?')) }] })
  })
})
