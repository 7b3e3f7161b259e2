/** JSON in a column that is none any more costs that row its value; everything else is there. */
import { describe, expect, it } from 'vitest'
import { usualSampling } from '../../src-shared/sampling'
import { judgedMeetingsOf, meetingsOf } from '../../src-main/store/arena-verdicts'
import { nextComparisons } from '../../src-main/store/comparisons'
import { summaryOf } from '../../src-main/store/dataset-summary'
import { pageOfExamples } from '../../src-main/store/examples'
import { listQueues } from '../../src-main/store/queues'
import { createRun, endRun, listRuns, requeueRun, startRun } from '../../src-main/store/runs'
import { storedJson } from '../../src-main/store/stored-json'
import { testQueue } from '../helpers/labels'
import { importedDataset, testRegistry } from '../helpers/registry'
import { asked, user } from '../helpers/turns'

const damages = ['{"learningRate":', '', '7', 'null', '"text"', '\u0000']
const everything = { search: '' }

describe('JSON in a column', () => {
  it.each(damages)('is not there when what stands there is no object: %j', (json) =>
    expect(storedJson(json)).toBeUndefined(),
  )

  it.each(damages)(
    '%j as a run’s settings leaves all runs listed, and that one said to be damaged',
    (json) => {
      const db = testRegistry()
      const request = { recipe: 'sft', settings: { epochs: 3 }, inputs: {}, device: 'cpu' } as const
      for (const name of ['whole', 'damaged']) {
        const { id } = createRun(db, { ...request, name, programVersion: '0.1.0', createdAtMs: 1 })
        startRun(db, id, 2)
        endRun(db, id, { state: 'stopped', endedAtMs: 3 })
      }
      db.run("UPDATE runs SET settings = ? WHERE name = 'damaged'", json)
      const [damaged, whole] = listRuns(db)
      expect(whole).toMatchObject({ name: 'whole', settings: { epochs: 3 } })
      expect(damaged).toMatchObject({
        name: 'damaged',
        settings: {},
        error: expect.stringMatching(/damaged in/),
      })
      expect(() => requeueRun(db, damaged!.id)).toThrow(/damaged/)
    },
  )

  it('as a queue’s sampling or a completion’s writer leaves the queue and its comparisons', () => {
    const db = testRegistry()
    const { queue } = testQueue(db, 2)
    db.run("UPDATE queues SET sampling = '{'")
    db.run("UPDATE comparisons SET left_writer = '{', right_writer = '{}'")
    expect(listQueues(db)).toEqual([{ ...queue, sampling: usualSampling }])
    expect(nextComparisons(db, queue.id, 5, []).map(({ left }) => left.writer)).toEqual([
      undefined,
      undefined,
    ])
    expect([meetingsOf(db, queue.id), judgedMeetingsOf(db, queue.id)]).toEqual([[], []])
  })

  it('as turns leaves the text, as a summary is counted again', () => {
    const db = testRegistry()
    const prompt = asked(user('Which sea?'))
    const { id } = importedDataset(db, 'demonstrations', [{ prompt, completion: 'The North Sea.' }])
    const before = summaryOf(db, id, everything)
    db.run("UPDATE examples SET turns = '[' ")
    db.run("UPDATE datasets SET summary = '[' ")
    const page = pageOfExamples(db, id, { filter: everything, offset: 0, limit: 5 })
    expect(page.rows[0]).toMatchObject({ prompt: 'Which sea?', completion: 'The North Sea.' })
    expect(summaryOf(db, id, everything)).toEqual(before)
  })
})
