// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import RunsTable from '../../../src-renderer/views/RunsTable.vue'
import { aRun } from '../../../src-renderer/dev/records'
import type { Run } from '../../../src-shared/records/run'
import { StudioFailure } from '../../../src-shared/result'
import { aRoom } from '../../helpers/a-room'
import { channel, fakeApi, settled } from '../../helpers/fake-api'

let runs: Run[]
let room: Awaited<ReturnType<typeof openTable>>
beforeEach(() => localStorage.clear())
afterEach(() => room.leave())

async function openTable(refuses = false) {
  const changes = channel(() => ({ runs, removed: [], trends: [] }))
  const api = fakeApi({
    calls: {
      'runs.mark': ({ marks }) => {
        if (refuses) throw new StudioFailure({ kind: 'storage', problem: 'The disk is full.' })
        runs = runs.map((run) => {
          const {
            runId: _id,
            shelf,
            ...marked
          } = marks.find(({ runId }) => runId === run.id) ?? { runId: '' }
          const { shelf: before, ...rest } = run
          const now = shelf ?? before
          return { ...rest, ...marked, ...(now && now !== 'desk' && { shelf: now }) } as Run
        })
        changes.push({ runs, removed: [], trends: [] })
        return runs
      },
    },
    streams: { 'runs.changes': changes.items },
  })
  return { ...(await aRoom(RunsTable, api, '/runs?show=table')), api }
}
const rowNames = (): readonly string[] => room.view.findAll('tbody tr .name').map((one) => one.text())
const marks = () => room.api.asked.filter(({ name }) => name === 'runs.mark').map(({ input }) => input)

describe('the table of runs, by keys alone', () => {
  beforeEach(async () => {
    runs = ['c', 'b', 'a'].map((id, index) => aRun({ id, recipe: 'sft', createdAtMs: 100 - index }))
    room = await openTable()
  })

  it('selects on its way and throws away what is selected, and undo brings it back', async () => {
    expect(rowNames()).toEqual(['c', 'b', 'a'])
    await room.press('ArrowDown')
    await room.press('ArrowDown', { shiftKey: true })
    expect(room.view.findAll('tr[aria-selected="true"]').length).toBe(2)
    await room.press('Delete')
    expect(marks()).toEqual([
      {
        marks: [
          { runId: 'b', shelf: 'bin' },
          { runId: 'a', shelf: 'bin' },
        ],
      },
    ])
    expect(rowNames()).toEqual(['c'])
    const { useToasts } = await import('../../../src-renderer/stores/toasts')
    const toasts = useToasts()
    expect(toasts.undoable?.text).toBe('2 runs are in the bin.')
    toasts.undo(toasts.undoable)
    await settled(20)
    expect(rowNames()).toEqual(['c', 'b', 'a'])
  })

  it('archives the run with the ring where none is selected, and finds it there', async () => {
    await room.press('ArrowDown')
    await room.press('a')
    expect(rowNames()).toEqual(['c', 'a'])
    await room.view.find('select[aria-label="Shown"]').setValue('archive')
    expect(rowNames()).toEqual(['b'])
  })

  it('acts on nothing that a filter hides', async () => {
    await room.press('a', { ctrlKey: true })
    await room.view.find('input[aria-label="Find runs"]').setValue('b')
    ;(document.activeElement as HTMLElement).blur()
    await room.press('p')
    expect(marks()).toEqual([{ marks: [{ runId: 'b', isPinned: true }] }])
  })

  it('sorts by a head, and keeps that for the next time', async () => {
    await room.view.find('thead .sort').trigger('click')
    expect(rowNames()).toEqual(['a', 'b', 'c'])
    expect(room.view.find('th[aria-sort]').attributes('aria-sort')).toBe('ascending')
    room.leave()
    room = await openTable()
    expect(rowNames()).toEqual(['a', 'b', 'c'])
  })
})

describe('a mark that main refuses', () => {
  it('says so and changes nothing', async () => {
    runs = [aRun({ id: 'only' })]
    room = await openTable(true)
    await room.press('p')
    const { useToasts } = await import('../../../src-renderer/stores/toasts')
    expect(useToasts().toasts.at(-1)).toMatchObject({ text: 'The disk is full.', isFailure: true })
    expect(room.view.find('.hidden').exists() && room.view.text().includes('pinned')).toBe(false)
  })
})
