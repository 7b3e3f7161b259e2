import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { CallInput } from '../../src-shared/contract'
import type { LabelProgress, LabelQueue } from '../../src-shared/records/comparison'
import type { Dataset } from '../../src-shared/records/dataset'
import { startStudio } from '../helpers/headless-studio'
import { importedDataset, testFolder } from '../helpers/registry'
import { asking, testStudio, type Asking, type TestStudio } from '../helpers/test-studio'
import { tinyCheckpoint } from '../helpers/tiny-model'
import { imported } from '../helpers/tiny-runs'
import { apiOf } from '../../src-main/cli/pipe'
import { openRegistry } from '../../src-main/store/database'

const sampling = { temperature: 1, topK: 0, topP: 1, maxTokens: 12, seed: 7 }

async function created(
  studio: Asking,
  checkpointId: string,
  prompts: Dataset,
  more: Partial<CallInput<'labels.create'>> = {},
): Promise<LabelQueue> {
  return studio.ask('labels.create', {
    name: 'Warmth',
    checkpointId,
    promptDatasetId: prompts.id,
    sampling,
    goal: 30,
    guidance: 'The warmer one.',
    ...more,
  })
}

/** A studio with a tiny model and eight prompts, and a queue over both. */
async function labelling(
  more: Partial<CallInput<'labels.create'>> = {},
): Promise<{ readonly studio: TestStudio; readonly queue: LabelQueue }> {
  const folder = testFolder()
  const { id } = await tinyCheckpoint(folder)
  const studio = await testStudio({ folder })
  return { studio, queue: await created(studio, id, await imported(studio, 'prompts.jsonl'), more) }
}

const until = async (
  studio: Asking,
  queueId: string,
  isLast: (progress: LabelProgress) => boolean,
): Promise<LabelProgress> => (await studio.follow('labels.watch', { queueId }, isLast)).at(-1)!

