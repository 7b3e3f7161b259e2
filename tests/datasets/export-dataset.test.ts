/** What goes out in a form comes in again as the same rows; what a form cannot hold is said with its row. */
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readExamples } from '../../src-main/data/import-file'
import { exportDataset } from '../../src-main/datasets/export-dataset'
import { markExamples } from '../../src-main/store/example-versions'
import { everyExampleOf } from '../../src-main/store/examples'
import type { DatasetKind } from '../../src-shared/records/dataset'
import {
  containersOf,
  datasetContainers,
  datasetForms,
  type DatasetContainer,
  type DatasetForm,
} from '../../src-shared/records/export'
import type { ExampleParts } from '../../src-shared/records/example'
import type { Turn } from '../../src-shared/records/turn'
import { importedDataset, testFolder, testRegistry } from '../helpers/registry'

const said = (role: string, content: string): Turn => ({ role, content })
const nasty = ' “Ünïcode” 🙂\n\ttab, "quotes", \\back\\ and a very long '.repeat(3)

const plainPairs: readonly ExampleParts[] = [
  { prompt: 'Say it.', completion: nasty, rejected: 'No.', source: 'here' },
  { prompt: 'And?', completion: 'Yes.', rejected: 'Never.' },
]
/** As two people judged them; of the last nobody said how much. */
const strong: readonly ExampleParts[] = [
  { ...plainPairs[0]!, margin: 'slightly' },
  { ...plainPairs[1]!, margin: 'better' },
  { prompt: 'Egg?', completion: 'Eight.', rejected: 'Ten.' },
]
/** In a table that says it of some, it is said of all. */
const asTrained = (pair: ExampleParts): ExampleParts => ({ ...pair, margin: pair.margin ?? 'better' })

const spokenPairs: readonly ExampleParts[] = [
  {
    prompt: { turns: [said('user', 'Hi'), said('assistant', ' Hello'), said('user', nasty)] },
    completion: [said('assistant', 'Well.')],
    rejected: [said('assistant', 'Go away.')],
  },
  {
    prompt: { turns: [said('user', 'Why?')] },
    completion: [said('assistant', 'So.')],
    rejected: [said('assistant', 'No.')],
  },
]
const withTools: readonly ExampleParts[] = [
  {
    prompt: {
      turns: [said('system', 'Be brief.'), said('user', 'Rome?')],
      tools: [{ type: 'function', function: { name: 'weather', parameters: { type: 'object' } } }],
      templateArguments: { enable_thinking: false },
    },
    completion: [
      {
        role: 'assistant',
        content: '',
        toolCalls: [{ name: 'weather', arguments: { city: 'Rome', days: 2 } }],
      },
      { role: 'tool', content: 'sunny', toolName: 'weather' },
      { role: 'assistant', content: 'Sunny.', reasoning: 'It says so.' },
    ],
  },
  { prompt: { turns: [said('user', 'Thanks')] }, completion: [said('assistant', 'Any time.')] },
]
const rated: readonly ExampleParts[] = [
  { prompt: 'Sum?', completion: '4', label: 1 },
  { prompt: 'Sum?', completion: '5', label: 0 },
]
const steps: readonly ExampleParts[] = [
  {
    prompt: 'Which is larger?',
    completion: 'The first.\nSo it is.',
    steps: [
      { text: 'The first.', label: 1 },
      { text: 'So it is.', label: 0 },
    ],
  },
]
const texts: readonly ExampleParts[] = [{ completion: 'One.' }, { completion: `Two\nlines ${nasty}` }]
const labelled: readonly ExampleParts[] = [
  { completion: 'Good.', label: 1 },
  { completion: 'Bad.', label: 0 },
]
const prompts: readonly ExampleParts[] = [{ prompt: 'What?' }, { prompt: 'Who?' }]

/** As messages: a plain prompt is a user's turn, a plain completion an assistant's. */
const spoken = (parts: ExampleParts): ExampleParts => {
  const turns = (completion: ExampleParts['completion']) =>
    typeof completion === 'string' ? [said('assistant', completion)] : completion
  const { prompt, completion, rejected } = parts
  return {
    ...parts,
    ...(prompt !== undefined && {
      prompt: typeof prompt === 'string' ? { turns: [said('user', prompt)] } : prompt,
    }),
    ...(completion !== undefined && { completion: turns(completion)! }),
    ...(rejected !== undefined && { rejected: turns(rejected)! }),
  }
}
/** Parquet writes arguments of calls as JSON in a text. */
const withTextArguments = (parts: unknown): unknown =>
  JSON.parse(JSON.stringify(parts), (key, value: unknown) =>
    key === 'arguments' && typeof value === 'string' ? (JSON.parse(value) as unknown) : value,
  )

