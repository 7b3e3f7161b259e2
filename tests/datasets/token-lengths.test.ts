import { describe, expect, it } from 'vitest'
import { tokenLengths } from '../../src-main/datasets/token-lengths'
import { renderedView } from '../../src-main/datasets/rendered-view'
import { markExamples } from '../../src-main/store/example-versions'
import { everyExampleOf } from '../../src-main/store/examples'
import type { DatasetKind } from '../../src-shared/records/dataset'
import type { ExampleParts } from '../../src-shared/records/example'
import type { TokenLengthsProgress } from '../../src-shared/records/token-lengths'
import { byteChatTokenizer } from '../helpers/chat-tokenizer'
import { importedDataset, testFolder, testRegistry } from '../helpers/registry'
import { tinyCheckpoint, tinyContext } from '../helpers/tiny-model'

const going = new AbortController().signal

async function measured(
  kind: DatasetKind,
  rows: readonly ExampleParts[],
  model: Parameters<typeof tinyCheckpoint>[1] = {},
) {
  const folder = testFolder()
  const { id: checkpointId } = await tinyCheckpoint(folder, model)
  const db = testRegistry(folder)
  const { id: datasetId } = importedDataset(db, kind, rows)
  const ask = async (): Promise<readonly TokenLengthsProgress[]> => {
    const said: TokenLengthsProgress[] = []
    for await (const each of tokenLengths(db, { datasetId, checkpointId }, going)) said.push(each)
    return said
  }
  return { db, datasetId, checkpointId, ask, done: async () => (await ask()).at(-1)!.done! }
}

describe('lengths in tokens', () => {
  it('are those of each part as the model reads it, an end token with what is said', async () => {
    const { db, datasetId, checkpointId, done } = await measured(
      'preferences',
      [{ prompt: 'Well?', completion: 'Yes.', rejected: 'Never.' }],
      { tokenizer: byteChatTokenizer() },
    )
    const [first] = [...everyExampleOf(db, datasetId)]
    const of = async (part: 'completion' | 'rejected') => {
      const { count, promptTokens } = await renderedView(db, { exampleId: first!.id, checkpointId, part })
      return { prompt: promptTokens, own: count - promptTokens }
    }
    const [chosen, rejected] = [await of('completion'), await of('rejected')]
    const { histograms } = await done()
    expect(histograms.map(({ part, median }) => [part, median])).toEqual([
      ['prompt', chosen.prompt],
      ['completion', chosen.own],
      ['rejected', rejected.own],
    ])
    expect(rejected.own - chosen.own).toBe(2)
  })

  it('say how many rows are longer than the context: of two answers the longer counts', async () => {
    const long = 'a'.repeat(tinyContext)
    const { done } = await measured('preferences', [
      { prompt: 'a', completion: 'b', rejected: 'c' },
      { prompt: 'a', completion: 'b', rejected: long },
      { prompt: 'a', completion: long, rejected: 'c' },
    ])
    expect(await done()).toMatchObject({ rows: 3, longer: 2, contextTokens: tinyContext })
  })

  it('leave out what the model cannot read, and say the first row and why', async () => {
    const { done } = await measured('text', [{ completion: 'abc' }, { completion: 'É' }, { completion: 'ß' }])
    const found = await done()
    expect(found).toMatchObject({ rows: 1, unread: { rows: 2, first: 2 } })
    expect(found.unread?.problem).toContain('É')
  })

  it('are of the rows that are learned from, and of prompts alone', async () => {
    const { db, datasetId, done } = await measured('prompts', [{ prompt: 'a' }, { prompt: 'a'.repeat(40) }])
    expect(await done()).toMatchObject({ rows: 2, longer: 1 })
    const [, second] = [...everyExampleOf(db, datasetId)]
    markExamples(db, [{ exampleId: second!.id, isExcluded: true }], 1)
    const { histograms, ...counts } = await done()
    expect(counts).toMatchObject({ rows: 1, longer: 0 })
    expect(histograms.map(({ part }) => part)).toEqual(['prompt'])
  })

  it('of nothing are none', async () => {
    const { db, datasetId, done } = await measured('text', [{ completion: 'a' }])
    const [only] = [...everyExampleOf(db, datasetId)]
    markExamples(db, [{ exampleId: only!.id, isExcluded: true }], 1)
    expect(await done()).toMatchObject({ rows: 0, longer: 0, histograms: [] })
  })

  it('say how far they are, and end when nobody wants to know', async () => {
    const rows = Array.from({ length: 120 }, () => ({ completion: 'a' }))
    const { db, datasetId, checkpointId, ask } = await measured('text', rows)
    expect((await ask()).map(({ read, total }) => [read, total])).toEqual([
      [50, 120],
      [100, 120],
      [120, 120],
    ])
    const asking = tokenLengths(db, { datasetId, checkpointId }, AbortSignal.abort())
    await expect(asking.next()).rejects.toThrow()
  })
})
