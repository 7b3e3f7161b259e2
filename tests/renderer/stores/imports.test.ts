// @vitest-environment happy-dom
import { afterEach, describe, expect, it } from 'vitest'
import { useImports } from '../../../src-renderer/stores/imports'
import { useToasts } from '../../../src-renderer/stores/toasts'
import type { ImportProgress } from '../../../src-shared/records/dataset'
import { StudioFailure } from '../../../src-shared/result'
import { channel, fakeApi, settled } from '../../helpers/fake-api'
import { inPage } from '../../helpers/in-page'
import { aDataset } from '../../../src-renderer/dev/records'

let leave = () => {}
afterEach(() => leave())

const rows = (count: number): ImportProgress => ({ rows: count, bytesRead: count * 10, bytesTotal: 1000 })
const file = (name: string) => new File(['…'], name)

/** A main that reads each file until the test says how it ends. */
function importing() {
  const reading = new Map<string, ReturnType<typeof channel<ImportProgress>>>()
  const api = fakeApi({
    streams: {
      'datasets.import': ({ path }, signal) => {
        const progress = channel<ImportProgress>()
        reading.set(path, progress)
        return progress.items({}, signal)
      },
    },
  })
  const page = inPage(api, () => ({ imports: useImports(), toasts: useToasts() }))
  leave = page.leave
  const of = (name: string) => reading.get(`/files/${name}`)
  return { ...page.store, of, asked: () => [...reading.keys()] }
}

describe('an import', () => {
  it('shows rows as they are read, then the dataset', async () => {
    const { imports, toasts, of } = importing()
    imports.start([file('a.jsonl')])
    await settled()
    of('a.jsonl')?.push(rows(40))
    await settled()
    expect(imports.all).toMatchObject([{ fileName: 'a.jsonl', progress: { rows: 40 } }])
    of('a.jsonl')?.push({
      ...rows(100),
      done: {
        dataset: aDataset({ id: 'd', name: 'a', rows: 100 }),
        isNew: true,
        columns: { read: [], unread: [] },
      },
    })
    of('a.jsonl')?.end()
    await settled()
    expect(imports.all).toEqual([])
    expect(imports.newest?.id).toBe('d')
    expect(toasts.toasts.map(({ text }) => text)).toEqual(['Imported a: 100 rows.'])
  })

  it('of the same content says that nothing was added', async () => {
    const { imports, toasts, of } = importing()
    imports.start([file('again.jsonl')])
    await settled()
    of('again.jsonl')?.push({
      ...rows(3),
      done: {
        dataset: aDataset({ id: 'd', name: 'first' }),
        isNew: false,
        columns: { read: [], unread: [] },
      },
    })
    of('again.jsonl')?.end()
    await settled()
    expect(toasts.toasts[0]?.text).toBe('again.jsonl was imported before, as first. Nothing was added.')
  })

  it('waits for the one before it, and goes on when that was refused', async () => {
    const { imports, of, asked } = importing()
    imports.start([file('broken.jsonl'), file('good.csv')])
    await settled()
    expect(asked()).toEqual(['/files/broken.jsonl'])
    expect(imports.all[1]?.startedAtMs).toBeUndefined()
    of('broken.jsonl')?.end({
      kind: 'refused-file',
      file: 'broken.jsonl',
      line: 41,
      column: 7,
      problem: '“chosen” is missing',
    })
    await settled()
    expect(imports.all[0]?.problem).toBe('line 41, column 7: “chosen” is missing')
    expect(asked()).toEqual(['/files/broken.jsonl', '/files/good.csv'])
  })

  it('is cancelled in main too, and leaves no note', async () => {
    const { imports, of } = importing()
    imports.start([file('big.jsonl')])
    await settled()
    expect(of('big.jsonl')?.listeners()).toBe(1)
    imports.dismiss(imports.all[0]?.id ?? 0)
    await settled()
    expect([imports.all, of('big.jsonl')?.listeners()]).toEqual([[], 0])
  })

  it('that was cancelled while it waited is never begun', async () => {
    const { imports, of, asked } = importing()
    imports.start([file('one.txt'), file('two.txt')])
    await settled()
    imports.dismiss(imports.all[1]?.id ?? 0)
    of('one.txt')?.end()
    await settled()
    expect(asked()).toEqual(['/files/one.txt'])
  })

  it('says when the file cannot even be sent', async () => {
    const api = {
      ...fakeApi({}),
      pathOf: () => Promise.reject(new StudioFailure({ kind: 'storage', problem: 'The disk is full.' })),
    }
    const page = inPage(api, useImports)
    leave = page.leave
    page.store.start([file('big.jsonl')])
    await settled()
    expect(page.store.all[0]?.problem).toBe('The disk is full.')
  })
})