async function written(
  kind: DatasetKind,
  examples: readonly ExampleParts[],
  form: DatasetForm,
  container: DatasetContainer,
) {
  const db = testRegistry()
  const { id } = importedDataset(db, kind, examples, 'My set / 1')
  const wish = { datasetId: id, form, container, folder: testFolder() }
  return exportDataset(db, wish, new AbortController().signal)
}

async function readBack(path: string): Promise<readonly ExampleParts[]> {
  const rows: ExampleParts[] = []
  for await (const { examples, isAfresh } of readExamples(path)) {
    if (isAfresh) rows.length = 0
    rows.push(...examples)
  }
  return rows
}

const same = (parts: ExampleParts): ExampleParts => parts
const asPair = ({ prompt, completion, rejected, source }: ExampleParts): readonly ExampleParts[] => {
  const from = source === undefined ? {} : { source }
  return [
    { prompt: prompt!, completion: completion!, label: 1, ...from },
    { prompt: prompt!, completion: rejected!, label: 0, ...from },
  ]
}

/** Two conversations out of one question, and one that goes on; then one of its own. */
const branched: readonly ExampleParts[] = [
  { prompt: 'Egg?', completion: 'Eight.', source: 'here' },
  { prompt: 'Egg?', completion: 'Ten.', source: 'here' },
  {
    prompt: { turns: [said('user', 'Egg?'), said('assistant', 'Eight.'), said('user', nasty)] },
    completion: [said('assistant', 'Well.')],
    source: 'here',
  },
  { prompt: 'Tea?', completion: 'Four.' },
]
/** With a tie; the second goes on from an answer of the first. */
const ranked: readonly ExampleParts[] = [
  {
    prompt: { turns: [said('user', 'Egg?')] },
    completion: [said('assistant', 'Eight.')],
    candidates: ['Eight.', 'Ten.', 'Nine.', 'No.'].map((text, index) => ({
      completion: [said('assistant', text)],
      score: [-0, -1, -1, -2][index]!,
    })),
  },
  {
    prompt: { turns: [said('user', 'Egg?'), said('assistant', 'Eight.'), said('user', 'And tea?')] },
    completion: [said('assistant', 'Four.')],
    candidates: [
      { completion: [said('assistant', 'Four.')], score: -0 },
      { completion: [said('assistant', nasty)], score: -1 },
    ],
  },
]
/** A tree holds all of a question that can be told apart. */
const treesOf = (examples: readonly ExampleParts[]): number =>
  examples === branched ? 2 : examples === ranked ? 1 : examples.length
/** Places, from the best. */
const asRanking = (parts: ExampleParts): ExampleParts => {
  const { prompt, completion, rejected, source } = spoken(parts)
  return {
    prompt: prompt!,
    completion: completion!,
    candidates: [
      { completion: completion!, score: -0 },
      { completion: rejected!, score: -1 },
    ],
    ...(source !== undefined && { source }),
  }
}

/** [form, kind, rows, what comes back of each] */
const cases: readonly (readonly [
  DatasetForm,
  DatasetKind,
  readonly ExampleParts[],
  (parts: ExampleParts) => ExampleParts | readonly ExampleParts[],
])[] = [
  ['trl', 'preferences', plainPairs, same],
  ['trl', 'preferences', [...plainPairs, ...spokenPairs], spoken],
  ['trl', 'preferences', strong, same],
  ['trl', 'demonstrations', withTools, same],
  ['trl', 'demonstrations', rated, same],
  ['trl', 'steps', steps, same],
  ['trl', 'text', texts, same],
  ['trl', 'labelled', labelled, same],
  ['trl', 'prompts', prompts, same],
  ['trl-conversational', 'preferences', plainPairs, spoken],
  ['trl-conversational', 'preferences', strong, spoken],
  ['trl-conversational', 'prompts', prompts, spoken],
  ['kto', 'demonstrations', rated, same],
  ['kto', 'preferences', plainPairs, asPair],
  ['hh-rlhf', 'preferences', [...plainPairs, ...spokenPairs], spoken],
  ['sharegpt', 'demonstrations', withTools, same],
  ['sharegpt', 'demonstrations', rated, spoken],
  ['sharegpt', 'preferences', [...plainPairs, ...spokenPairs], spoken],
  ['sharegpt', 'preferences', strong, spoken],
  ['oasst', 'prompts', prompts, spoken],
  ['oasst', 'demonstrations', branched, spoken],
  ['oasst', 'rankings', ranked, same],
  ['oasst', 'preferences', [plainPairs[0]!, ...plainPairs], asRanking],
]