describe('a label queue', () => {
  it('goes on beyond its goal when more are asked for', async () => {
    const { studio, queue } = await labelling({ goal: 2 })
    await until(studio, queue.id, ({ ahead }) => ahead === 2)
    for (const { id } of await studio.ask('labels.next', { queueId: queue.id, count: 2, holding: [] }))
      await studio.ask('labels.judge', { comparisonId: id, verdict: 'left', holding: [] })
    const more = await studio.ask('labels.more', { queueId: queue.id, count: 3 })
    expect(more).toMatchObject({ judged: 2, goal: 5 })
    expect(await until(studio, queue.id, ({ ahead }) => ahead === 3)).toMatchObject({ judged: 2, goal: 5 })
  })

  it('has a goal that only a queue which is there can raise', async () => {
    const { studio } = await labelling()
    await expect(studio.ask('labels.more', { queueId: 'queue-99', count: 3 })).rejects.toMatchObject({
      error: { kind: 'not-found' },
    })
  })

  it('keeps eight comparisons ahead of whoever labels', async () => {
    const { studio, queue } = await labelling()
    expect(await until(studio, queue.id, ({ ahead }) => ahead >= 8)).toEqual({
      judged: 0,
      goal: 30,
      pairs: 0,
      ahead: 8,
      recent: [],
    })
    const [first, second] = await studio.ask('labels.next', { queueId: queue.id, count: 2, holding: [] })
    expect([first!.place, second!.place]).toEqual([1, 2])
    await studio.ask('labels.judge', {
      comparisonId: first!.id,
      holding: [],
      verdict: 'left',
      margin: 'slightly',
    })
    await studio.ask('labels.judge', { comparisonId: second!.id, holding: [], verdict: 'tie' })
    expect(await until(studio, queue.id, ({ ahead }) => ahead >= 8)).toMatchObject({
      judged: 2,
      pairs: 1,
      ahead: 8,
    })
  })

  it('answers a verdict with the next comparison to hold and the counts', async () => {
    const { studio, queue } = await labelling({ goal: 3 })
    await until(studio, queue.id, ({ ahead }) => ahead >= 3)
    const [first, second] = await studio.ask('labels.next', { queueId: queue.id, count: 2, holding: [] })
    const judge = (comparisonId: string, holding: readonly string[]) =>
      studio.ask('labels.judge', { comparisonId, holding, verdict: 'left' })
    const answer = await judge(first!.id, [second!.id])
    expect([answer.progress.judged, answer.next?.place]).toEqual([1, 3])
    expect((await judge(second!.id, [answer.next!.id])).next).toBeUndefined()
  })

  it('tells other windows of a verdict, not the one that was answered', async () => {
    const { studio, queue } = await labelling({ goal: 3 })
    await until(studio, queue.id, ({ ahead }) => ahead >= 3)
    const other = asking(apiOf(studio.studio.handlers, () => {}))
    const own: number[] = []
    const leaving = new AbortController()
    const listening = (async () => {
      for await (const { judged } of studio.api.stream('labels.watch', { queueId: queue.id }, leaving.signal))
        own.push(judged)
    })()
    const told = until(other, queue.id, ({ judged }) => judged === 1)
    const [first] = await studio.ask('labels.next', { queueId: queue.id, count: 1, holding: [] })
    await studio.ask('labels.judge', { comparisonId: first!.id, holding: [], verdict: 'left' })
    expect(await told).toMatchObject({ judged: 1, ahead: 2 })
    leaving.abort()
    await listening
    expect(own).toEqual([0])
  })

  it('has its pairs counted in lists of datasets soon, but not with each verdict', async () => {
    const { studio, queue } = await labelling({ goal: 4 })
    await until(studio, queue.id, ({ ahead }) => ahead >= 4)
    const rowsOf = (datasets: readonly Dataset[]) => datasets.find(({ id }) => id === queue.datasetId)?.rows
    const lists = studio.follow('datasets.watch', {}, (list) => rowsOf(list) === 4)
    for (const { id } of await studio.ask('labels.next', { queueId: queue.id, count: 4, holding: [] }))
      await studio.ask('labels.judge', { comparisonId: id, holding: [], verdict: 'right' })
    expect((await lists).map(rowsOf)).toEqual([0, 4])
  })

  it('makes no more than its goal', async () => {
    const { studio, queue } = await labelling({ goal: 3 })
    expect(await until(studio, queue.id, ({ ahead }) => ahead >= 3)).toMatchObject({ ahead: 3 })
    for (const { id } of await studio.ask('labels.next', { queueId: queue.id, count: 8, holding: [] }))
      await studio.ask('labels.judge', { comparisonId: id, holding: [], verdict: 'both-bad' })
    expect((await studio.follow('labels.watch', { queueId: queue.id }, () => true))[0]).toMatchObject({
      judged: 3,
      ahead: 0,
      pairs: 0,
    })
  })

  it('shows two different completions of one prompt, going through all prompts before any comes again', async () => {
    const { studio, queue } = await labelling()
    await until(studio, queue.id, ({ ahead }) => ahead >= 8)
    const comparisons = await studio.ask('labels.next', { queueId: queue.id, count: 8, holding: [] })
    expect(new Set(comparisons.map(({ prompt }) => prompt)).size).toBe(8)
    for (const { left, right } of comparisons) {
      expect(left.text).not.toBe(right.text)
      expect(left.tokens).toBeLessThanOrEqual(sampling.maxTokens)
    }
  })

  it('is the same again with the same seed, and another with another', async () => {
    const folder = testFolder()
    const { id } = await tinyCheckpoint(folder)
    const studio = await testStudio({ folder })
    const prompts = await imported(studio, 'prompts.jsonl')
    const texts = async (seed: number): Promise<readonly string[]> => {
      const queue = await created(studio, id, prompts, { sampling: { ...sampling, seed } })
      await until(studio, queue.id, ({ ahead }) => ahead >= 8)
      return (await studio.ask('labels.next', { queueId: queue.id, count: 8, holding: [] })).map(
        ({ prompt, left, right }) => `${prompt} ${left.text} | ${right.text}`,
      )
    }
    const first = await texts(7)
    expect(await texts(7)).toEqual(first)
    expect(await texts(8)).not.toEqual(first)
  })

  it('makes a dataset of the pairs, and takes a judgment back', async () => {
    const { studio, queue } = await labelling()
    await until(studio, queue.id, ({ ahead }) => ahead >= 2)
    const [comparison] = await studio.ask('labels.next', { queueId: queue.id, count: 1, holding: [] })
    await studio.ask('labels.judge', { comparisonId: comparison!.id, holding: [], verdict: 'right' })
    const page = { datasetId: queue.datasetId, filter: { search: '' }, offset: 0, limit: 10 }
    expect((await studio.ask('datasets.page', page)).rows).toMatchObject([
      { prompt: comparison!.prompt, completion: comparison!.right.text, rejected: comparison!.left.text },
    ])
    expect(await studio.ask('labels.undo', { queueId: queue.id })).toMatchObject({
      comparison,
      progress: { judged: 0, pairs: 0 },
    })
    expect((await studio.ask('datasets.page', page)).total).toBe(0)
    expect(await studio.ask('labels.undo', { queueId: queue.id })).toEqual({
      progress: expect.objectContaining({ judged: 0 }) as LabelProgress,
    })
  })

  it('goes on while a training runs', async () => {
    const { studio, queue } = await labelling()
    const texts = await imported(studio, 'texts.txt')
    const run = await studio.ask('runs.launch', {
      recipe: 'pretrain',
      settings: { layers: 1, width: 32, updates: 5000, batchRows: 8, checkpointEvery: 5000 },
      inputs: { texts: [texts.id] },
    })
    await studio.follow('runs.watch', { runId: run.id, sinceStep: -1 }, ({ points }) => points !== undefined)
    for (let i = 0; i < 12; i++) {
      const { ahead } = await until(studio, queue.id, (progress) => progress.ahead >= 1)
      expect(ahead).toBeGreaterThan(0)
      const [next] = await studio.ask('labels.next', { queueId: queue.id, count: 1, holding: [] })
      await studio.ask('labels.judge', { comparisonId: next!.id, holding: [], verdict: 'left' })
    }
    expect((await studio.ask('runs.show', { runId: run.id })).run.state).toBe('running')
  })
})

