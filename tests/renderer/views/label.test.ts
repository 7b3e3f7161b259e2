// @vitest-environment happy-dom
import { afterEach, describe, expect, it } from 'vitest'
import LabelView from '../../../src-renderer/views/LabelView.vue'
import { textOf } from '../../../src-shared/turn-texts'
import type { Comparison, LabelProgress, LabelQueue } from '../../../src-shared/records/comparison'
import { plainLabelling } from '../../../src-shared/records/labelling'
import type { Judgment } from '../../../src-shared/records/judgment'
import { StudioFailure } from '../../../src-shared/result'
import { aRoom, type Room } from '../../helpers/a-room'
import { channel, fakeApi, settled } from '../../helpers/fake-api'
import { aCheckpoint, aDataset } from '../../../src-renderer/dev/records'

const sampling = { temperature: 1, topK: 0, topP: 1, maxTokens: 64, seed: 7 }
const queue: LabelQueue = {
  id: 'q',
  datasetId: 'd',
  name: 'Happy reviews',
  checkpointId: 'c',
  promptDatasetId: 'p',
  sampling,
  goal: 12,
  guidance: 'The happier one.',
  labelling: plainLabelling,
  createdAtMs: 0,
}
const side = (text: string) => ({ text, tokens: text.length, hasEnded: text.length < 8 })
const comparison = (place: number): Comparison => ({
  id: `c${place}`,
  queueId: 'q',
  place,
  prompt: `Write one sentence about thing ${place}:`,
  left: side(`L ${place}`),
  right: side(`right ${place}`),
})

interface Given {
  readonly queues?: readonly LabelQueue[]
  readonly made?: number
  readonly problem?: string
  readonly hasWriter?: boolean
  readonly refuse?: StudioFailure
}

/** A main with one queue of `made` comparisons. */
function main({ queues = [queue], made = 12, problem, hasWriter = true, refuse }: Given = {}) {
  const judgments: Judgment[] = []
  const asked: unknown[] = []
  const raised: number[] = []
  const all = Array.from({ length: made }, (_, i) => comparison(i + 1))
  const isJudged = (id: string) => judgments.some(({ comparisonId }) => comparisonId === id)
  const progress = (): LabelProgress => ({
    judged: judgments.length,
    goal: queue.goal + raised.reduce((sum, each) => sum + each, 0),
    pairs: judgments.filter(({ verdict }) => verdict === 'left' || verdict === 'right').length,
    ahead: made - judgments.length,
    judgmentsAMinute: 6,
    recent: judgments.toReversed(),
    ...(problem !== undefined && { problem }),
  })
  const api = fakeApi({
    calls: {
      'app.info': () => ({
        version: '0.1.0',
        host: 'headless',
        registryPath: '/r.sqlite',
        registryBytes: 1,
        devices: [],
      }),
      'labels.queues': () => queues,
      'labels.next': ({ count, holding }) =>
        all.filter(({ id }) => !isJudged(id) && !holding.includes(id)).slice(0, count),
      'labels.judge': ({ comparisonId, verdict, margin, holding }) => {
        const { place, prompt } = all.find(({ id }) => id === comparisonId)!
        judgments.push({
          id: judgments.length + 1,
          comparisonId,
          place,
          prompt: textOf(prompt),
          verdict,
          window: 'one',
          judgedAtMs: 0,
          ...(margin && { margin }),
        })
        const next = all.find(({ id }) => !isJudged(id) && !holding.includes(id))
        return { progress: progress(), ...(next && { next }) }
      },
      'labels.undo': () => {
        const last = judgments.pop()
        return {
          progress: progress(),
          ...(last && { comparison: all.find(({ id }) => id === last.comparisonId)! }),
        }
      },
      'labels.agreement': () => ({ people: [], between: [], self: [], models: [] }),
      'labels.guide': ({ guidance }) => ({ ...queue, guidance }),
      'labels.more': ({ count }) => {
        raised.push(count)
        return progress()
      },
      'labels.create': (input) => {
        if (refuse) throw refuse
        asked.push(input)
        const { labelling = plainLabelling } = input
        return { ...queue, ...input, labelling, id: 'new', datasetId: 'd2', createdAtMs: 1 }
      },
    },
    streams: {
      'labels.watch': channel<LabelProgress>(progress).items,
      'datasets.watch': channel(() => [
        aDataset({ id: 'p', name: 'Review prompts', kind: 'prompts', rows: 3 }),
      ]).items,
      'checkpoints.watch': channel(() =>
        hasWriter ? [aCheckpoint({ id: 'c', name: 'sft-01, update 60' })] : [],
      ).items,
    },
  })
  return { api, judgments, asked, raised }
}

