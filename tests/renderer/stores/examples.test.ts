// @vitest-environment happy-dom
import { createPinia, setActivePinia } from 'pinia'
import { createApp } from 'vue'
import { beforeEach, describe, expect, it } from 'vitest'
import { apiKey } from '../../../src-renderer/api'
import { pageRows } from '../../../src-renderer/stores/example-pages'
import { useExamples } from '../../../src-renderer/stores/examples'
import type { Example } from '../../../src-shared/records/example'
import { StudioFailure } from '../../../src-shared/result'
import { fakeApi, settled, type FakeApi } from '../../helpers/fake-api'

const rows = 12_345
const example = (row: number): Example => ({
  id: row,
  datasetId: 'd',
  row,
  completion: `text ${row}`,
  isFlagged: false,
})

function studio() {
  const state = { canFlag: true }
  const api = fakeApi({
    calls: {
      'datasets.page': ({ filter, offset, limit }) => {
        const total = filter.search === 'few' ? 3 : rows
        return {
          total,
          rows: Array.from({ length: Math.max(0, Math.min(limit, total - offset)) }, (_, i) =>
            example(offset + i + 1),
          ),
        }
      },
      'datasets.summary': () => ({ histograms: [], sources: [], labels: [], usedBy: [] }),
      'datasets.flag': () => {
        if (!state.canFlag) throw new StudioFailure({ kind: 'storage', problem: 'The disk is full.' })
      },
    },
  })
  return { api, state }
}
function storeOn(api: FakeApi) {
  const app = createApp({ render: () => null })
  const pinia = createPinia()
  app.provide(apiKey, api).use(pinia)
  setActivePinia(pinia)
  return app.runWithContext(() => useExamples())
}
const pagesAsked = (api: FakeApi): number => api.asked.filter(({ name }) => name === 'datasets.page').length

describe('the examples of a dataset', () => {
  let small: ReturnType<typeof studio>
  let examples: ReturnType<typeof storeOn>
  beforeEach(async () => {
    small = studio()
    examples = storeOn(small.api)
    examples.open('d')
    await settled()
  })

  it('come by the page, each asked for once', async () => {
    expect(examples.at(5)?.row).toBe(6)
    expect(examples.at(pageRows + 1)).toBeUndefined()
    expect(examples.at(pageRows + 2)).toBeUndefined()
    await settled()
    expect(examples.at(pageRows + 1)?.row).toBe(pageRows + 2)
    expect(pagesAsked(small.api)).toBe(2)
  })
  it('forget the pages looked at longest ago, and ask for them again', async () => {
    for (let page = 1; page <= 40; page++) {
      examples.at(page * pageRows)
      await settled(1)
    }
    await settled()
    expect(examples.pages.size).toBeLessThanOrEqual(30)
    expect(examples.at(0)).toBeUndefined()
    await settled()
    expect(examples.at(0)?.row).toBe(1)
  })
  it('answer only the newest search', async () => {
    examples.choose({ search: 'many' })
    examples.choose({ search: 'few' })
    await settled()
    expect(examples.total).toBe(3)
  })
  it('show a flag at once and take it back when main refuses', async () => {
    small.state.canFlag = false
    const flagging = examples.flag(example(1))
    expect(examples.at(0)?.isFlagged).toBe(true)
    expect(await flagging).toBe('The disk is full.')
    expect(examples.at(0)?.isFlagged).toBe(false)
  })
})
