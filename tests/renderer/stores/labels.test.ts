// @vitest-environment happy-dom
import { createPinia, setActivePinia } from 'pinia'
import { createApp } from 'vue'
import { beforeEach, describe, expect, it } from 'vitest'
import { apiKey } from '../../../src-renderer/api'
import { asides, scale } from '../../../src-renderer/words/verdict-words'
import { useLabels } from '../../../src-renderer/stores/labels'
import type { Comparison, LabelProgress, LabelQueue } from '../../../src-shared/records/comparison'
import { plainLabelling } from '../../../src-shared/records/labelling'
import { StudioFailure } from '../../../src-shared/result'
import { channel, fakeApi, settled, type FakeApi } from '../../helpers/fake-api'

const queue: LabelQueue = {
  id: 'q',
  datasetId: 'd',
  name: 'Reviews',
  checkpointId: 'c',
  promptDatasetId: 'p',
  goal: 100,
  guidance: '',
  labelling: plainLabelling,
  createdAtMs: 0,
  sampling: { temperature: 1, topK: 0, topP: 1, maxTokens: 8, seed: 1 },
}
const side = (text: string) => ({ text, tokens: text.length, hasEnded: true })
const comparison = (place: number): Comparison => ({
  id: `c${place}`,
  queueId: 'q',
  place,
  prompt: 'Say',
  left: side(`left ${place}`),
  right: side(`right ${place}`),
})
const [leftBetter, , tie] = scale as [(typeof scale)[0], (typeof scale)[0], (typeof scale)[0]]

/** A queue of ten comparisons in memory, judged in order. */
function smallQueue() {
  const verdicts = new Map<string, string>()
  const order: string[] = []
  let isFull = false
  const all = Array.from({ length: 10 }, (_, i) => comparison(i + 1))
  const progress = (): LabelProgress => ({
    judged: verdicts.size,
    goal: 100,
    pairs: verdicts.size,
    ahead: 10 - verdicts.size,
    recent: [],
  })
  const watched = channel<LabelProgress>(progress)
  const api = fakeApi({
    calls: {
      'labels.queues': () => [queue],
      'labels.next': ({ count, holding }) =>
        all.filter(({ id }) => !verdicts.has(id) && !holding.includes(id)).slice(0, count),
      'labels.judge': ({ comparisonId, verdict, margin, holding }) => {
        if (isFull) throw new StudioFailure({ kind: 'storage', problem: 'The disk is full.' })
        verdicts.set(comparisonId, margin ? `${verdict} ${margin}` : verdict)
        order.push(comparisonId)
        const next = all.find(({ id }) => !verdicts.has(id) && !holding.includes(id))
        return { progress: progress(), ...(next && { next }) }
      },
      'labels.undo': () => {
        const last = order.pop()
        if (!last) return { progress: progress() }
        verdicts.delete(last)
        return { comparison: all.find(({ id }) => id === last) as Comparison, progress: progress() }
      },
    },
    streams: { 'labels.watch': watched.items },
  })
  return {
    api,
    verdicts,
    fillDisk: () => {
      isFull = true
    },
  }
}

function storeOn(api: FakeApi) {
  const app = createApp({ render: () => null })
  const pinia = createPinia()
  app.provide(apiKey, api).use(pinia)
  setActivePinia(pinia)
  return app.runWithContext(() => useLabels())
}

describe('the label store', () => {
  let small: ReturnType<typeof smallQueue>
  let labels: ReturnType<typeof storeOn>
  beforeEach(async () => {
    small = smallQueue()
    labels = storeOn(small.api)
    await labels.load()
    labels.open('q')
    await settled()
  })

  it('holds the comparison shown and those ahead of it', () => {
    expect(labels.shown?.place).toBe(1)
    expect(labels.ahead.length).toBe(4)
  })
  it('shows the next comparison before main has answered', () => {
    void labels.judge(leftBetter)
    expect(labels.shown?.place).toBe(2)
  })
  it('sends each verdict once, with its margin, and never shows a judged comparison again', async () => {
    await labels.judge(leftBetter)
    await labels.judge(tie)
    await labels.judge(asides[0]!)
    await settled()
    expect([...small.verdicts]).toEqual([
      ['c1', 'left better'],
      ['c2', 'tie'],
      ['c3', 'both-bad'],
    ])
    expect(labels.ahead.map(({ place }) => place)).toEqual([4, 5, 6, 7])
  })
  it('is told what to hold next with each answer: one question a verdict', async () => {
    const before = small.api.asked.length
    await labels.judge(leftBetter)
    await labels.judge(tie)
    await settled()
    expect(small.api.asked.slice(before).map(({ name }) => name)).toEqual(['labels.judge', 'labels.judge'])
    expect(labels.ahead.map(({ place }) => place)).toEqual([3, 4, 5, 6])
  })
  it('keeps up with fast fingers', async () => {
    await Promise.all([labels.judge(leftBetter), labels.judge(leftBetter), labels.judge(leftBetter)])
    await settled()
    expect([...small.verdicts.keys()]).toEqual(['c1', 'c2', 'c3'])
    expect(new Set(labels.ahead.map(({ id }) => id)).size).toBe(labels.ahead.length)
  })
  it('brings a comparison back with the reason when its verdict is refused', async () => {
    small.fillDisk()
    await labels.judge(leftBetter)
    expect(labels.shown?.place).toBe(1)
    expect(labels.problem).toBe('The disk is full.')
    expect(small.verdicts.size).toBe(0)
  })
  it('takes the newest verdict back and shows its comparison again', async () => {
    await labels.judge(leftBetter)
    await labels.undo()
    expect(labels.shown?.place).toBe(1)
    expect(small.verdicts.size).toBe(0)
  })
})
