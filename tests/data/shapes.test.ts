/** Walks the table of shapes: each row is recognised by its columns, and reads every kind that it offers. */
import { describe, expect, it } from 'vitest'
import { columnSurvey, type Survey } from '../../src-main/data/column-survey'
import { shapes } from '../../src-main/data/shapes'
import { rowReader } from '../../src-main/data/row-reader'
import { columnsIn, type Values } from '../../src-main/data/shapes/columns'
import type { ExampleParts } from '../../src-shared/records/example'
import { asked, assistant, user } from '../helpers/turns'

const turns = [
  { role: 'user', content: 'Hi' },
  { role: 'assistant', content: 'Hello' },
]
const said = (from: string, value: string) => ({ from, value })
const greeting = { prompt: asked(user('Hi')), completion: [assistant('Hello')] }

const chosen = { prompt: 'Hi\n\nA. a\nB. b', completion: 'B' }

/** For each shape: rows, and what they are read as. */
const samples: Readonly<Record<string, readonly (readonly [row: Values, example: ExampleParts])[]>> = {
  conversation: [
    [{ messages: turns }, greeting],
    [{ conversations: [said('human', 'Hi'), said('gpt', 'Hello')] }, greeting],
  ],
  'chat-feedback': [
    [
      {
        data: { rating: 1 },
        meta: { message_id: '2' },
        snapshot: {
          chat: {
            history: {
              messages: {
                1: { role: 'user', content: 'Hi', parentId: null },
                2: { role: 'assistant', content: 'Hello', parentId: '1' },
              },
            },
          },
        },
      },
      { ...greeting, label: 1 },
    ],
  ],
  'preference-pair': [
    [
      { prompt: 'Hi', chosen: 'a', rejected: 'b' },
      { prompt: 'Hi', completion: 'a', rejected: 'b' },
    ],
  ],
  'judged-pair': [
    [
      { prompt: 'Hi', response_a: 'a', response_b: 'b', winner: 'model_b' },
      { prompt: 'Hi', completion: 'b', rejected: 'a' },
    ],
  ],
  'judged-pair-from-1': [
    [
      { context: 'Hi', response1: 'a', response2: 'b', overall_preference: -2 },
      { prompt: 'Hi', completion: 'a', rejected: 'b', margin: 2 / 3 },
    ],
  ],
  'judged-pair-from-0': [
    [
      { prompt: 'Hi', response_0: 'a', response_1: 'b', better_response_id: 1 },
      { prompt: 'Hi', completion: 'b', rejected: 'a' },
    ],
  ],
  'listed-steps': [
    [
      { prompt: 'Hi', completions: ['a', 'b'], labels: [true, false] },
      {
        prompt: 'Hi',
        completion: 'a\nb',
        steps: [
          { text: 'a', label: 1 },
          { text: 'b', label: 0 },
        ],
      },
    ],
  ],
  'labelled-solution': [
    [
      {
        question: { problem: 'Hi' },
        label: { steps: [{ completions: [{ text: 'a', rating: -1 }], chosen_completion: 0 }] },
      },
      { prompt: 'Hi', completion: 'a', steps: [{ text: 'a', label: -1 }] },
    ],
  ],
  'signed-steps': [
    [
      { input: 'Hi Step 1: a ки', label: 'Hi Step 1: a +' },
      { prompt: 'Hi', completion: 'Step 1: a', steps: [{ text: 'Step 1: a', label: 1 }] },
    ],
  ],
  ranking: [
    [
      { prompt: 'Hi', responses: ['a', 'b'], ranks: [2, 1] },
      {
        prompt: 'Hi',
        completion: 'b',
        candidates: [
          { completion: 'b', score: -1 },
          { completion: 'a', score: -2 },
        ],
      },
    ],
  ],
  'prompt-completion': [
    [
      { prompt: 'Hi', completion: 'a' },
      { prompt: 'Hi', completion: 'a' },
    ],
  ],
  'multiple-choice': [[{ question: 'Hi', choices: ['a', 'b'], answer: 1 }, chosen]],
  ...Object.fromEntries(
    [
      ['choices-a-to-e', 'a', 'b', 'answer'],
      ['choices-option1', 'option1', 'option2', 'answer', 2],
      ['choices-sol1', 'sol1', 'sol2', 'label'],
      ['choices-ending0', 'ending0', 'ending1', 'label'],
    ].map(([name = '', one = '', other = '', answer = '', right = 1]) => [
      name,
      [[{ question: 'Hi', [one]: 'a', [other]: 'b', [answer]: right }, chosen]],
    ]),
  ),
  ...Object.fromEntries(
    [
      ['choices-option_a', 'option_a', 'option_b', 'option_c', 'label'],
      ['choices-optiona', 'optiona', 'optionb', 'optionc', 'label'],
      ['choices-choice_a', 'choice_a', 'choice_b', 'choice_c', 'label'],
      ['choices-choicea', 'choicea', 'choiceb', 'choicec', 'label'],
      ['choices-opa', 'opa', 'opb', 'opc', 'cop'],
      ['choices-answera', 'answera', 'answerb', 'answerc', 'label', 2],
      ['choices-answer0', 'answer0', 'answer1', 'answer2', 'label'],
    ].map(([name = '', one = '', two = '', three = '', answer = '', right = 1]) => [
      name,
      [
        [
          { question: 'Hi', [one]: 'a', [two]: 'b', [three]: 'c', [answer]: right },
          { prompt: 'Hi\n\nA. a\nB. b\nC. c', completion: 'B' },
        ],
      ],
    ]),
  ),
  'labelled-text': [
    [
      { text: 'a', label: 1 },
      { completion: 'a', label: 1 },
    ],
  ],
  text: [[{ text: 'a' }, { completion: 'a' }]],
  completion: [[{ completion: 'a' }, { completion: 'a' }]],
  prompt: [[{ prompt: 'Hi' }, { prompt: 'Hi' }]],
}

