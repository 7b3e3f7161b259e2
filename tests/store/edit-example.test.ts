import { describe, expect, it } from 'vitest'
import { editExample } from '../../src-main/store/edit-example'
import { summaryOf } from '../../src-main/store/dataset-summary'
import { markExamples, newestVersion } from '../../src-main/store/example-versions'
import { examplesOf, pageOfExamples } from '../../src-main/store/examples'
import { judge } from '../../src-main/store/judgments'
import type { WritableDb } from '../../src-main/store/handle'
import { testQueue } from '../helpers/labels'
import { importedDataset, testRegistry } from '../helpers/registry'
import { asked, user } from '../helpers/turns'

function twoPairs() {
  const db = testRegistry()
  const rows = [
    { prompt: 'a hat', completion: 'is red', rejected: 'is' },
    { prompt: 'a cup', completion: 'is blue', rejected: 'was' },
  ]
  const { id } = importedDataset(db, 'preferences', rows)
  const [first, second] = [...examplesOf(db, id)].map((each) => each.id)
  return { db, id, first: first!, second: second! }
}
const chosen = (db: WritableDb, id: string, version?: number) =>
  [...examplesOf(db, id, version === undefined ? {} : { version })].map(({ completion }) => completion)
const found = (db: WritableDb, id: string, search: string) =>
  pageOfExamples(db, id, { filter: { search }, offset: 0, limit: 9 }).rows.map(({ row }) => row)

describe('an example that is edited', () => {
  it('is trained on as it is now, and found by its new words alone', () => {
    const { db, id, first } = twoPairs()
    expect(editExample(db, { exampleId: first, completion: 'is green' }, 5)).toMatchObject({
      ...{ prompt: 'a hat', completion: 'is green', rejected: 'is' },
    })
    expect(chosen(db, id)).toEqual(['is green', 'is blue'])
    expect(found(db, id, 'green')).toEqual([1])
    expect(found(db, id, 'red')).toEqual([])
  })

  it('stays what it was for runs that were launched before, whichever edit they knew', () => {
    const { db, id, first, second } = twoPairs()
    markExamples(db, [{ exampleId: second, tags: ['a'] }], 4)
    const before = newestVersion(db)
    editExample(db, { exampleId: first, completion: 'is green' }, 5)
    const between = newestVersion(db)
    editExample(db, { exampleId: first, completion: 'is black' }, 6)
    markExamples(db, [{ exampleId: first, tags: ['odd'] }], 7) // a mark is no edit
    expect(chosen(db, id, before)).toEqual(['is red', 'is blue'])
    expect(chosen(db, id, between)).toEqual(['is green', 'is blue'])
    expect(chosen(db, id, newestVersion(db))).toEqual(['is black', 'is blue'])
    editExample(db, { exampleId: first, completion: 'is red' }, 8) // taken back
    expect(chosen(db, id)).toEqual(['is red', 'is blue'])
  })

  it('keeps its tags, and moves in the histogram of lengths', () => {
    const { db, id, first } = twoPairs()
    markExamples(db, [{ exampleId: first, tags: ['odd'] }], 4)
    const ofChosen = () =>
      summaryOf(db, id, { search: '' }).histograms.find(({ part }) => part === 'completion')!.all
    expect([ofChosen()[6], ofChosen()[7]]).toEqual([1, 1]) // “is red” and “is blue”, a bin a character
    expect(editExample(db, { exampleId: first, completion: 'is pink' }, 5).tags).toEqual(['odd'])
    expect([ofChosen()[6], ofChosen()[7]]).toEqual([0, 2])
  })

  it('is refused where it is more than texts, was judged, or has no such part', () => {
    const { db, id, first } = twoPairs()
    const turned = importedDataset(db, 'prompts', [{ prompt: asked(user('Hello')) }], 'turns')
    const [conversation] = examplesOf(db, turned.id)
    expect(() => editExample(db, { exampleId: conversation!.id, prompt: 'x' }, 5)).toThrow(
      'more than plain texts',
    )
    const { queue, comparisons } = testQueue(db, 1)
    judge(db, { comparisonId: comparisons[0]!.id, verdict: 'left', window: 'w', judgedAtMs: 1 })
    const [judged] = examplesOf(db, queue.datasetId)
    expect(() => editExample(db, { exampleId: judged!.id, completion: 'x' }, 5)).toThrow('judge it again')
    const texts = importedDataset(db, 'text', [{ completion: 'only' }], 'texts')
    const [text] = examplesOf(db, texts.id)
    expect(() => editExample(db, { exampleId: text!.id, rejected: 'x' }, 5)).toThrow('rejected is not there')
    expect(() => editExample(db, { exampleId: 1, completion: 'x' }, 5)).toThrow('no longer exists')
    expect(chosen(db, id)).toEqual(['is red', 'is blue'])
    expect(first).toBeGreaterThan(0)
  })
})