describe('a label queue that cannot be made', () => {
  it.each([
    [
      'at temperature 0',
      { sampling: { ...sampling, temperature: 0 } },
      'sampling.temperature must be above 0',
    ],
    ['from one token', { sampling: { ...sampling, topK: 1 } }, 'sampling.topK must not be 1'],
  ])('%s is refused at its setting', async (_, more, sentence) => {
    await expect(labelling(more)).rejects.toThrow(sentence)
  })

  it(
    'over texts without prompts, characters the model does not know, prompts that do not fit, or from a ' +
      'reward model is refused at its input',
    async () => {
      const folder = testFolder()
      const { id } = await tinyCheckpoint(folder)
      const reward = await tinyCheckpoint(folder, { kind: 'reward-model' })
      const db = openRegistry(join(folder, 'registry.sqlite'))
      const prompts = importedDataset(db, 'prompts', [{ prompt: 'the film:' }], 'good')
      const unknown = importedDataset(
        db,
        'prompts',
        [{ prompt: 'the film:' }, { prompt: 'the café:' }],
        'unknown',
      )
      const long = importedDataset(db, 'prompts', [{ prompt: 'a'.repeat(32) }], 'long')
      db.close()
      const studio = await testStudio({ folder })
      await expect(created(studio, id, await imported(studio, 'texts.txt'))).rejects.toThrow(
        'promptDatasetId “texts” has no prompts',
      )
      await expect(created(studio, id, unknown)).rejects.toThrow(
        'promptDatasetId “unknown”, row 2: "é" (U+00E9) is not among the 29 characters this model knows',
      )
      await expect(created(studio, id, long)).rejects.toThrow(
        'promptDatasetId “long”, every prompt has more than the 31 tokens that leave room for a completion',
      )
      await expect(created(studio, reward.id, prompts)).rejects.toThrow(
        'checkpointId “reward-model 1” is a reward model; it writes no text',
      )
    },
  )
})

describe('a studio that is killed while a person labels', () => {
  it('has every judgment that it answered', async () => {
    const folder = testFolder()
    const { id } = await tinyCheckpoint(folder)
    const first = await startStudio(join(folder, 'registry.sqlite'))
    const queue = await created(first, id, await imported(first, 'prompts.jsonl'))
    const judged: string[] = []
    while (judged.length < 6) {
      await until(first, queue.id, ({ ahead }) => ahead > 0)
      const [next] = await first.ask('labels.next', { queueId: queue.id, count: 1, holding: [] })
      await first.ask('labels.judge', {
        comparisonId: next!.id,
        holding: [],
        verdict: judged.length % 2 === 0 ? 'left' : 'right',
      })
      judged.push(next!.id)
    }
    await first.kill()

    const second = await startStudio(join(folder, 'registry.sqlite'))
    const progress = await until(second, queue.id, ({ ahead }) => ahead >= 8)
    expect(progress).toMatchObject({ judged: 6, pairs: 6 })
    expect(progress.recent.map(({ comparisonId }) => comparisonId)).toEqual(judged.reverse())
    expect(await second.end()).toBe(0)
  })
})

