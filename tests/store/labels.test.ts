import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { comparisonOf, nextComparisons } from '../../src-main/store/comparisons'
import { summaryOf } from '../../src-main/store/dataset-summary'
import { datasetOf, listDatasets } from '../../src-main/store/datasets'
import { examplesOf, flagExample, pageOfExamples } from '../../src-main/store/examples'
import { judge, judgmentWatermark, labelProgress, undoJudgment } from '../../src-main/store/judgments'
import { createQueue, listQueues } from '../../src-main/store/queues'
import { createRun, runOf } from '../../src-main/store/runs'
import type { Comparison } from '../../src-shared/records/comparison'
import type { Verdict } from '../../src-shared/records/judgment'
import { fill, testQueue } from '../helpers/labels'
import { testRegistry } from '../helpers/registry'

const all = { filter: { search: '' }, offset: 0, limit: 500 }

describe('a label queue', () => {
  it('makes the dataset that its judgments fill', () => {
    const db = testRegistry()
    const { queue } = testQueue(db)
    expect(listQueues(db)).toEqual([queue])
    expect(queue.sampling).toEqual({ temperature: 1, topK: 0, topP: 1, maxTokens: 48, seed: 7 })
    expect(datasetOf(db, queue.datasetId)).toMatchObject({
      name: 'Films',
      kind: 'preferences',
      origin: 'judgments',
      rows: 0,
      bytes: 0,
    })
  })

  it('tells a run how many of its pairs there were when it was launched', () => {
    const db = testRegistry()
    const { queue, comparisons } = testQueue(db, 4)
    const say = (index: number, verdict: Verdict) =>
      judge(db, { comparisonId: comparisons[index]!.id, verdict, window: 'one', judgedAtMs: 1 })
    say(0, 'left')
    say(1, 'right')
    say(2, 'tie')
    const run = createRun(db, {
      name: 'reward-01',
      recipe: 'reward',
      settings: {},
      inputs: { pairs: [queue.datasetId], base: [queue.checkpointId] },
      device: 'cpu',
      programVersion: '0',
      createdAtMs: 1,
    })
    say(3, 'left')
    say(0, 'tie') // taken back: a later opinion does not change what was learned from
    expect(datasetOf(db, queue.datasetId).rows).toBe(2)
    expect(runOf(db, run.id).judgedRows).toEqual({ [queue.datasetId]: 2 })
    say(1, 'tie')
    expect(datasetOf(db, queue.datasetId).rows).toBe(1)
    expect(runOf(db, run.id).judgedRows).toEqual({ [queue.datasetId]: 2 })
  })

  it('is not made when its checkpoint or its prompts are gone, and neither is a dataset', () => {
    const db = testRegistry()
    const {
      queue: { id: _, datasetId: __, ...facts },
    } = testQueue(db)
    const before = listDatasets(db)
    expect(() => createQueue(db, { ...facts, checkpointId: 'checkpoint-99' })).toThrow(
      'This checkpoint no longer exists.',
    )
    expect(() => createQueue(db, { ...facts, promptDatasetId: 'dataset-99' })).toThrow(
      'This dataset no longer exists.',
    )
    expect(listDatasets(db)).toEqual(before)
  })

  it('hands out the oldest comparisons first, except those that are held', () => {
    const db = testRegistry()
    const { queue, comparisons } = testQueue(db, 3)
    const [one, two, three] = comparisons as readonly [Comparison, Comparison, Comparison]
    expect(nextComparisons(db, queue.id, 2, [])).toEqual([one, two])
    expect(nextComparisons(db, queue.id, 2, [one.id])).toEqual([two, three])
    expect(nextComparisons(db, queue.id, 2, [one.id, 'comparison-77', 'nonsense'])).toEqual([two, three])
    expect(comparisonOf(db, two.id)).toEqual(two)
  })

  it('is empty when all is judged', () => {
    const db = testRegistry()
    const { queue, comparisons } = testQueue(db, 3)
    for (const { id } of comparisons)
      judge(db, { comparisonId: id, verdict: 'skip', window: 'one', judgedAtMs: 1 })
    expect(nextComparisons(db, queue.id, 8, [])).toEqual([])
  })

  it('keeps its places apart from those of another queue', () => {
    const db = testRegistry()
    const [one, two] = [testQueue(db, 2), testQueue(db, 2)]
    expect([...one.comparisons, ...two.comparisons].map((each) => each.place)).toEqual([1, 2, 1, 2])
    judge(db, { comparisonId: two.comparisons[0]!.id, verdict: 'left', window: 'one', judgedAtMs: 1 })
    expect(nextComparisons(db, one.queue.id, 8, [])).toEqual(one.comparisons)
    expect(undoJudgment(db, { queueId: one.queue.id, nowMs: 2, window: 'one', others: [] })).toBeUndefined()
  })
})

