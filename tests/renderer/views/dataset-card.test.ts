// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { TokenLengthsProgress } from '../../../src-shared/records/token-lengths'
import { aCheckpoint, aDataset } from '../../../src-renderer/dev/records'
import { useToasts } from '../../../src-renderer/stores/toasts'
import DatasetsView from '../../../src-renderer/views/DatasetsView.vue'
import type { Example } from '../../../src-shared/records/example'
import { StudioFailure } from '../../../src-shared/result'
import { aRoom, type Room } from '../../helpers/a-room'
import { channel, fakeApi, settled } from '../../helpers/fake-api'

const dataset = aDataset({ id: 'd', name: 'Answers', kind: 'demonstrations', rows: 2, terms: 'MIT' })
const bins = { binWidth: 1, all: [1, 1], matching: [1, 1], median: 1, percentile95: 1 }
const first: Example = {
  ...{ id: 1, datasetId: 'd', row: 1, isFlagged: false },
  ...{ prompt: 'Why?', completion: 'It is **so**.\n\n- one\n- <img src=x onerror=alert(1)>' },
}

/** A main with one dataset, whose rows it keeps as they are edited. */
function main() {
  const rows: Example[] = [first, { ...first, id: 2, row: 2 }]
  const state = { refuses: false, counts: 0 }
  const api = fakeApi({
    calls: {
      'datasets.page': () => ({ total: 2, rows }),
      'datasets.summary': () => ({
        ...{ histograms: [{ part: 'completion', ...bins }], sources: [], labels: [], usedBy: ['sft-01'] },
        reading: { columns: { read: [], unread: ['year'] }, notes: [] },
      }),
      'datasets.tokens': () => ({ tokenizer: 't', vocabulary: 1, tokens: [], unknown: [] }),
      'datasets.edit': ({ exampleId, ...texts }) => {
        if (state.refuses)
          throw new StudioFailure({
            kind: 'invalid-input',
            field: 'completion',
            problem: 'must not be empty',
          })
        const place = rows.findIndex(({ id }) => id === exampleId)
        return (rows[place] = { ...rows[place], ...texts } as Example)
      },
    },
    streams: {
      'datasets.watch': channel(() => [dataset]).items,
      'checkpoints.watch': channel(() => [aCheckpoint({ id: 'c', name: 'sft-01, update 60' })]).items,
      async *'datasets.tokenLengths'(): AsyncIterable<TokenLengthsProgress> {
        state.counts++
        yield { read: 1, total: 2 }
        const histograms = (['prompt', 'completion'] as const).map((part) => ({ part, ...bins }))
        const unread = { rows: 1, first: 2, problem: 'it has “é”.' }
        yield {
          ...{ read: 2, total: 2 },
          done: { tokenizer: 't', contextTokens: 8, rows: 1, histograms, longer: 1, unread },
        }
      },
    },
  })
  return { api, state, rows }
}

describe('a dataset looked at closely', () => {
  let studio: ReturnType<typeof main>
  let room: Room
  beforeEach(async () => {
    studio = main()
    room = await aRoom(DatasetsView, studio.api, '/datasets')
  })
  afterEach(() => {
    room.leave()
    vi.restoreAllMocks()
  })
  const dialog = (): HTMLElement => document.querySelector<HTMLElement>('[role=dialog]')!
  const selectedRow = () => room.view.get('.examples-body [aria-selected=true]').text()
  const titles = () => room.view.findAll('.lengths figcaption b').map((each) => each.text())
  const type = async (words: string): Promise<void> => {
    const field = [...dialog().querySelectorAll('textarea')].at(-1)!
    field.value = words
    field.dispatchEvent(new Event('input'))
    await settled()
    dialog()
      .querySelector('form')!
      .dispatchEvent(new Event('submit', { cancelable: true }))
    await settled(20)
  }

  it('is measured in a model’s tokens once one is chosen: too long, unread, prompts, too', async () => {
    expect(titles()).toEqual(['Completion'])
    await room.view.get('.lengths-unit select').setValue('c')
    await settled(20)
    expect(studio.api.asked.at(-1)).toMatchObject({ input: { datasetId: 'd', checkpointId: 'c' } })
    expect(titles()).toEqual(['Prompt', 'Completion'])
    const said = room.view.get('.lengths-unit').text()
    expect(said).toContain('1 of 1 row (100 %) is longer than the 8 tokens that it reads.')
    expect(said).toContain('1 row cannot be read by it, the first is row 2: it has “é”.')
    expect(room.view.get('.lengths').attributes('aria-label')).toContain('tokens')
    await room.view.get('.lengths-unit select').setValue('')
    await settled(20)
    expect(titles()).toEqual(['Completion'])
    expect(studio.state.counts).toBe(1)
  })

  it('has a card that is read, copied and saved', async () => {
    const copied: string[] = []
    vi.stubGlobal('navigator', {
      ...{ platform: '', clipboard: { writeText: async (text: string) => void copied.push(text) } },
    })
    await room.press('c')
    expect(dialog().textContent).toContain('Column year was not read')
    expect(dialog().textContent).toContain('Terms: MIT')
    ;[...dialog().querySelectorAll('button')].find((each) => each.textContent?.includes('Copy'))!.click()
    await settled(20)
    vi.unstubAllGlobals()
    expect(copied).toHaveLength(1)
    expect(copied[0]).toMatch(/^# Answers\n/)
    expect(useToasts().toasts.at(-1)?.text).toBe('The card is on the clipboard.')
  })

  it('has rows that are written anew with W, shown at once, and undo writes them back', async () => {
    await room.press('w')
    expect(dialog().textContent).toContain('Edit row 1')
    expect(dialog().querySelectorAll('textarea')).toHaveLength(2)
    expect(dialog().querySelector<HTMLButtonElement>('[type=submit]')!.disabled).toBe(true)
    await type('It was not.')
    expect(studio.rows[0]).toMatchObject({ prompt: 'Why?', completion: 'It was not.' })
    expect(selectedRow()).toContain('It was not.')
    expect(dialog()).toBeNull()
    const toasts = useToasts()
    expect(toasts.undoable?.text).toBe('Row 1 was edited.')
    toasts.undo(toasts.undoable)
    await settled(20)
    expect(studio.rows[0]?.completion).toBe(first.completion)
  })

  it('says why an edit was refused beside what was typed, and shows the row as it is', async () => {
    studio.state.refuses = true
    await room.press('w')
    await type('')
    expect(dialog().querySelector('[role=alert]')?.textContent).toContain('must not be empty')
    expect(dialog().querySelectorAll('textarea')[1]!.value).toBe('')
    expect(studio.rows[0]?.completion).toBe(first.completion)
    expect(selectedRow()).toContain('It is **so**.')
  })

  it('is shown as Markdown when that is asked for, and as text again; nothing in it acts', async () => {
    const button = (title: string) =>
      room.view.findAll('.example-inspector .segmented button').find((each) => each.text() === title)!
    const inspector = room.view.get('.example-inspector')
    await button('Markdown').trigger('click')
    expect(button('Markdown').attributes('aria-pressed')).toBe('true')
    expect(inspector.get('.markdown strong').text()).toBe('so')
    expect(inspector.findAll('.markdown li')).toHaveLength(2)
    expect(inspector.find('img').exists()).toBe(false)
    await button('Text').trigger('click')
    expect(inspector.find('.markdown').exists()).toBe(false)
    expect(inspector.text()).toContain('**so**')
  })
})
