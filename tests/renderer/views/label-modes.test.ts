// @vitest-environment happy-dom
import { afterEach, describe, expect, it } from 'vitest'
import LabelView from '../../../src-renderer/views/LabelView.vue'
import type { Comparison, LabelProgress, LabelQueue } from '../../../src-shared/records/comparison'
import { plainLabelling, type Labelling } from '../../../src-shared/records/labelling'
import { aCheckpoint, aDataset } from '../../../src-renderer/dev/records'
import { aRoom, type Room } from '../../helpers/a-room'
import { channel, fakeApi, settled } from '../../helpers/fake-api'

const side = (text: string) => ({ text, tokens: text.length, hasEnded: true })
const itemOf = (place: number, candidates: readonly string[]): Comparison => ({
  ...{ id: `c${place}`, queueId: 'q', place, prompt: `Thing ${place}:` },
  left: side(candidates[0] ?? ''),
  right: side(candidates[1] ?? ''),
  candidates: candidates.map(side),
})

/** A room over items in memory; @returns what main was told. */
async function enter(way: Partial<Labelling>, candidates: readonly string[]) {
  const queue: LabelQueue = {
    ...{ id: 'q', datasetId: 'd', name: 'Reviews', checkpointId: 'c', promptDatasetId: 'p' },
    sampling: { temperature: 1, topK: 0, topP: 1, maxTokens: 64, seed: 7 },
    ...{ goal: 9, guidance: 'The happier one.', createdAtMs: 0 },
    labelling: { ...plainLabelling, ...way },
  }
  const judged: unknown[] = []
  const items = Array.from({ length: 9 }, (_, index) => itemOf(index + 1, candidates))
  const progress = (): LabelProgress => ({
    ...{ judged: judged.length, goal: 9, pairs: judged.length, ahead: 9 - judged.length, recent: [] },
  })
  const api = fakeApi({
    calls: {
      'labels.queues': () => [queue],
      'labels.agreement': () => ({ people: [], between: [], self: [], models: [] }),
      'labels.guide': ({ guidance }) => ({ ...queue, guidance }),
      'labels.next': ({ count, holding }) =>
        items.filter(({ id }, index) => index >= judged.length && !holding.includes(id)).slice(0, count),
      'labels.judge': ({ verdict, answer, holding }) => {
        judged.push(answer ?? verdict)
        const next = items.find(({ id }, index) => index >= judged.length && !holding.includes(id))
        return { progress: progress(), ...(next && { next }) }
      },
    },
    streams: {
      'labels.watch': channel<LabelProgress>(progress).items,
      'datasets.watch': channel(() => [aDataset({ id: 'p', kind: 'prompts' })]).items,
      'checkpoints.watch': channel(() => [aCheckpoint({ id: 'c', name: 'sft-01' })]).items,
    },
  })
  room = await aRoom(LabelView, api, '/label')
  return judged
}
let room: Room
afterEach(() => room.leave())
const text = (selector: string) => room.view.get(selector).text().replace(/\s+/g, ' ')

describe('a ranking', () => {
  const letters = () => room.view.findAll('.rankcard').map((card) => card.attributes('aria-label'))

  it('is made by digits, one after the other, and kept with Enter', async () => {
    const judged = await enter({ mode: 'ranking', completions: 3 }, ['one', 'two', 'three'])
    expect(letters()).toEqual(['A, not ranked', 'B, not ranked', 'C, not ranked'])
    await room.press('Enter')
    expect(judged).toEqual([])
    await room.press('2')
    await room.press('1')
    await room.press('3')
    expect(letters()).toEqual(['B, rank 1', 'A, rank 2', 'C, rank 3'])
    expect(text('.gives')).toBe('This order gives 3 preference pairs')
    await room.press('Enter')
    expect(judged).toEqual([{ groups: [[1], [0], [2]] }])
    expect(letters()).toEqual(['A, not ranked', 'B, not ranked', 'C, not ranked'])
  })

  it('has ties, and leaves out what one cannot place', async () => {
    const judged = await enter({ mode: 'ranking', completions: 3 }, ['one', 'two', 'three'])
    await room.press('1')
    await room.press('2')
    await room.press('3')
    await room.press('ArrowUp')
    await room.press('=')
    expect(letters()).toEqual(['A, rank 1, tied', 'B, rank 1, tied', 'C, rank 2'])
    await room.press('x')
    expect(letters()).toEqual(['A, rank 1', 'C, rank 2', 'B, not ranked'])
    await room.press('Enter')
    expect(judged).toEqual([{ groups: [[0], [2]] }])
  })

  it('is made by dragging', async () => {
    const judged = await enter({ mode: 'ranking', completions: 3 }, ['one', 'two', 'three'])
    await room.press('1')
    const cards = room.view.findAll('.rankcard')
    await cards[2]?.trigger('dragstart')
    await cards[0]?.trigger('drop')
    expect(letters().slice(0, 2)).toEqual(['C, rank 1', 'A, rank 2'])
    await room.view.get('.primary').trigger('click')
    await settled(20)
    expect(judged).toEqual([{ groups: [[2], [0]] }])
  })

  it('may be all bad, or skipped', async () => {
    const judged = await enter({ mode: 'ranking', completions: 3 }, ['one', 'two', 'three'])
    await room.press('b')
    await room.press('s')
    expect(judged).toEqual(['both-bad', 'skip'])
  })
})