let room: Room
afterEach(() => room.leave())
async function enter(given?: Given) {
  const studio = main(given)
  room = await aRoom(LabelView, studio.api, '/label')
  return studio
}
const text = (selector: string) => room.view.get(selector).text().replace(/\s+/g, ' ')

describe('the Label room', () => {
  it('shows the prompt and both completions, with their lengths', async () => {
    await enter()
    expect(text('.ask')).toBe('Comparison 1Write one sentence about thing 1:')
    expect(room.view.findAll('article').map((card) => card.text())).toEqual([
      'Left1L 13 tokensended by itself',
      'Right2right 17 tokensended by itself',
    ])
    expect(text('.guidelines p')).toBe('The happier one.')
  })
  it('never shows which checkpoint wrote which side', async () => {
    await enter()
    expect(room.view.findAll('article').some((card) => card.text().includes('sft-01'))).toBe(false)
  })
  it('takes a verdict by each of its keys', async () => {
    const { judgments } = await enter()
    for (const key of ['1', 't', '2', 'b', 's']) await room.press(key)
    await room.press('!', { code: 'Digit1', shiftKey: true })
    await room.press('"', { code: 'Digit2', shiftKey: true })
    expect(judgments.map(({ verdict, margin }) => `${verdict} ${margin ?? ''}`.trim())).toEqual([
      'left better',
      'tie',
      'right better',
      'both-bad',
      'skip',
      'left slightly',
      'right slightly',
    ])
    expect(text('.ask .caption')).toBe('Comparison 8')
  })
  it('takes a key that is held down for one verdict', async () => {
    const { judgments } = await enter()
    await room.press('1')
    for (let i = 0; i < 5; i++) await room.press('1', { repeat: true })
    expect(judgments.length).toBe(1)
  })
  it('lights the verdict for a moment', async () => {
    await enter()
    await room.view.findAll('.verdicts button')[4]?.trigger('click')
    expect(text('.verdicts [aria-pressed=true]')).toBe('2Right better')
    await settled(200)
    expect(room.view.find('.verdicts [aria-pressed=true]').exists()).toBe(false)
  })
  it('takes the last verdict back by key', async () => {
    const { judgments } = await enter()
    await room.press('2')
    await room.press('z')
    expect(judgments).toEqual([])
    expect(text('.ask .caption')).toBe('Comparison 1')
  })
  it('says how far it is and how long it takes', async () => {
    await enter()
    await room.press('1')
    await room.press('2')
    // 12 − 2 = 10 left at 6 a minute: 1 min 40 s, as a forecast 2 min
    expect(text('.label-progress .section')).toMatch(
      /Progress 2 of 12.*Preference pairs2Pace6\.0 a minuteLeft at this pace2 min/,
    )
    expect(room.view.findAll('.recent li').map((line) => line.text())).toEqual([
      '2right… 2: Undo',
      '1left… 1:',
    ])
  })
  it('offers training once there are pairs enough', async () => {
    await enter()
    for (let i = 0; i < 9; i++) await room.press('1')
    expect(room.view.find('.label-progress .button').exists()).toBe(false)
    await room.press('1')
    await room.view.get('.label-progress .button').trigger('click')
    await settled(20)
    expect(room.router.currentRoute.value.fullPath).toBe('/launch?recipe=reward&pairs=d&base=c')
  })
  it('says when all is judged, and what came of it', async () => {
    await enter()
    for (let i = 0; i < 12; i++) await room.press(i < 11 ? '1' : 't')
    expect(text('.queue-done')).toContain('All 12 comparisons judged')
    expect(text('.queue-done')).toContain('11 preference pairs')
  })
  it('goes on when more are asked for at its end', async () => {
    const { raised } = await enter()
    for (let i = 0; i < 12; i++) await room.press('1')
    const more = room.view.findAll('.queue-done button').find((one) => one.text() === '50 more')
    await more?.trigger('click')
    await settled(20)
    expect(raised).toEqual([50])
    expect(text('.label-progress .section')).toContain('12 of 62')
  })
  it('says that comparisons are being sampled, and judges nothing meanwhile', async () => {
    const { judgments } = await enter({ made: 0 })
    expect(text('.next-pair')).toBe('Sampling the next comparisons')
    await room.press('1')
    expect(judgments).toEqual([])
  })
  it('says why no more are coming', async () => {
    await enter({ made: 0, problem: 'The checkpoint’s file is gone.' })
    expect(text('.note.alarm')).toBe('No more comparisons are coming. The checkpoint’s file is gone.')
  })
  it('says when main does not answer, and keeps the pair on screen', async () => {
    const { api } = await enter()
    api.disconnect()
    await settled(20)
    expect(text('.note.offline')).toContain('does not answer')
    expect(room.view.findAll('article').length).toBe(2)
  })
})

