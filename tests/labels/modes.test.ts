import { describe, expect, it } from 'vitest'
import type { CallInput } from '../../src-shared/contract'
import { candidatesOf, type Comparison, type LabelQueue } from '../../src-shared/records/comparison'
import { plainLabelling, type Labelling } from '../../src-shared/records/labelling'
import { testFolder } from '../helpers/registry'
import { testStudio, type TestStudio } from '../helpers/test-studio'
import { tinyCheckpoint } from '../helpers/tiny-model'
import { imported } from '../helpers/tiny-runs'

const sampling = { temperature: 1, topK: 0, topP: 1, maxTokens: 8, seed: 7 }

/** A studio with a tiny model, eight prompts and a queue that is judged in this way. */
async function labelling(
  way: Partial<Labelling>,
  goal = 12,
): Promise<{ readonly studio: TestStudio; readonly queue: LabelQueue }> {
  const folder = testFolder()
  const { id: checkpointId } = await tinyCheckpoint(folder)
  const studio = await testStudio({ folder })
  const prompts = await imported(studio, 'prompts.jsonl')
  const queue = await studio.ask('labels.create', {
    ...{ name: 'Warmth', checkpointId, promptDatasetId: prompts.id, sampling, goal, guidance: '' },
    labelling: { ...plainLabelling, ...way },
  })
  return { studio, queue }
}

async function nextOf(
  { studio, queue }: Awaited<ReturnType<typeof labelling>>,
  annotator?: string,
): Promise<Comparison> {
  await studio.follow('labels.watch', { queueId: queue.id }, ({ ahead }) => ahead > 0)
  const asked = { queueId: queue.id, count: 1, holding: [], ...(annotator && { annotator }) }
  return (await studio.ask('labels.next', asked))[0]!
}

const said = (item: Comparison, answer: unknown): CallInput<'labels.judge'> => ({
  ...{ comparisonId: item.id, verdict: 'answer', holding: [] },
  answer,
})
const rowsOf = async ({ studio, queue }: Awaited<ReturnType<typeof labelling>>) =>
  (
    await studio.ask('datasets.page', {
      ...{ datasetId: queue.datasetId, filter: { search: '' }, offset: 0, limit: 20 },
    })
  ).rows

describe('a queue of rankings', () => {
  it('has several different completions a prompt, and makes rankings of their order', async () => {
    const room = await labelling({ mode: 'ranking', completions: 4 })
    const item = await nextOf(room)
    const texts = candidatesOf(item).map(({ text }) => text)
    expect(new Set(texts).size).toBe(4)
    const { progress } = await room.studio.ask('labels.judge', said(item, { groups: [[3], [1, 0]] }))
    expect(progress).toMatchObject({ judged: 1, pairs: 1, recent: [{ said: 'D B = A' }] })
    expect(await rowsOf(room)).toMatchObject([
      {
        prompt: item.prompt,
        completion: texts[3],
        candidates: [
          { completion: texts[3], score: 2 },
          { completion: texts[1], score: 1 },
          { completion: texts[0], score: 1 },
        ],
      },
    ])
    const listed = await room.studio.ask('datasets.list', {})
    expect(listed.find(({ id }) => id === room.queue.datasetId)).toMatchObject({ kind: 'rankings', rows: 1 })
  })

  it('refuses what is no order, and keeps the item', async () => {
    const room = await labelling({ mode: 'ranking', completions: 3 })
    const item = await nextOf(room)
    for (const [answer, problem] of [
      [{ groups: [[0], [0]] }, 'ranks a completion twice'],
      [{ groups: [[8]] }, 'ranks a completion that is not there'],
      ['first', 'answer'],
    ] as const)
      await expect(room.studio.ask('labels.judge', said(item, answer))).rejects.toThrow(problem)
    const left = { comparisonId: item.id, verdict: 'left', holding: [] } as const
    await expect(room.studio.ask('labels.judge', left)).rejects.toThrow('names a side')
    expect((await nextOf(room)).id).toBe(item.id)
  })

  it('takes an order back', async () => {
    const room = await labelling({ mode: 'ranking', completions: 3 })
    const item = await nextOf(room)
    await room.studio.ask('labels.judge', said(item, { groups: [[1], [0]] }))
    const undone = await room.studio.ask('labels.undo', { queueId: room.queue.id })
    expect(undone).toMatchObject({ comparison: { id: item.id }, progress: { judged: 0, pairs: 0 } })
    expect(await rowsOf(room)).toEqual([])
  })
})

