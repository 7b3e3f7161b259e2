import { describe, expect, it } from 'vitest'
import { writeFileSync } from 'node:fs'
import { markCommand, type MarkOptions } from '../../src-main/cli/mark'
import { nearCommand } from '../../src-main/cli/near'
import { datasetCommand } from '../../src-main/cli/reading'
import { openTerminal } from '../../src-main/cli/terminal'
import { openReadOnly } from '../../src-main/store/database'
import { testFolder } from '../helpers/registry'
import { testStudio } from '../helpers/test-studio'
import { imported } from '../helpers/tiny-runs'

async function eightPrompts() {
  const folder = testFolder()
  const studio = await testStudio({ folder })
  const { name } = await imported(studio, 'prompts.jsonl')
  let said = ''
  const write = (text: string): void => {
    said += text
  }
  const terminal = openTerminal({ out: { write }, err: { write } }, false, () => 0)
  return {
    mark: (options: MarkOptions) => markCommand(studio.api, name, options, terminal),
    said(): string {
      const db = openReadOnly(`${folder}/registry.sqlite`)
      datasetCommand(db, name, terminal)
      db.close()
      return said
    },
  }
}

describe('studio mark', () => {
  it('leaves rows out, tags them, takes them in again, and says how many are left out', async () => {
    const { mark, said } = await eightPrompts()
    await mark({ rows: '2, 4-6', exclude: true, tag: 'dull' })
    expect(said()).toMatch(/Marked 4 rows of prompts; 4 of its rows are left out\.[\s\S]*Tags: dull \(4\)\./)
    await mark({ rows: '4-8', include: true, untag: 'dull' })
    expect(said()).toMatch(
      /1 of its rows are left out\.[\s\S]*1 row left out of training\.\nTags: dull \(1\)/,
    )
  })

  it.each<[MarkOptions, string]>([
    [{ rows: '1' }, '--exclude is missing'],
    [{ rows: '1', exclude: true, include: true }, 'opposite'],
    [{ rows: '0', exclude: true }, '“0”'],
    [{ rows: '5-3', exclude: true }, '“5-3”'],
    [{ rows: 'all', exclude: true }, 'write numbers'],
    [{ rows: '9', exclude: true }, 'names row 9, and the dataset has 8 rows'],
  ])('refuses %j in words: %s', async (options, words) => {
    const { mark } = await eightPrompts()
    await expect(mark(options)).rejects.toThrow(words)
  })
})

describe('studio near', () => {
  it('finds the rows that are alike, and leaves them out but for the first', async () => {
    const folder = testFolder()
    const studio = await testStudio({ folder })
    const file = `${folder}/texts.jsonl`
    const rows = ['The soup was hot.', 'the soup was HOT', 'A long film about nothing.']
    writeFileSync(file, rows.map((text) => JSON.stringify({ text })).join('\n'))
    await studio.follow('datasets.import', { path: file })
    let said = ''
    const write = (text: string): void => {
      said += text
    }
    const terminal = openTerminal({ out: { write }, err: { write } }, false, () => 0)
    const options = { part: 'row', threshold: '0.8', exclude: true } as const
    await nearCommand(studio.api, { asked: 'texts', options }, terminal, new AbortController().signal)
    expect(said).toContain('1 row of 3 in 1 group.\n1: 2 (100 %)  "The soup was hot."')
    expect(await studio.ask('datasets.list', {})).toMatchObject([{ rows: 3, excluded: 1 }])
  })
})