describe('a judgment', () => {
  it('counts at once', () => {
    const db = testRegistry()
    const { queue, comparisons } = testQueue(db, 5)
    const verdicts: readonly Verdict[] = ['left', 'right', 'tie', 'both-bad', 'skip']
    verdicts.forEach((verdict, i) =>
      judge(db, { comparisonId: comparisons[i]!.id, verdict, window: 'one', judgedAtMs: 1000 * (i + 1) }),
    )
    const { recent, ...progress } = labelProgress(db, queue.id)
    // one a second
    expect(progress).toEqual({ judged: 5, goal: 600, pairs: 2, ahead: 0, judgmentsAMinute: 60 })
    expect(recent.map((each) => each.verdict)).toEqual(['skip', 'both-bad', 'tie', 'right', 'left'])
  })

  it('with a margin is answered as it is kept', () => {
    const db = testRegistry()
    const {
      queue,
      comparisons: [one],
    } = testQueue(db, 1)
    const judgment = judge(db, {
      comparisonId: one!.id,
      verdict: 'right',
      margin: 'slightly',
      window: 'one',
      judgedAtMs: 77,
    })
    expect(judgment).toEqual({
      id: 1,
      comparisonId: one!.id,
      place: 1,
      prompt: 'prompt 1',
      verdict: 'right',
      margin: 'slightly',
      window: 'one',
      judgedAtMs: 77,
    })
    expect(labelProgress(db, queue.id).recent).toEqual([judgment])
    expect(pageOfExamples(db, queue.datasetId, all).rows).toMatchObject([{ margin: 'slightly' }])
  })

  it('has no margin unless one side is better', () => {
    const db = testRegistry()
    const {
      comparisons: [one],
    } = testQueue(db, 1)
    expect(() =>
      judge(db, { comparisonId: one!.id, verdict: 'tie', margin: 'better', window: 'one', judgedAtMs: 1 }),
    ).toThrow('margin has no meaning with the verdict tie')
    expect(judgmentWatermark(db)).toBe(0)
  })

  it('of an unknown comparison is not found', () => {
    expect(() =>
      judge(testRegistry(), { comparisonId: 'comparison-1', verdict: 'left', window: 'one', judgedAtMs: 1 }),
    ).toThrow('This comparison no longer exists.')
  })

  it('is never changed or deleted', () => {
    const db = testRegistry()
    const {
      comparisons: [one],
    } = testQueue(db, 1)
    judge(db, { comparisonId: one!.id, verdict: 'left', window: 'one', judgedAtMs: 1 })
    expect(() => db.run("UPDATE judgments SET verdict = 'right'")).toThrow('judgments are append-only')
    expect(() => db.run('DELETE FROM judgments')).toThrow('judgments are append-only')
  })

  it('leaves pauses out of its pace', () => {
    const db = testRegistry()
    const { queue, comparisons } = testQueue(db, 4)
    const atMs = [0, 10_000, 3_600_000, 3_620_000] // gaps of 10 s, an hour, 20 s: 2 judgments in 30 s of work
    comparisons.forEach(({ id }, i) =>
      judge(db, { comparisonId: id, verdict: 'left', window: 'one', judgedAtMs: atMs[i]! }),
    )
    expect(labelProgress(db, queue.id).judgmentsAMinute).toBeCloseTo(4)
  })
})

