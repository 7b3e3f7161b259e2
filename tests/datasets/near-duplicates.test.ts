import { describe, expect, it } from 'vitest'
import { nearDuplicates, type NearQuestion } from '../../src-main/datasets/near-duplicates'
import { markExamples } from '../../src-main/store/example-versions'
import { everyExampleOf } from '../../src-main/store/examples'
import type { WritableDb } from '../../src-main/store/handle'
import type { ExampleParts } from '../../src-shared/records/example'
import type { NearReport } from '../../src-shared/records/near'
import { importedDataset, testRegistry } from '../helpers/registry'
import { asked, user } from '../helpers/turns'

const going = new AbortController().signal

async function reportOf(db: WritableDb, question: Partial<NearQuestion> & { readonly datasetId: string }) {
  let done: NearReport | undefined
  for await (const progress of nearDuplicates(db, { part: 'row', threshold: 0.7, ...question }, going))
    done = progress.done
  return done!
}
const texts = (completions: readonly string[]): readonly ExampleParts[] =>
  completions.map((completion) => ({ completion }))
const groupsIn = ({ groups }: NearReport) =>
  groups.map(({ first, others }) => [first.row, ...others.map(({ row }) => row)])

const review = 'The soup was hot and the waiter kind, so we stayed until they closed the doors.'
const other = 'A long film about nothing at all, and yet nobody in the room looked away once.'

describe('rows that are much alike', () => {
  it('are groups, the first row of each staying, with how much each is like it', async () => {
    const db = testRegistry()
    const { id } = importedDataset(
      db,
      'text',
      texts([other, review, `${review} Again!`, 'Short.', review.toUpperCase(), 'short', other.slice(0, 30)]),
    )
    const report = await reportOf(db, { datasetId: id })
    expect(groupsIn(report)).toEqual([
      [2, 5, 3],
      [4, 6],
    ])
    expect(report).toMatchObject({ rows: 7, groupCount: 2 })
    expect(report.others.map(({ row }) => row)).toEqual([3, 5, 6])
    const [first] = report.groups
    expect(first?.others.map(({ similarity }) => similarity)).toEqual([1, 14 / 15])
    expect(first?.first.text).toBe(review)
  })

  it('are not those that are left out: with all but one left out there is no group', async () => {
    const db = testRegistry()
    const { id } = importedDataset(db, 'text', texts([review, `${review} `, `${review}!`, other]))
    const { others } = await reportOf(db, { datasetId: id })
    markExamples(
      db,
      others.map((each) => ({ exampleId: each.id, isExcluded: true })),
      1,
    )
    expect(await reportOf(db, { datasetId: id })).toMatchObject({ rows: 2, groupCount: 0, others: [] })
    expect([...everyExampleOf(db, id)]).toHaveLength(4)
  })

  it('may be compared by their prompts alone, conversations by what is said', async () => {
    const db = testRegistry()
    const { id } = importedDataset(db, 'demonstrations', [
      { prompt: review, completion: 'Yes, it was a fine evening.' },
      { prompt: asked(user(review)), completion: 'No, nobody would say so of it.' },
    ])
    expect((await reportOf(db, { datasetId: id })).groupCount).toBe(0)
    expect(groupsIn(await reportOf(db, { datasetId: id, part: 'prompt' }))).toEqual([[1, 2]])
  })

  it('of one dataset in another are found there, and not among themselves', async () => {
    const db = testRegistry()
    const train = importedDataset(db, 'text', texts([other, `${other} `, review, 'A third one.']), 'train')
    const heldOut = importedDataset(db, 'text', texts(['Nothing like it.', `${review} Indeed.`]), 'held-out')
    const report = await reportOf(db, { datasetId: train.id, againstId: heldOut.id })
    expect(groupsIn(report)).toEqual([[2, 3]])
    expect(report.others.map(({ row }) => row)).toEqual([3])
    expect(report.groups[0]?.first.text).toContain('Indeed')
    expect(report.groups[0]?.others[0]?.text).toBe(review)
  })

  it('are looked for until nobody wants to know', async () => {
    const db = testRegistry()
    const { id } = importedDataset(db, 'text', texts(Array.from({ length: 600 }, (_, i) => `row ${i}`)))
    const stopped = AbortSignal.abort()
    const asking = nearDuplicates(db, { datasetId: id, part: 'row', threshold: 0.7 }, stopped)
    await expect(asking.next()).rejects.toThrow()
  })
})