describe('a rating', () => {
  it('is one key, and the next one follows', async () => {
    const judged = await enter({ mode: 'rating' }, ['only one'])
    await room.press('4')
    await room.press('1')
    expect(judged).toEqual([{ rating: 4 }, { rating: 1 }])
    expect(text('.ask .caption')).toBe('Rating 3')
  })

  it('with labels is kept with Enter, and labels are optional', async () => {
    const judged = await enter({ mode: 'rating', labels: 'open-assistant' }, ['only one'])
    expect(room.view.findAll('.lab').length).toBe(13)
    await room.press('3')
    await room.press('ArrowRight')
    await room.press('ArrowRight')
    await room.press('ArrowDown')
    await room.press(' ')
    expect(judged).toEqual([])
    expect(text('.gives')).toBe('2 of 13 labels given')
    await room.press('Enter')
    expect(judged).toEqual([{ rating: 3, labels: { quality: 0.25, helpfulness: 1 } }])
    await room.press('5')
    await room.press('Enter')
    expect(judged[1]).toEqual({ rating: 5 })
  })
})

describe('other ways', () => {
  it('yes and no are two keys', async () => {
    const judged = await enter({ mode: 'yes-no' }, ['only one'])
    await room.press('y')
    await room.press('n')
    await room.press('3')
    expect(judged).toEqual([{ isGood: true }, { isGood: false }])
  })

  it('an edit shows what differs, is put back, and is kept', async () => {
    const judged = await enter({ mode: 'edit' }, ['The bettery lasts'])
    const field = room.view.get('textarea.text')
    await field.setValue('The battery lasts')
    expect(text('[aria-label^=Difference]')).toContain('1 words out, 1 in')
    await room.press('Backspace', { altKey: true })
    expect((field.element as HTMLTextAreaElement).value).toBe('The bettery lasts')
    await field.setValue('The battery lasts')
    await room.press('Enter', { ctrlKey: true })
    expect(judged).toEqual([{ text: 'The battery lasts' }])
  })

  it('turns are judged one after the other', async () => {
    const judged = await enter({ mode: 'turns' }, ['An answer'])
    await room.press('y')
    await room.press('Enter')
    expect(judged).toEqual([{ good: { 0: true } }])
  })

  it('an empty completion says so', async () => {
    await enter({ mode: 'rating' }, [''])
    expect(text('article .text')).toBe('It ended at once and wrote nothing.')
  })

  it('what counts here is read and said anew beside it', async () => {
    await enter({ mode: 'rating' }, ['only one'])
    await room.view.get('.guidelines .link').trigger('click')
    await room.view.get('.guidelines textarea').setValue('The shorter one.')
    await room.view.get('.guidelines .button').trigger('click')
    await settled(20)
    expect(text('.guidelines p')).toBe('The shorter one.')
    expect(room.view.find('.guide').exists()).toBe(false) // it stands there already
  })

  it('Markdown is shown on demand, and acts on nothing', async () => {
    await enter({ mode: 'rating' }, ['Some **bold** <b>html</b>'])
    await room.press('m')
    expect(room.view.get('.markdown strong').text()).toBe('bold')
    expect(room.view.find('.markdown b').exists()).toBe(false)
    await room.press('m')
    expect(text('article .text')).toBe('Some **bold** <b>html</b>')
  })
})