describe('a queue of single completions', () => {
  it('makes rated demonstrations of ratings, with the labels kept', async () => {
    const room = await labelling({ mode: 'rating', labels: 'open-assistant' })
    const item = await nextOf(room)
    expect(candidatesOf(item).length).toBe(1)
    const answer = { rating: 4, labels: { toxicity: 0.25, pii: 1 } }
    await room.studio.ask('labels.judge', { ...said(item, answer), annotator: 'Ada' })
    expect(await rowsOf(room)).toMatchObject([{ prompt: item.prompt, completion: item.left.text, label: 4 }])
    const { text } = await room.studio.ask('labels.export', { queueId: room.queue.id, format: 'jsonl' })
    expect(JSON.parse(text)).toMatchObject({ answer, annotator: 'Ada', prompt: item.prompt })
    const filtered = { search: '', label: 4 }
    const page = { datasetId: room.queue.datasetId, filter: filtered, offset: 0, limit: 5 }
    expect((await room.studio.ask('datasets.page', page)).total).toBe(1)
  })

  it('makes good and bad texts of yes and no, from which KTO may learn', async () => {
    const room = await labelling({ mode: 'yes-no' })
    for (const isGood of [true, false])
      await room.studio.ask('labels.judge', said(await nextOf(room), { isGood }))
    expect((await rowsOf(room)).map(({ label }) => label)).toEqual([1, 0])
  })

  it('makes a demonstration of an edit', async () => {
    const room = await labelling({ mode: 'edit' })
    const item = await nextOf(room)
    await room.studio.ask('labels.judge', said(item, { text: 'better' }))
    expect(await rowsOf(room)).toMatchObject([
      { prompt: item.prompt, completion: 'better', rejected: item.left.text },
    ])
  })

  it('passes over what is skipped', async () => {
    const room = await labelling({ mode: 'rating' })
    const item = await nextOf(room)
    await room.studio.ask('labels.judge', { comparisonId: item.id, verdict: 'skip', holding: [] })
    expect(await rowsOf(room)).toEqual([])
    expect((await nextOf(room)).place).toBe(2)
  })
})

describe('a queue that several people judge', () => {
  it('gives each person each item once, and says how they agree', async () => {
    const room = await labelling({ mode: 'yes-no', people: 2 }, 4)
    const seen: Record<string, string[]> = { Ada: [], Ben: [] }
    for (let i = 0; i < 4; i++)
      for (const annotator of ['Ada', 'Ben']) {
        const item = await nextOf(room, annotator)
        seen[annotator]!.push(item.left.text)
        const isGood = annotator === 'Ada' || i > 0
        await room.studio.ask('labels.judge', { ...said(item, { isGood }), annotator })
      }
    expect(seen['Ben']?.toSorted()).toEqual(seen['Ada']?.toSorted())
    expect(new Set(seen['Ada']).size).toBe(4)
    const agreement = await room.studio.ask('labels.agreement', { queueId: room.queue.id })
    expect(agreement.between).toMatchObject([{ one: 'Ada', other: 'Ben', both: 4, same: { value: 0.75 } }])
    expect(agreement.alpha?.things).toBe(4)
    expect(agreement.people.map(({ judged }) => judged)).toEqual([4, 4])
    for (const annotator of ['Ada', 'Ben']) {
      const asked = { queueId: room.queue.id, count: 4, holding: [], annotator }
      expect(await room.studio.ask('labels.next', asked)).toEqual([])
    }
  })

  it('learns from the side that most named', async () => {
    const room = await labelling({ people: 3 }, 1)
    const verdicts = { Ada: 'left', Ben: 'right', Cyd: 'right' } as const
    for (const [annotator, verdict] of Object.entries(verdicts)) {
      const { id } = await nextOf(room, annotator)
      await room.studio.ask('labels.judge', { comparisonId: id, verdict, holding: [], annotator })
    }
    const rows = await rowsOf(room)
    expect(rows.length).toBe(1)
    const [{ left, right }] = [
      await room.studio.ask('labels.undo', { queueId: room.queue.id, annotator: 'Cyd' }),
    ].map(({ comparison }) => comparison!) as [Comparison]
    expect(rows[0]).toMatchObject({ completion: right.text, rejected: left.text })
    // one against one says nothing
    expect(await rowsOf(room)).toEqual([])
  })
})

describe('a queue that asks again', () => {
  it('has every so many items come again to who judged them, and learns from the first alone', async () => {
    const room = await labelling({ mode: 'yes-no', repeatEvery: 2 }, 4)
    const judged: string[] = []
    for (let i = 0; i < 6; i++) {
      const item = await nextOf(room, 'Ada')
      judged.push(item.left.text)
      await room.studio.ask('labels.judge', { ...said(item, { isGood: i < 4 }), annotator: 'Ada' })
    }
    expect(new Set(judged).size).toBe(4)
    expect((await rowsOf(room)).length).toBe(4)
    const { self } = await room.studio.ask('labels.agreement', { queueId: room.queue.id })
    expect(self).toMatchObject([{ annotator: 'Ada', asked: 2, same: { value: 0 }, last: [false, false] }])
  })
})

describe('a queue beside a reward model', () => {
  it('has it look at what is ahead, and hands out what it is least sure of', async () => {
    const folder = testFolder()
    const { id: checkpointId } = await tinyCheckpoint(folder)
    const reward = await tinyCheckpoint(folder, { kind: 'reward-model' })
    const studio = await testStudio({ folder })
    const prompts = await imported(studio, 'prompts.jsonl')
    const queue = await studio.ask('labels.create', {
      ...{ name: 'Unsure', checkpointId, promptDatasetId: prompts.id, sampling, goal: 8, guidance: '' },
      labelling: { ...plainLabelling, order: 'uncertain', scoredBy: reward.id },
    })
    await studio.follow('labels.watch', { queueId: queue.id }, ({ ahead }) => ahead >= 8)
    const items = await studio.ask('labels.next', { queueId: queue.id, count: 8, holding: [] })
    // a head of zeros and noise: it is sure of nothing, but never equally so
    expect(items.map(({ place }) => place)).not.toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    for (const { id } of items.slice(0, 3))
      await studio.ask('labels.judge', { comparisonId: id, verdict: 'left', holding: [] })
    const read = async (): Promise<number> => {
      const { models } = await studio.ask('labels.agreement', { queueId: queue.id })
      return models[0]?.judged ?? 0
    }
    await expect.poll(read, { timeout: 60_000, interval: 200 }).toBe(3)
  })
})
