/** Every export that TRL is to read, as it reads it: rows, chat templates and one step of the trainer it is for. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { exportDataset } from '../../src-main/datasets/export-dataset'
import type { DatasetKind } from '../../src-shared/records/dataset'
import type { ExampleParts } from '../../src-shared/records/example'
import { datasetContainers, type DatasetContainer, type DatasetForm } from '../../src-shared/records/export'
import { importedDataset, testRegistry } from '../helpers/registry'
import { skipped } from '../helpers/skipping'
import { saidBy, whyNoPython } from './peers'

const user = (content: string) => ({ role: 'user', content })
const assistant = (content: string) => ({ role: 'assistant', content })
const nasty = '“Ünïcode” 🙂\n\ttab, "quotes", \\back\\'

const plainPairs: readonly ExampleParts[] = [
  { prompt: 'Say it.', completion: nasty, rejected: 'No.', margin: 'slightly', source: 'here' },
  { prompt: 'And?', completion: 'Yes.', rejected: 'Never.' },
]
const spokenPairs: readonly ExampleParts[] = [
  {
    prompt: {
      turns: [user('Hi'), assistant('Hello'), user(nasty)],
      templateArguments: { enable_thinking: false },
    },
    completion: [{ ...assistant('Well.'), reasoning: 'Hm.' }],
    rejected: [assistant('Go away.')],
    margin: 'better',
  },
  { prompt: 'Why?', completion: 'So.', rejected: 'No.' },
]
const withTools: readonly ExampleParts[] = [
  {
    prompt: {
      turns: [{ role: 'system', content: 'Be brief.' }, user('Rome?')],
      tools: [{ type: 'function', function: { name: 'weather', parameters: { type: 'object' } } }],
    },
    completion: [
      { ...assistant(''), toolCalls: [{ name: 'weather', arguments: { city: 'Rome', days: 2 } }] },
      { role: 'tool', content: 'sunny', toolName: 'weather' },
      assistant('Sunny.'),
    ],
  },
  {
    prompt: { turns: [user('Thanks')], templateArguments: { effort: 'low' } },
    completion: [assistant('Any time.')],
  },
]
const texts: readonly ExampleParts[] = [{ completion: 'One.' }, { completion: nasty }]

/** [form, kind, examples, the trainer it is for, rows, rows unpaired] */
const cases: readonly (readonly [
  DatasetForm,
  DatasetKind,
  readonly ExampleParts[],
  string,
  number,
  number,
])[] = [
  ['trl', 'preferences', plainPairs, 'reward', 2, 4],
  ['trl', 'preferences', plainPairs, 'dpo', 2, 4],
  ['trl', 'preferences', spokenPairs, 'reward', 2, 4],
  ['trl-conversational', 'preferences', spokenPairs, 'dpo', 2, 4],
  ['trl', 'demonstrations', withTools, 'sft', 2, 2],
  ['trl', 'text', texts, 'sft', 2, 2],
  ['kto', 'preferences', spokenPairs, 'kto', 4, 4],
  ['kto', 'preferences', plainPairs, 'kto', 4, 4],
]

interface Said {
  readonly error?: string
  readonly rows: readonly unknown[]
  readonly counted?: number
  readonly isConversational: boolean
  readonly unpaired: number
  readonly texts?: readonly unknown[]
  readonly loss?: number
}

describe('an export in TRL', () => {
  it.skipIf(skipped(whyNoPython))(
    'is read, rendered and trained on, whatever its container',
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'exports-'))
      const asked = await Promise.all(
        cases.flatMap((each) => datasetContainers.map((container) => exported(each, container, folder))),
      )
      const list = join(folder, 'asked.json')
      writeFileSync(list, JSON.stringify(asked))
      const answers = saidBy('exports.py', list) as readonly Said[]
      rmSync(folder, { recursive: true })
      expect(answers.map(({ error }) => error)).toEqual(asked.map(() => undefined))
      cases.forEach(([, , examples, , rows, unpaired], index) => {
        const own = answers.slice(index * datasetContainers.length, (index + 1) * datasetContainers.length)
        for (const { rows: found, counted = rows, unpaired: parted, loss, texts: rendered } of own) {
          expect([found.length, counted, parted]).toEqual([rows, rows, unpaired])
          expect(loss).toBeGreaterThan(0)
          expect(rendered).toEqual(own[0]!.texts)
        }
        expect(own[0]!.isConversational).toBe(examples !== plainPairs && examples !== texts)
      })
    },
    600_000,
  )
})

async function exported(
  [form, kind, examples, trainer]: (typeof cases)[number],
  container: DatasetContainer,
  folder: string,
): Promise<object> {
  const db = testRegistry()
  const { id } = importedDataset(db, kind, examples)
  const wish = { datasetId: id, form, container, folder: mkdtempSync(join(folder, 'one-')) }
  const { path } = await exportDataset(db, wish, new AbortController().signal)
  return { path, container, trainer }
}
