/** Open Assistant's messages as its tables on the Hub have them, one a row: read as the trees they are of. */
import { describe, expect, it } from 'vitest'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { readAll, written } from '../helpers/imported-file'

/** The columns of oasst1 that make a message, and one that does not. */
const message = (id: string, parent: string | null, role: string, rank: number | null = null) => ({
  message_id: id,
  parent_id: parent,
  message_tree_id: 't',
  text: `text ${id}`,
  role,
  rank,
  lang: 'en',
})
const table = [
  message('q', null, 'prompter'),
  message('good', 'q', 'assistant', 0),
  message('more', 'good', 'prompter'),
  message('last', 'more', 'assistant'),
  message('bad', 'q', 'assistant', 1),
  message('q2', null, 'prompter'),
  message('only', 'q2', 'assistant'),
]

/** The same as the files of trees have it. */
function treeOf(root: string): object {
  const { parent_id: _, ...own } = table.find(({ message_id }) => message_id === root)!
  const replies = table.filter(({ parent_id }) => parent_id === root)
  return { ...own, replies: replies.map(({ message_id }) => treeOf(message_id)) }
}
const trees = ['q', 'q2'].map((root) => ({ message_tree_id: root, prompt: treeOf(root) }))
const examplesIn = (name: string, content: string | Uint8Array) => readAll(written(name, content))
const lines = (rows: readonly object[]): string => rows.map((row) => JSON.stringify(row)).join('\n')

describe('a table of messages', () => {
  it('is read as the trees that its messages make', async () => {
    const ofTrees = await examplesIn('trees.jsonl', lines(trees))
    const ofTable = await examplesIn('table.jsonl', lines(table))
    expect(ofTable.kind).toBe('rankings')
    expect(ofTable.examples.length).toBeGreaterThan(0)
    expect(ofTable.examples).toEqual(ofTrees.examples)
    expect(ofTable.columns.unread).toContain('lang')
  })

  it('is read alike from Parquet, whose other columns are not asked for', async () => {
    const names = Object.keys(table[0]!) as readonly (keyof (typeof table)[0])[]
    const file = parquetWriteBuffer({
      columnData: names.map((name) => ({ name, data: table.map((row) => row[name]) })),
    })
    const { kind, examples } = await examplesIn('train.parquet', new Uint8Array(file))
    expect(kind).toBe('rankings')
    expect(examples).toEqual((await examplesIn('table.jsonl', lines(table))).examples)
  })

  it('says of a message that answers none above it that it was left out', async () => {
    const { examples, notes } = await examplesIn(
      'table.jsonl',
      lines([message('stray', 'nobody', 'assistant'), ...table]),
    )
    expect(examples).toEqual((await examplesIn('table.jsonl', lines(table))).examples)
    expect(notes[0]).toBe('1 row answers a message that is not above it (first: line 1). Left out.')
  })
})