describe('a first label queue', () => {
  it('is made from a checkpoint and a prompt list, and opened', async () => {
    const { asked } = await enter({ queues: [] })
    await room.view.get('#sampling-goal').setValue('40')
    await room.view.get('form').trigger('submit')
    await settled(30)
    expect(asked).toEqual([
      expect.objectContaining({
        name: 'Review prompts, sft-01, update 60',
        checkpointId: 'c',
        promptDatasetId: 'p',
        goal: 40,
        sampling,
      }),
    ])
    expect(room.router.currentRoute.value.query['queue']).toBe('new')
  })
  it('is not asked for while a field is wrong', async () => {
    const { asked } = await enter({ queues: [] })
    await room.view.get('#sampling-topP').setValue('0')
    await room.view.get('form').trigger('submit')
    await settled(20)
    expect(asked).toEqual([])
    expect(text('[role=alert]')).toContain('must be above 0')
  })
  it('shows at its field what main refuses', async () => {
    await enter({
      queues: [],
      refuse: new StudioFailure({
        kind: 'invalid-input',
        field: 'promptDatasetId',
        problem: '“Review prompts”, row 2: “é” is not a character of the model',
      }),
    })
    await room.view.get('form').trigger('submit')
    await settled(20)
    expect(text('[role=alert]')).toContain('“é” is not a character')
  })
  it('begins with the writer and the prompts that another room names', async () => {
    const studio = main()
    room = await aRoom(LabelView, studio.api, '/label?writer=c&prompts=p')
    await settled(20)
    expect(text('h1')).toBe('New label queue')
    expect(room.router.currentRoute.value.query).toEqual({})
    await room.view.get('form').trigger('submit')
    await settled(20)
    expect(studio.asked).toEqual([expect.objectContaining({ checkpointId: 'c', promptDatasetId: 'p' })])
  })
  it('needs a model first, and says where one comes from', async () => {
    await enter({ queues: [], hasWriter: false })
    expect(text('.welcome')).toContain('It needs a language model that writes.')
    expect(room.view.get('.welcome a').attributes('href')).toBe('/launch?recipe=pretrain')
  })
})
