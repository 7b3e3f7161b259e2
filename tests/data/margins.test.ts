/**
 * By how much the chosen answer is better. The smaller margins of Llama 2 are 1, ⅔, ⅓ and 0 for significantly better,
 * better, slightly better, and negligibly better or unsure (Touvron et al. 2023, Table 27).
 */
import { describe, expect, it } from 'vitest'
import { preferencePairs } from '../../src-main/data/training-data'
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
  it('keeps it as a number, or as the word that says the same', async () => {
    expect(await marginsOf(1, 2 / 3, 1 / 3, 0.1, 3, '0.25')).toEqual([
      ...['better', 2 / 3, 'slightly', 0.1, 3, 0.25],
    ])
  })

  it('asks for none where it is 0 or less, and says nothing where it is not there', async () => {
    expect(await marginsOf(1, 0, -2, null, '')).toEqual(['better', 0, 0, undefined, undefined])
  })

  it('may say it in the words of Llama 2', async () => {
    const said = ['significantly better', 'better', 'slightly better', 'negligibly better / unsure']
    expect(await marginsOf(...said)).toEqual(['better', 2 / 3, 'slightly', 0])
  })

  it('trains by the number', async () => {
    const { examples } = await read(0.25, 'significantly better', null)
    expect(preferencePairs(examples).map(({ margin }) => margin)).toEqual([0.25, 1, 1])
  })

  it('is named among what was read, also by a mapping', async () => {
    expect((await read(1)).columns.read).toContainEqual({ column: 'margin', as: 'margin' })
    const file = written('b.jsonl', '{"prompt":"q","chosen":"g","rejected":"b","gap":0.2}')
    const { examples } = await readAll(file, { columns: { margin: 'gap' } })
    expect(examples[0]).toMatchObject({ margin: 0.2 })
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

describe('a pair with a score each', () => {
  const pairOf = async (row: object) =>
    readAll(written('d.jsonl', JSON.stringify({ prompt: 'q', chosen: 'g', rejected: 'b', ...row })))

  it.each([
    ['UltraFeedback’s', { score_chosen: 8.5, score_rejected: 4 }, 4.5],
    ['Tülu’s', { chosen_rating: 4.5, rejected_rating: 5 }, 0],
    ['votes', { chosen_score: 1523, rejected_score: 7 }, 10],
  ])('is as much better as they are apart: %s', async (_, scores, margin) => {
    const { examples, columns } = await pairOf(scores)
    expect(examples[0]).toMatchObject({ margin })
    expect(columns.unread).toEqual([])
  })

  it('is as much better as its own margin says, where it has one', async () => {
    const { examples } = await pairOf({ score_chosen: 8, score_rejected: 4, margin: 0.5 })
    expect(examples[0]).toMatchObject({ margin: 0.5 })
  })

  it('of words that are no scores says nothing', async () => {
    const { examples } = await pairOf({ score_chosen: 'high', score_rejected: 'low' })
    expect(examples[0]).not.toHaveProperty('margin')
  })
})
