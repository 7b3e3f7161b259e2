// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { nextTick } from 'vue'
import DatasetsView from '../../../src-renderer/views/DatasetsView.vue'
import type { Dataset } from '../../../src-shared/records/dataset'
import type { Example } from '../../../src-shared/records/example'
import type { ExampleMark } from '../../../src-shared/records/example-marks'
import { StudioFailure } from '../../../src-shared/result'
import { useToasts } from '../../../src-renderer/stores/toasts'
import { aRoom, type Room } from '../../helpers/a-room'
import { channel, fakeApi, settled } from '../../helpers/fake-api'
import { aCheckpoint, aDataset } from '../../../src-renderer/dev/records'

const pairs = aDataset({ id: 'pairs', name: 'Review pairs', kind: 'preferences', rows: 5000 })
const novel = aDataset({ id: 'novel', name: 'A novel', kind: 'text', rows: 12 })
const judged = aDataset({
  id: 'judged',
  name: 'Your judgments',
  kind: 'preferences',
  origin: 'judgments',
  rows: 3,
})

const things = ['film', 'restaurant', 'phone'] as const
const example = (row: number): Example => ({
  id: row,
  datasetId: 'pairs',
  row,
  prompt: `Write one sentence about a ${things[row % 3]}:`,
  completion: `good ${row}`,
  rejected: `poor quality ${row}`,
  source: 'yelp',
  isFlagged: false,
})

/** A main with three datasets; the words “quality 7” are in one row. */
function main() {
  const datasets = channel<readonly Dataset[]>(() => [judged, pairs, novel])
  const state = {
    canRemove: true,
    names: [] as string[],
    removed: [] as string[],
    flags: [] as boolean[],
    marks: [] as ExampleMark[],
  }
  const api = fakeApi({
    calls: {
      'app.info': () => ({
        version: '0.1.0',
        host: 'headless',
        registryPath: '/r.sqlite',
        registryBytes: 1,
        devices: [],
      }),
      'datasets.page': ({ datasetId, filter, offset, limit }) => {
        const all = datasetId === 'pairs' ? 5000 : 12
        if (filter.search === 'nothing') return { total: 0, rows: [] }
        if (filter.search !== '') return { total: 1, rows: [example(7)] }
        return {
          total: all,
          rows: Array.from({ length: Math.min(limit, all - offset) }, (_, i) => example(offset + i + 1)),
        }
      },
      'datasets.summary': () => ({
        histograms: (['completion', 'rejected'] as const).map((part) => ({
          part,
          binWidth: 8,
          all: [1, 3, 2],
          matching: [0, 1, 0],
          median: 12,
          percentile95: 20,
        })),
        sources: [
          { source: 'yelp', rows: 4000 },
          { source: 'imdb', rows: 1000 },
        ],
        labels: [],
        usedBy: ['rm-02'],
      }),
      'datasets.tokens': ({ text, checkpointId }) => ({
        tokenizer: '89 characters',
        vocabulary: 90,
        tokens: [...text].map((character, id) => ({ id, text: character })),
        unknown: checkpointId ? ['7'] : [],
      }),
      'datasets.flag': ({ isFlagged }) => void state.flags.push(isFlagged),
      'datasets.mark': ({ marks }) => void state.marks.push(...marks),
      'datasets.rendered': ({ part, checkpointId }) => ({
        ...{
          tokenizer: checkpointId,
          hasTemplate: true,
          contextTokens: 3,
          promptTokens: 2,
          learnedTokens: 2,
        },
        count: 4,
        tokens: ['<u>', 'say', part, ''].map((text, place) => ({
          id: 90 + place,
          text,
          isLearned: place > 1,
        })),
      }),
      'datasets.rename': ({ name }) => {
        state.names.push(name)
        return { ...pairs, name }
      },
      'datasets.remove': ({ datasetId }) => {
        if (!state.canRemove) throw new StudioFailure({ kind: 'in-use', what: 'dataset', by: 'rm-02' })
        state.removed.push(datasetId)
      },
    },
    streams: {
      'datasets.watch': datasets.items,
      'checkpoints.watch': channel(() => [aCheckpoint({ id: 'c', name: 'sft-01, update 60' })]).items,
    },
  })
  return { api, state, datasets }
}

