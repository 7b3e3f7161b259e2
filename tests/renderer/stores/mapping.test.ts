// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { useMapping } from '../../../src-renderer/stores/mapping'
import type { ImportPreview } from '../../../src-shared/records/dataset'
import { StudioFailure } from '../../../src-shared/result'
import { fakeApi, settled } from '../../helpers/fake-api'
import { inPage } from '../../helpers/in-page'

let leave = () => {}
beforeEach(() => localStorage.clear())
afterEach(() => leave())

const file = (name = 'a.csv') => new File(['…'], name)

/** A main that shows two columns, and reads them as demonstrations as soon as both are named. */
function mapping(refuses = false) {
  const api = fakeApi({
    calls: {
      'datasets.preview': ({ columns: said = {} }): ImportPreview => {
        if (refuses)
          throw new StudioFailure({ kind: 'refused-file', file: 'a.csv', problem: 'it is a picture' })
        const columns = ['title', 'best'].map((name) => ({ name, holds: 'x' }))
        const meanings = ['prompt', 'completion']
        if (Object.keys(said).length < 2) return { columns, meanings, problem: 'no known columns' }
        const read = Object.entries(said).map(([as, column]) => ({ column, as }))
        return {
          columns,
          meanings,
          reading: { kind: 'demonstrations', columns: { read, unread: [] }, examples: [] },
        }
      },
    },
  })
  const page = inPage(api, () => ({ mapping: useMapping() }))
  leave = page.leave
  const inputs = (name: string) => api.asked.filter((each) => each.name === name).map(({ input }) => input)
  return { ...page.store, inputs }
}

async function mapped(): Promise<ReturnType<typeof mapping>> {
  const page = mapping()
  page.mapping.open(file())
  await settled()
  page.mapping.read('title', 'prompt')
  page.mapping.read('best', 'completion')
  await settled()
  return page
}

describe('a mapping of columns', () => {
  it('is looked at in main with each change, and imported as it is shown', async () => {
    const { mapping: shown, inputs } = await mapped()
    expect(shown.shown?.preview?.reading?.kind).toBe('demonstrations')
    shown.start()
    await settled()
    const columns = { prompt: 'title', completion: 'best' }
    expect(inputs('datasets.preview').at(-1)).toEqual({ path: '/files/a.csv', columns })
    expect(inputs('datasets.import')).toEqual([{ path: '/files/a.csv', columns }])
    expect(shown.shown).toBeUndefined()
  })

  it('gives a meaning to one column, and takes it from the one that had it', async () => {
    const { mapping: shown } = await mapped()
    shown.read('best', 'prompt')
    expect(shown.shown?.wish.columns).toEqual({ prompt: 'best' })
    shown.read('best', undefined)
    expect(shown.shown?.wish.columns).toBeUndefined()
  })

  it('is used at once for the next file with the same columns', async () => {
    const first = await mapped()
    first.mapping.start()
    await settled()
    first.mapping.open(file('b.csv'))
    await settled()
    await settled()
    expect(first.mapping.shown?.wish.columns).toEqual({ prompt: 'title', completion: 'best' })
    expect(first.mapping.shown?.preview?.reading?.kind).toBe('demonstrations')
  })

  it('says why a file cannot be looked at', async () => {
    const { mapping: shown } = mapping(true)
    shown.open(file())
    await settled()
    expect(shown.shown?.problem).toContain('it is a picture')
    shown.close()
    expect(shown.shown).toBeUndefined()
  })
})