describe('undo', () => {
  it('takes back the newest verdict, then the one before', () => {
    const db = testRegistry()
    const { queue, comparisons } = testQueue(db, 3)
    for (const { id } of comparisons)
      judge(db, { comparisonId: id, verdict: 'left', window: 'one', judgedAtMs: 1 })
    expect(undoJudgment(db, { queueId: queue.id, nowMs: 2, window: 'one', others: [] })).toEqual(
      comparisons[2],
    )
    expect(undoJudgment(db, { queueId: queue.id, nowMs: 3, window: 'one', others: [] })).toEqual(
      comparisons[1],
    )
    expect(labelProgress(db, queue.id)).toMatchObject({ judged: 1, pairs: 1, ahead: 2 })
    expect(nextComparisons(db, queue.id, 8, [])).toEqual([comparisons[1], comparisons[2]])
  })

  it('leaves what another has put their name to, also when their window is gone', () => {
    const db = testRegistry()
    const { queue, comparisons } = testQueue(db, 3)
    const said = [
      { window: 'one', annotator: '' },
      { window: 'two', annotator: 'Ben' },
      { window: 'three', annotator: 'Ada' },
    ]
    said.forEach((by, i) =>
      judge(db, { comparisonId: comparisons[i]!.id, verdict: 'left', judgedAtMs: 1, ...by }),
    )
    const undo = (window: string, annotator: string, others: readonly string[]) =>
      undoJudgment(db, { queueId: queue.id, nowMs: 2, window, others, annotator })?.place
    expect(undo('four', '', ['three'])).toBe(1) // nobody's name stands on it
    expect(undo('four', '', [])).toBeUndefined()
    expect(undo('four', 'Ada', ['three'])).toBeUndefined() // the window is still there
    expect(undo('four', 'Ada', [])).toBe(3)
    expect(undo('two', 'Ada', [])).toBeUndefined() // Ben's, though it was said in this window
    expect(undo('two', '', [])).toBe(2)
  })

  it('keeps what was said: it is a row that retracts', () => {
    const db = testRegistry()
    const {
      queue,
      comparisons: [one],
    } = testQueue(db, 1)
    judge(db, { comparisonId: one!.id, verdict: 'left', window: 'one', judgedAtMs: 1 })
    undoJudgment(db, { queueId: queue.id, nowMs: 2, window: 'one', others: [] })
    expect(db.all('SELECT verdict FROM judgments ORDER BY id')).toEqual([
      { verdict: 'left' },
      { verdict: 'retracted' },
    ])
  })
})