describe('the Datasets room', () => {
  let studio: ReturnType<typeof main>
  let room: Room
  beforeEach(async () => {
    studio = main()
    room = await aRoom(DatasetsView, studio.api, '/datasets')
  })
  afterEach(() => room.leave())

  const rows = () => room.view.findAll('.examples-body .examples-row')
  const selectedRow = () => room.view.get('.examples-body [aria-selected=true] [role=gridcell]').text()
  const search = async (words: string) => {
    await room.view.get('input[type=search]').setValue(words)
    await settled(160)
  }

  it('lists datasets by kind, with their rows, what was judged last in its kind', () => {
    expect(room.view.findAll('.list-group h2').map((head) => head.text())).toEqual([
      'Preference pairs',
      'Text',
    ])
    expect(room.view.findAll('.item').map((item) => item.text())).toEqual([
      'Review pairs5,000some.txt',
      'Your judgments3from your judgments',
      'A novel12some.txt',
    ])
  })
  it('opens the first one, or the one in the address', async () => {
    expect(room.view.get('.work h1').text()).toBe('Review pairs')
    await room.router.push('/datasets?dataset=novel')
    await settled(20)
    expect(room.view.get('.work h1').text()).toBe('A novel')
  })
  it('holds only the rows that are on screen', () => {
    expect(rows().length).toBeGreaterThan(10)
    expect(rows().length).toBeLessThan(60)
    expect(room.view.get('[role=grid]').attributes('aria-rowcount')).toBe('5001')
  })
  it('leaves out of the column what all prompts begin with', () => {
    expect(rows()[0]?.findAll('[role=gridcell]')[1]?.text()).toBe('… restaurant:')
  })
  it('goes from row to row by key, and to the last one', async () => {
    await room.press('ArrowDown')
    await room.press('ArrowDown')
    await room.press('ArrowUp')
    expect(selectedRow()).toBe('2')
    await room.press('End')
    expect(room.view.get('[role=grid]').attributes('aria-activedescendant')).toBe('example-4999')
  })
  it('finds words, counts what matches and marks the hits, also in the tokens', async () => {
    await search('quality 7')
    expect(room.view.get('.count').text()).toBe('1 of 5,000')
    expect(
      rows()[0]
        ?.findAll('mark')
        .map((mark) => mark.text()),
    ).toEqual(['7', 'quality', '7'])
    expect(
      room.view
        .findAll('.tokens .hit')
        .map((token) => token.text())
        .join(''),
    ).toBe('7quality7')
  })
  it('shows all again with Escape, and says when nothing matches', async () => {
    await search('nothing')
    expect(room.view.get('.empty').text()).toContain('No example matches')
    room.view.get<HTMLInputElement>('input[type=search]').element.blur()
    await room.press('Escape')
    expect(room.view.get('.count').text()).toBe('5,000')
  })
  it('leaves the row it stands on out of training, shows it at once, and undo takes it in again', async () => {
    await room.press('x')
    expect(studio.state.marks).toEqual([{ exampleId: 1, isExcluded: true }])
    expect(selectedRow()).toContain('left out')
    expect(room.view.get('.example-inspector').text()).toContain('nothing is trained on it')
    const toasts = useToasts()
    expect(toasts.undoable?.text).toBe('Row 1 is left out of training.')
    toasts.undo(toasts.undoable)
    await settled()
    expect(studio.state.marks.at(-1)).toEqual({ exampleId: 1, isExcluded: false })
    expect(selectedRow()).not.toContain('left out')
  })

  it('tags it by a word that is typed, and takes the tag away', async () => {
    await room.press('g')
    const typed = document.querySelector<HTMLInputElement>('[role=dialog] input[aria-label=Tag]')!
    typed.value = ' odd '
    typed.dispatchEvent(new Event('input'))
    typed.form!.dispatchEvent(new Event('submit', { cancelable: true }))
    await settled()
    expect(studio.state.marks).toEqual([{ exampleId: 1, tags: ['odd'] }])
    expect(room.view.get('.example-inspector [aria-label=Tags]').text()).toBe('odd')
    useToasts().undo(useToasts().undoable)
    await settled()
    expect(studio.state.marks.at(-1)).toEqual({ exampleId: 1, tags: [] })
  })

  it('shows the pair as a model reads it: ids, what is learned, and how much is over its context', async () => {
    await room.view.findAll('.example-inspector .segmented button')[3]!.trigger('click')
    await settled()
    const sections = room.view.findAll('.example-inspector .section').map((section) => section.text())
    expect(sections.join(' ')).toContain('Chosen, as read')
    expect(sections.join(' ')).toContain('4 tokens, 2 of them learned. 1 more than the 3 it reads.')
    const tokens = room.view.findAll('.rendered li')
    expect(tokens).toHaveLength(8)
    expect(tokens[2]?.text()).toBe('completion92learned')
    expect(tokens[6]?.text()).toBe('rejected92learned')
  })

  it('flags the row it stands on, and shows the flag at once', async () => {
    await room.press('f')
    expect(studio.state.flags).toEqual([true])
    expect(selectedRow()).toContain('flagged')
  })
  it('marks what another tokenizer does not know', async () => {
    await search('quality 7')
    await room.view.get('#tokenizer').setValue('c')
    await settled(20)
    expect(room.view.findAll('.tokens .unknown').map((token) => token.text())).toEqual(['7', '7'])
    expect(room.view.get('.unknown-note').text()).toBe('Not in this tokenizer: “7”')
  })
  it('takes the dataset to Launch', async () => {
    await room.press('t')
    expect(room.router.currentRoute.value.fullPath).toBe('/launch?dataset=pairs')
  })
  it('leaves Enter to a button that has the focus, and opens the inspector with it elsewhere', async () => {
    await room.press('i')
    expect(room.view.find('.example-inspector').exists()).toBe(false)
    room.view.get<HTMLButtonElement>('.header .button').element.focus()
    expect((await room.press('Enter')).defaultPrevented).toBe(false)
    ;(document.activeElement as HTMLElement).blur()
    await room.press('Enter')
    expect(room.view.find('.example-inspector').exists()).toBe(true)
  })
  it('renames in place', async () => {
    await room.view.get('.work h1').trigger('dblclick')
    await nextTick()
    const field = room.view.get('input[aria-label="Name of the dataset"]')
    await field.setValue('Pairs of reviews')
    await field.trigger('keydown', { key: 'Enter' })
    await settled(20)
    expect(studio.state.names).toEqual(['Pairs of reviews'])
  })
  it('asks the newest list when datasets come and go', async () => {
    studio.datasets.push([novel])
    await settled(20)
    expect(room.view.findAll('.item').length).toBe(1)
    expect(room.view.get('.work h1').text()).toBe('A novel')
  })
  it('says what belongs here when there is nothing', async () => {
    studio.datasets.push([])
    await settled(20)
    expect(room.view.get('.welcome h1').text()).toBe('Begin with text')
  })
})
