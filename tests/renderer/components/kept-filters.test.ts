// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { beforeEach, describe, expect, it } from 'vitest'
import ExampleFilters from '../../../src-renderer/components/datasets/ExampleFilters.vue'
import { useKeptFilters } from '../../../src-renderer/composables/kept-filters'
import { filterText } from '../../../src-renderer/words/filter-words'
import type { ExampleFilter } from '../../../src-shared/records/example'

const long: ExampleFilter = { search: 'film', flaggedOnly: true }
const shown = (filter: ExampleFilter, kept: readonly ExampleFilter[]) =>
  mount(ExampleFilters, {
    props: { filter, kept, total: 3, rows: 9, excluded: 0, summary: undefined },
  })

describe('a filter', () => {
  beforeEach(() => localStorage.clear())

  it('is kept and forgotten by the same act, whatever the order of its parts', () => {
    const { all, toggle } = useKeptFilters()
    toggle(long)
    toggle({ search: '', tag: 'odd' })
    expect(all.value.map(filterText)).toEqual(['tag odd', '“film”, flagged'])
    toggle({ flaggedOnly: true, search: 'film' })
    expect(all.value.map(filterText)).toEqual(['tag odd'])
  })

  it('that an other version kept and this one cannot say is passed over', () => {
    localStorage.setItem('studio-filters', JSON.stringify([{ search: 'a', colour: 'red' }, long, 7]))
    expect(useKeptFilters().all.value).toEqual([long])
  })

  it('is chosen again as a plain object, and taken away', async () => {
    const view = shown({ search: '' }, [long])
    expect(view.findAll('button').some((each) => each.text() === 'Keep')).toBe(false) // nothing to keep
    await view.find('select[aria-label="Kept"]').setValue('0')
    expect(view.emitted('change')).toEqual([[long]])
    const again = shown(long, [long])
    await again.find('button[aria-label="Kept: none"]').trigger('click')
    expect(again.emitted('change')).toEqual([[{ search: '' }]])
    const keep = again.findAll('button').find((each) => each.text() === 'Kept')!
    expect(keep.attributes('aria-pressed')).toBe('true')
  })
})
