/** The examples that match, page by page, as far as they were looked at. */
import { ref, shallowRef, triggerRef } from 'vue'
import type { Example, ExamplePage } from '../../src-shared/records/example'

export const pageRows = 200
const keptPages = 30

export function useExamplePages() {
  /** Page number → its rows. The page looked at last stands last. */
  const pages = shallowRef(new Map<number, readonly Example[]>())
  /** How many match in all. */
  const total = ref<number>()

  /** The example at an index, where its page is there. */
  function rowAt(index: number): Example | undefined {
    const page = pageOf(index)
    const rows = pages.value.get(page)
    if (!rows) return undefined
    pages.value.delete(page)
    pages.value.set(page, rows) // moves it to the end: those not looked at for long go first
    return rows[index % pageRows]
  }

  /** @returns the pages that had to go for it */
  function keep(page: number, rows: readonly Example[]): readonly number[] {
    pages.value.set(page, rows)
    const gone = [...pages.value.keys()].slice(0, -keptPages)
    for (const old of gone) pages.value.delete(old)
    triggerRef(pages)
    return gone
  }

  /** The first page of a new question takes the place of all that was there. */
  function begin(first: ExamplePage): void {
    total.value = first.total
    pages.value = new Map([[0, first.rows]])
  }
  function empty(): void {
    total.value = undefined
    pages.value = new Map()
  }

  /** Puts a changed example in the place of its former self. */
  function put(example: Example): void {
    for (const [page, rows] of pages.value) {
      const index = rows.findIndex((row) => row.id === example.id)
      if (index >= 0) pages.value.set(page, rows.with(index, example))
    }
    triggerRef(pages)
  }

  const shown = (exampleId: number): Example | undefined => shownIn(pages.value.values(), exampleId)

  return { pages, total, rowAt, keep, begin, empty, put, shown }
}

export const pageOf = (index: number): number => Math.floor(index / pageRows)

/** The example of this id, where its page is there. */
function shownIn(pages: Iterable<readonly Example[]>, exampleId: number): Example | undefined {
  for (const rows of pages) {
    const found = rows.find(({ id }) => id === exampleId)
    if (found) return found
  }
  return undefined
}
