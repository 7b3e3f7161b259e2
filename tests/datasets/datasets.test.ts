/** Datasets as the page asks for them. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { gpt2Tokenizer } from '../../src-main/model/tokenizers/gpt2'
import { testFolder } from '../helpers/registry'
import { testStudio } from '../helpers/test-studio'
import { tinyCheckpoint } from '../helpers/tiny-model'
import { imported } from '../helpers/tiny-runs'

function fileWith(name: string, text: string): string {
  const path = join(testFolder(), name)
  writeFileSync(path, text)
  return path
}

const manyLines = Array.from({ length: 30_000 }, (_, i) => `{"text":"this is the text number ${i}"}`).join(
  '\n',
)

describe('datasets over the border', () => {
  it('are listed to whoever watches as they come, change their name and go', async () => {
    const studio = await testStudio()
    const seen: string[] = []
    const watching = studio.follow(
      'datasets.watch',
      {},
      (list) => seen.push(list.map(({ name }) => name).join()) === 4,
    )
    const dataset = await imported(studio, 'texts.txt')
    await new Promise((resolve) => setTimeout(resolve, 150))
    await studio.ask('datasets.rename', { datasetId: dataset.id, name: '  Sentences  ' })
    await new Promise((resolve) => setTimeout(resolve, 150))
    await studio.ask('datasets.remove', { datasetId: dataset.id })
    await watching
    expect(seen).toEqual(['', 'texts', 'Sentences', ''])
  })

  it('import once however often they are asked to', async () => {
    const studio = await testStudio()
    const path = fileWith('twice.jsonl', '{"text":"a"}\n{"text":"b"}')
    const both = await Promise.all([
      studio.follow('datasets.import', { path }),
      studio.follow('datasets.import', { path, name: 'again' }),
    ])
    expect(both.map((progress) => progress.at(-1)!.done!.isNew).sort()).toEqual([false, true])
    expect(await studio.ask('datasets.list', {})).toHaveLength(1)
  })

  it('that come with the program are brought in by their file’s name, once, and no other file is', async () => {
    const studio = await testStudio()
    const sums = await studio.ask('datasets.bundled', { fileName: 'two-digit-sums.csv' })
    expect(sums).toMatchObject({
      name: 'Two-digit sums',
      kind: 'demonstrations',
      origin: 'bundled',
      rows: 10_000,
    })
    expect(
      (
        await studio.ask('datasets.page', {
          datasetId: sums.id,
          filter: { search: '' },
          offset: 8550,
          limit: 1,
        })
      ).rows[0],
    ).toMatchObject({ prompt: '8550', completion: '531' }) // 85 + 50 = 135
    await studio.ask('datasets.rename', { datasetId: sums.id, name: 'Sums' })
    expect(await studio.ask('datasets.bundled', { fileName: 'two-digit-sums.csv' })).toMatchObject({
      id: sums.id,
      name: 'Sums',
    })
    for (const fileName of ['../checkpoint/README.md', 'toString', 'SOURCES.md'])
      await expect(studio.ask('datasets.bundled', { fileName })).rejects.toThrow(
        'is not one of the files that come with the studio',
      )
    expect(await studio.ask('datasets.list', {})).toHaveLength(1)
  })

  it('refuse a broken file with its place, and keep nothing of it', async () => {
    const studio = await testStudio()
    const path = fileWith('broken.jsonl', `${manyLines}\n{"text": oops}`)
    const closing = new AbortController()
    const read = async () => {
      for await (const _ of studio.api.stream('datasets.import', { path }, closing.signal));
    }
    await expect(read()).rejects.toMatchObject({
      error: { kind: 'refused-file', file: 'broken.jsonl', line: 30_001 },
    })
    expect(await studio.ask('datasets.list', {})).toEqual([])
  })

  it('stop importing when the person does, keep nothing, and answer others meanwhile', async () => {
    const studio = await testStudio()
    const path = fileWith('large.jsonl', manyLines)
    let answered = 0
    let hasFinished = false
    for await (const { rows, done } of studio.api.stream(
      'datasets.import',
      { path },
      new AbortController().signal,
    )) {
      await studio.ask('datasets.list', {})
      answered++
      hasFinished = done !== undefined
      if (rows > 5000) break
    }
    expect(answered).toBeGreaterThan(0)
    expect(hasFinished).toBe(false) // it was answered while the import went on
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(await studio.ask('datasets.list', {})).toEqual([])
    expect(studio.bugs).toEqual([])
  })

  it('stay while a run was made from them', async () => {
    const studio = await testStudio()
    const dataset = await imported(studio, 'texts.txt')
    await studio.ask('runs.launch', {
      recipe: 'pretrain',
      name: 'mine',
      settings: { layers: 1, width: 16, heads: 2, updates: 2 },
      inputs: { texts: [dataset.id] },
    })
    await expect(studio.ask('datasets.remove', { datasetId: dataset.id })).rejects.toThrow(
      'This dataset is used by the run “mine” and stays.',
    )
  })
})

describe('the token view', () => {
  it('cuts a text by a checkpoint’s tokenizer and names what it cannot encode', async () => {
    const folder = testFolder()
    const { id } = await tinyCheckpoint(folder)
    const studio = await testStudio({ folder })
    const dataset = await imported(studio, 'texts.txt')
    const view = await studio.ask('datasets.tokens', {
      text: 'a café É',
      datasetId: dataset.id,
      checkpointId: id,
    })
    expect(view).toMatchObject({ tokenizer: '29 characters', vocabulary: 30, unknown: ['é', 'É'] })
    expect(view.tokens.map(({ text }) => text).join('')).toBe('a café É')
    expect(view.tokens.map((token) => token.id >= 0)).toEqual([
      true,
      true,
      true,
      true,
      true,
      false,
      true,
      false,
    ])
  })

  it('shows parts of words, and the bytes of a character that is spread over several tokens', async () => {
    const folder = testFolder()
    const { id } = await tinyCheckpoint(folder, { tokenizer: gpt2Tokenizer() })
    const studio = await testStudio({ folder })
    const dataset = await imported(studio, 'texts.txt')
    const view = await studio.ask('datasets.tokens', {
      text: 'A café 🪐',
      datasetId: dataset.id,
      checkpointId: id,
    })
    expect(view).toMatchObject({ tokenizer: 'GPT-2', vocabulary: 50_257, unknown: [] })
    expect(view.tokens.map(({ text }) => text)).toEqual(['A', ' café', ' \\xF0\\x9F', '\\xAA', '\\x90'])
  })

  it('cuts a text by the characters of the dataset itself when no checkpoint is named', async () => {
    const studio = await testStudio()
    const dataset = (await studio.follow('datasets.import', { path: fileWith('abc.txt', 'cab\nbac') })).at(
      -1,
    )!.done!.dataset
    expect(await studio.ask('datasets.tokens', { text: 'abcd', datasetId: dataset.id })).toEqual({
      tokenizer: '3 characters',
      vocabulary: 4,
      unknown: ['d'],
      tokens: [
        { id: 1, text: 'a' },
        { id: 2, text: 'b' },
        { id: 3, text: 'c' },
        { id: -1, text: 'd' },
      ],
    })
  })
})