describe('the preference pairs of a queue', () => {
  it('turn the side that won into chosen, whichever it was, and leave out the rest', () => {
    const db = testRegistry()
    const { queue, comparisons } = testQueue(db, 5)
    const verdicts: readonly Verdict[] = ['left', 'tie', 'right', 'both-bad', 'skip']
    verdicts.forEach((verdict, i) =>
      judge(db, { comparisonId: comparisons[i]!.id, verdict, window: 'one', judgedAtMs: 1 }),
    )
    const { rows, total } = pageOfExamples(db, queue.datasetId, all)
    expect(total).toBe(2)
    expect(rows.map(({ row, prompt, completion, rejected }) => [row, prompt, completion, rejected])).toEqual([
      [1, 'prompt 1', 'left 1', 'right 1'],
      [2, 'prompt 3', 'right 3', 'left 3'],
    ])
    expect(datasetOf(db, queue.datasetId)).toMatchObject({
      rows: 2,
      bytes: 'prompt 1left 1right 1'.length * 2,
    })
  })

  it('are searched, filtered, flagged and summed up like any dataset', () => {
    const db = testRegistry()
    const { queue, comparisons } = testQueue(db, 12)
    for (const { id } of comparisons)
      judge(db, { comparisonId: id, verdict: 'right', window: 'one', judgedAtMs: 1 })
    const page = (filter: object): readonly number[] =>
      pageOfExamples(db, queue.datasetId, { ...all, filter: { search: '', ...filter } }).rows.map(
        (each) => each.row,
      )
    expect(page({ search: 'LEFT 1' })).toEqual([1, 10, 11, 12])
    expect(page({ minCharacters: 17 })).toEqual([10, 11, 12]) // "prompt 10" and "right 10" are 9 + 8
    expect(page({ label: 1 })).toEqual([])
    const third = pageOfExamples(db, queue.datasetId, all).rows[2]!
    flagExample(db, third.id, true)
    expect(page({ flaggedOnly: true })).toEqual([3])
    const { histograms } = summaryOf(db, queue.datasetId, { search: 'left 1' })
    expect(histograms.map(({ part, median }) => [part, median])).toEqual([
      ['prompt', 8],
      ['completion', 7],
      ['rejected', 6],
    ])
    expect(histograms[0]!.all.reduce((a, b) => a + b)).toBe(12)
    expect(histograms[0]!.matching.reduce((a, b) => a + b)).toBe(4)
  })

  it('stay what they were at a watermark, although labelling goes on', () => {
    const db = testRegistry()
    const {
      queue,
      comparisons: [one, two, three],
    } = testQueue(db, 3)
    const at = (watermark: number): readonly unknown[] =>
      [...examplesOf(db, queue.datasetId, { judgment: watermark })].map((each) => each.completion)
    judge(db, { comparisonId: one!.id, verdict: 'left', window: 'one', judgedAtMs: 1 })
    judge(db, { comparisonId: two!.id, verdict: 'right', window: 'one', judgedAtMs: 2 })
    const then = judgmentWatermark(db)
    judge(db, { comparisonId: one!.id, verdict: 'right', window: 'one', judgedAtMs: 3 }) // thought again
    undoJudgment(db, { queueId: queue.id, nowMs: 4, window: 'one', others: [] }) // and took that back
    judge(db, { comparisonId: three!.id, verdict: 'left', window: 'one', judgedAtMs: 5 })
    expect(at(then)).toEqual(['left 1', 'right 2'])
    expect(at(3)).toEqual(['right 1', 'right 2'])
    expect(at(judgmentWatermark(db))).toEqual(['right 2', 'left 3'])
    expect(at(0)).toEqual([])
  })

  it('are at every watermark what a person reading the judgments one by one would say', () => {
    const act = fc.oneof(
      fc.record({
        place: fc.integer({ min: 1, max: 4 }),
        verdict: fc.constantFrom<Verdict>('left', 'right', 'tie', 'both-bad', 'skip'),
      }),
      fc.constant('undo' as const),
    )
    fc.assert(
      fc.property(fc.array(act, { maxLength: 25 }), (acts) => {
        const db = testRegistry()
        const { queue, comparisons } = testQueue(db, 4)
        const now = new Map<number, { verdict: Verdict; id: number }>()
        const history: string[][] = [[]]
        let id = 0
        for (const each of acts) {
          if (each === 'undo') {
            const newest = [...now].sort(([, a], [, b]) => b.id - a.id)[0]
            expect(undoJudgment(db, { queueId: queue.id, nowMs: 1, window: 'one', others: [] })?.place).toBe(
              newest?.[0],
            )
            if (!newest) continue
            now.delete(newest[0])
            id++
          } else {
            judge(db, {
              comparisonId: comparisons[each.place - 1]!.id,
              verdict: each.verdict,
              window: 'one',
              judgedAtMs: 1,
            })
            now.set(each.place, { verdict: each.verdict, id: ++id })
          }
          history[id] = [...now]
            .sort(([a], [b]) => a - b)
            .flatMap(([place, { verdict }]) =>
              verdict === 'left' || verdict === 'right' ? [`${verdict} ${place}`] : [],
            )
          expect(labelProgress(db, queue.id)).toMatchObject({
            judged: now.size,
            ahead: 4 - now.size,
            pairs: history[id]!.length,
          })
        }
        expect(judgmentWatermark(db)).toBe(id)
        history.forEach((pairs, watermark) =>
          expect(
            [...examplesOf(db, queue.datasetId, { judgment: watermark })].map((pair) => pair.completion),
          ).toEqual(pairs),
        )
        db.close()
      }),
      { numRuns: 40 },
    )
  })
})

describe('a queue of 10,000 comparisons', () => {
  it('answers click after click, each with the next and the counts', () => {
    const db = testRegistry()
    const { queue } = testQueue(db)
    const comparisons = fill(db, queue.id, 10_000)
    db.transaction(() => {
      for (const { id } of comparisons.slice(0, 9_000))
        judge(db, { comparisonId: id, verdict: 'left', window: 'one', judgedAtMs: 1 })
    })
    for (let click = 0; click < 20; click++) {
      const [next] = nextComparisons(db, queue.id, 2, [])
      judge(db, { comparisonId: next!.id, verdict: 'right', window: 'one', judgedAtMs: 2 })
      expect(labelProgress(db, queue.id).judged).toBe(9_001 + click)
    }
  })
})