describe('two windows on one queue', () => {
  /** A window: its own wire, watching the queue until it leaves. */
  async function window(studio: TestStudio, queueId: string) {
    const api = apiOf(studio.studio.handlers, () => {})
    const leaving = new AbortController()
    const told = api.stream('labels.watch', { queueId }, leaving.signal)[Symbol.asyncIterator]()
    await told.next()
    const ended = (async () => {
      while (!(await told.next()).done);
    })()
    const close = async () => {
      leaving.abort()
      await ended
    }
    return { ...asking(api), api, close }
  }
  const next = { count: 4, holding: [] }
  const placesOf = (comparisons: readonly { readonly place: number }[]) =>
    comparisons.map(({ place }) => place)

  it('are never given the same comparison, and what one leaves the other may have', async () => {
    const { studio, queue } = await labelling()
    await until(studio, queue.id, ({ ahead }) => ahead >= 8)
    const queueId = queue.id
    const [one, other] = [await window(studio, queueId), await window(studio, queueId)]
    expect(placesOf(await one.ask('labels.next', { queueId, ...next }))).toEqual([1, 2, 3, 4])
    const [first, ...rest] = await other.ask('labels.next', { queueId, ...next })
    expect(placesOf([first!, ...rest])).toEqual([5, 6, 7, 8])
    const holding = rest.map(({ id }) => id)
    await until(studio, queueId, ({ ahead }) => ahead >= 12) // for a third window
    const judged = await other.ask('labels.judge', { comparisonId: first!.id, verdict: 'left', holding })
    expect(judged.next?.place).toBe(9)
    await one.close()
    expect(placesOf(await other.ask('labels.next', { queueId, count: 2, holding }))).toEqual([1, 2])
    await other.close()
  })

  it('refuses a verdict on what has one meanwhile, and says which', async () => {
    const { studio, queue } = await labelling()
    await until(studio, queue.id, ({ ahead }) => ahead >= 8)
    const [first] = await studio.ask('labels.next', { queueId: queue.id, count: 1, holding: [] })
    const said = { comparisonId: first!.id, verdict: 'both-bad', holding: [] } as const
    await studio.ask('labels.judge', { ...said, annotator: 'Ada' })
    const late = await apiOf(studio.studio.handlers, () => {}).call('labels.judge', {
      comparisonId: first!.id,
      verdict: 'left',
      holding: [],
    })
    expect(late).toEqual({
      ok: false,
      error: { kind: 'judged-meanwhile', place: 1, verdict: 'both-bad', by: 'Ada' },
    })
    expect((await studio.follow('labels.watch', { queueId: queue.id }, () => true))[0]!.recent).toMatchObject(
      [{ place: 1, verdict: 'both-bad' }],
    )
  })

  it('take back their own verdicts, and those of a window that is gone', async () => {
    const { studio, queue } = await labelling()
    await until(studio, queue.id, ({ ahead }) => ahead >= 8)
    const queueId = queue.id
    const [one, other] = [await window(studio, queueId), await window(studio, queueId)]
    for (const labeller of [one, other]) {
      const [comparison] = await labeller.ask('labels.next', { queueId, count: 1, holding: [] })
      await labeller.ask('labels.judge', { comparisonId: comparison!.id, verdict: 'left', holding: [] })
    }
    // one judged 1 and was given 2; other judged 3: the newest is not one's own
    expect((await one.ask('labels.undo', { queueId })).comparison?.place).toBe(1)
    expect((await one.ask('labels.undo', { queueId })).comparison).toBeUndefined()
    await other.close()
    expect((await one.ask('labels.undo', { queueId })).comparison?.place).toBe(3)
    await one.close()
  })
})

describe('a comparison', () => {
  it('knows what wrote its sides, and how it was sampled', async () => {
    const { studio, queue } = await labelling()
    await until(studio, queue.id, ({ ahead }) => ahead >= 8)
    const [first] = await studio.ask('labels.next', { queueId: queue.id, count: 1, holding: [] })
    for (const { writer } of [first!.left, first!.right]) {
      expect(writer?.checkpointId).toBe(queue.checkpointId)
      expect(writer?.sampling).toMatchObject({ temperature: 1, maxTokens: 12 })
    }
  })

  it('says what cut a completion: the limit, or the room that the model has', async () => {
    const cuts = async (maxTokens: number) => {
      const { studio, queue } = await labelling({ sampling: { ...sampling, maxTokens } })
      await until(studio, queue.id, ({ ahead }) => ahead >= 8)
      const made = await studio.ask('labels.next', { queueId: queue.id, count: 8, holding: [] })
      return made.flatMap(({ left, right }) => [left, right]).filter(({ hasEnded }) => !hasEnded)
    }
    expect(new Set((await cuts(4)).map(({ cutBy }) => cutBy))).toEqual(new Set(['limit']))
    // a model of 32 tokens
    expect(new Set((await cuts(500)).map(({ cutBy }) => cutBy))).toEqual(new Set(['context']))
  })
})