/** A file of one such row. */
function surveyOf(values: Values): Survey {
  const survey = columnSurvey((found) => found)
  survey.look({ rows: [{ values, line: 1 }], bytesRead: 0 })
  return survey.result()
}

describe.each(shapes.map((shape) => [shape.name, shape] as const))('the shape %s', (name, shape) => {
  it('has a sample here, and a name of its own', () => {
    expect(samples[name]?.length).toBeGreaterThan(0)
    expect(shapes.filter((each) => each.name === name)).toEqual([shape])
  })

  it('is recognised by its columns, and read', () => {
    for (const [row, example] of samples[name] ?? []) {
      const reader = rowReader(surveyOf(row))
      expect(shape.readings.map(({ kind }) => kind)).toContain(reader.kind)
      expect(reader.read(row)).toEqual(example)
    }
  })

  it('can be asked for every kind that it offers, when the file has what that needs', () => {
    const row = samples[name]?.[0]?.[0] ?? {}
    const columns = columnsIn(shape.names, Object.keys(row))
    const offered = shape.readings.filter(({ needs }) => needs.every((need) => columns[need] !== undefined))
    expect(offered.length).toBeGreaterThan(0)
    for (const { kind } of offered) {
      const reader = rowReader(surveyOf(row), { kind })
      expect(reader.kind).toBe(kind)
      expect(Object.keys(reader.read(row)).length).toBeGreaterThan(0)
    }
  })
})

describe('what is missing', () => {
  it.each([
    [{ rejected: 'b' }, '"chosen" is missing'],
    [{ label: 1 }, '"text" is missing'],
  ])('beside %j is said', (row, problem) => {
    expect(() => rowReader(surveyOf(row))).toThrow(problem)
  })

  it('is every way, where nothing is known', () => {
    expect(() => rowReader(surveyOf({ url: 'x' }))).toThrow(
      /Name them .*"chosen" and "rejected"; .*"text" and "label"; "text"; "completion"; or "prompt"; or say what/,
    )
  })
})

describe('the columns that decide', () => {
  it.each([
    ['chosen and rejected before all else', { messages: turns, chosen: 'a', rejected: 'b' }, 'preferences'],
    ['prompt and completion before a text', { text: 'x', prompt: 'p', completion: 'c' }, 'demonstrations'],
    ['a label makes a text a labelled one', { text: 'x', label: 0 }, 'labelled'],
    ['a text before a prompt', { text: 'x', prompt: 'p' }, 'text'],
  ] as const)('are %s', (_, row, kind) => {
    expect(rowReader(surveyOf(row)).kind).toBe(kind)
  })

  it('leave a text beside a prompt no demonstration: the prompt would be dropped', () => {
    expect(() => rowReader(surveyOf({ text: 'x', prompt: 'p' }), { kind: 'demonstrations' })).toThrow(
      /^as demonstrations it needs "messages", or "prompt" and "completion"; found "text", "prompt"$/,
    )
  })
})