describe.each(datasetContainers)('an export as %s', (container) => {
  it.each(cases.filter(([form]) => containersOf(form).includes(container)))(
    'in the form of %s holds %s',
    async (form, kind, examples, comesBack) => {
      const { path, rows } = await written(kind, examples, form, container)
      const expected = examples
        .flatMap(comesBack)
        .map((each) => (examples === strong ? asTrained(each) : each))
      expect(rows).toBe(form === 'oasst' ? treesOf(examples) : expected.length)
      const found = await readBack(path)
      expect(container === 'parquet' ? withTextArguments(found) : found).toEqual(
        container === 'parquet' ? withTextArguments(expected) : expected,
      )
    },
  )
})

describe('an export', () => {
  it('is a file of its own, named after dataset and form', async () => {
    const { path, bytes } = await written('prompts', prompts, 'trl', 'jsonl')
    expect(basename(path)).toBe('My-set-1.trl.jsonl')
    expect(readFileSync(path, 'utf8')).toBe('{"prompt":"What?"}\n{"prompt":"Who?"}\n')
    expect(bytes).toBe(37)
  })

  it('writes over nothing', async () => {
    const db = testRegistry()
    const { id } = importedDataset(db, 'prompts', prompts)
    const wish = { datasetId: id, form: 'trl', container: 'jsonl', folder: testFolder() } as const
    const { signal } = new AbortController()
    const both = [await exportDataset(db, wish, signal), await exportDataset(db, wish, signal)]
    expect(both.map(({ path }) => basename(path))).toEqual(['sentences.trl.jsonl', 'sentences.trl-2.jsonl'])
  })

  it.each([
    ['hh-rlhf', 'demonstrations', rated, 'hh-rlhf cannot hold row 1: it is no preference pair.'],
    [
      'hh-rlhf',
      'preferences',
      [...plainPairs, { ...plainPairs[0], prompt: 'See\n\nHuman: x' }],
      'hh-rlhf cannot hold row 3: it has a message in which “Human:” or “Assistant:” begins a paragraph.',
    ],
    [
      'kto',
      'demonstrations',
      withTools,
      'TRL for KTO cannot hold row 1: it is neither good (1) nor bad (0).',
    ],
    ['sharegpt', 'prompts', prompts, 'ShareGPT cannot hold row 1: it has no completion.'],
    ['oasst', 'text', texts, 'Open Assistant cannot hold row 1: it does not begin with a user'],
    ['oasst', 'demonstrations', rated, 'Open Assistant cannot hold row 1: it has a label'],
    ['oasst', 'demonstrations', withTools, 'Open Assistant cannot hold row 1: it has tools'],
  ] as const)('in the form of %s of %s is refused with the row', async (form, kind, examples, problem) => {
    await expect(written(kind, examples, form, 'jsonl')).rejects.toThrow(problem)
  })

  it('of trees as a table is refused', async () => {
    await expect(written('prompts', prompts, 'oasst', 'parquet')).rejects.toThrow(
      'Open Assistant has no form as parquet',
    )
  })

  it('has a case here for each form', () => {
    expect([...new Set(cases.map(([form]) => form))].toSorted()).toEqual([...datasetForms].toSorted())
  })
})

describe('rows that are left out', () => {
  it('go out only where that is asked for', async () => {
    const db = testRegistry()
    const { id } = importedDataset(
      db,
      'text',
      ['one', 'two', 'three'].map((completion) => ({ completion })),
    )
    const [, second] = [...everyExampleOf(db, id)]
    markExamples(db, [{ exampleId: second!.id, isExcluded: true }], 1)
    const folder = testFolder()
    const wish = { datasetId: id, form: 'trl', container: 'jsonl', folder } as const
    const signal = new AbortController().signal
    expect((await exportDataset(db, wish, signal)).rows).toBe(2)
    expect((await exportDataset(db, { ...wish, withExcluded: true }, signal)).rows).toBe(3)
  })
})
