/**
 * By how much the chosen answer is better. The smaller margins of Llama 2 are 1, ⅔, ⅓ and 0 for significantly better,
 * better, slightly better, and negligibly better or unsure (Touvron et al. 2023, Table 27).
 */
import { describe, expect, it } from 'vitest'
import { readAll, refusal, written } from '../helpers/imported-file'

const read = (...margins: readonly unknown[]) =>
  readAll(
    written(
      'a.jsonl',
      margins
        .map((margin, index) => JSON.stringify({ prompt: `q${index}`, chosen: 'g', rejected: 'b', margin }))
        .join('\n'),
    ),
  )
const marginsOf = async (...margins: readonly unknown[]) =>
  (await read(...margins)).examples.map(({ margin }) => margin)

describe('a pair with a margin', () => {
  it('keeps its strength, in the two steps that there are on either side of a tie', async () => {
    expect(await marginsOf(1, 2 / 3, 1 / 3, 0.1, 3, '0.25')).toEqual([
      ...['better', 'better', 'slightly', 'slightly', 'better', 'slightly'],
    ])
  })

  it('says nothing of how much where it is 0, less, or not there', async () => {
    expect(await marginsOf(1, 0, -2, null, '')).toEqual([
      'better',
      undefined,
      undefined,
      undefined,
      undefined,
    ])
  })

  it('may say it in words', async () => {
    expect(await marginsOf('slightly better', 'significantly better', 'negligibly better / unsure')).toEqual([
      ...['slightly', 'better', 'slightly'],
    ])
  })

  it('is named among what was read, also by a mapping', async () => {
    expect((await read(1)).columns.read).toContainEqual({ column: 'margin', as: 'margin' })
    const file = written('b.jsonl', '{"prompt":"q","chosen":"g","rejected":"b","gap":0.2}')
    const { examples } = await readAll(file, { columns: { margin: 'gap' } })
    expect(examples[0]).toMatchObject({ margin: 'slightly' })
  })

  it('is not read where its column is something else', async () => {
    const { columns, examples } = await read('left', 'right')
    expect(columns.unread).toEqual(['margin'])
    expect(examples[0]).not.toHaveProperty('margin')
  })

  it('that is none among others is refused with its line', async () => {
    const rows = [1, 'wide'].map((margin) =>
      JSON.stringify({ prompt: 'q', chosen: 'g', rejected: 'b', margin }),
    )
    expect((await refusal(written('c.jsonl', rows.join('\n')))).problem).toContain(
      '"margin" is "wide", not a number',
    )
  })
})
