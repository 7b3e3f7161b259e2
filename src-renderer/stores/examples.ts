/** The examples of the open dataset: pages of those that match the filter, as far as they were looked at. */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef, triggerRef } from 'vue'
import type { DatasetSummary, Example, ExampleFilter, TokenView } from '../../src-shared/records'
import { errorText } from '../../src-shared/result'
import { useApi } from '../api'

export const pageRows = 200
const keptPages = 30
export const emptyFilter: ExampleFilter = { search: '' }

export const useExamples = defineStore('examples', () => {
  const api = useApi()
  const datasetId = ref<string>()
  const filter = shallowRef<ExampleFilter>(emptyFilter)   // sent as it is: a reactive object cannot cross to main
  const total = ref<number>()
  const summary = ref<DatasetSummary>()
  const problem = ref<string>()
  /** Page number → its rows. The page looked at last stands last. */
  const pages = shallowRef(new Map<number, readonly Example[]>())
  const asked = new Set<number>()
  /** Answers to an older question are dropped. */
  let question = 0

  const isFiltered = computed(() => filter.value.search.trim() !== '' || Object.keys(filter.value).length > 1)

  function open(id: string | undefined): void {
    if (id === datasetId.value) return
    datasetId.value = id
    filter.value = emptyFilter
    summary.value = undefined
    void reload()
  }

  function choose(wanted: ExampleFilter): void {
    filter.value = wanted
    void reload()
  }

  /** Asks again for everything on screen. What is there stays until the answer comes. */
  async function reload(): Promise<void> {
    const id = datasetId.value
    const own = ++question
    asked.clear()
    problem.value = undefined
    if (id === undefined) return clear()
    const [first, facts] = await Promise.all([
      api.call('datasets.page', { datasetId: id, filter: filter.value, offset: 0, limit: pageRows }),
      api.call('datasets.summary', { datasetId: id, filter: filter.value }),
    ])
    if (own !== question) return
    if (!first.ok) {
      clear()
      problem.value = errorText(first.error)
      return
    }
    total.value = first.value.total
    pages.value = new Map([[0, first.value.rows]])
    asked.add(0)
    if (facts.ok) summary.value = facts.value
  }

  function clear(): void {
    total.value = undefined
    pages.value = new Map()
  }

  /** The example at a place among the matching ones; asks for its page when it is not there yet. */
  function at(place: number): Example | undefined {
    const page = Math.floor(place / pageRows)
    const rows = pages.value.get(page)
    if (!rows && !asked.has(page)) void load(page)
    return rows?.[place % pageRows]
  }

  async function load(page: number): Promise<void> {
    const id = datasetId.value
    const own = question
    if (id === undefined) return
    asked.add(page)
    const answer = await api.call('datasets.page', { datasetId: id, filter: filter.value, offset: page * pageRows, limit: pageRows })
    if (own !== question) return
    if (!answer.ok) {
      asked.delete(page)
      problem.value = errorText(answer.error)
      return
    }
    pages.value.set(page, answer.value.rows)
    for (const old of [...pages.value.keys()].slice(0, -keptPages)) {
      pages.value.delete(old)
      asked.delete(old)
    }
    triggerRef(pages)
  }

  /** Shows the flag at once, and takes it back when main refuses. @returns what went wrong, in words */
  async function flag(example: Example): Promise<string | undefined> {
    put({ ...example, isFlagged: !example.isFlagged })
    const answer = await api.call('datasets.flag', { exampleId: example.id, isFlagged: !example.isFlagged })
    if (answer.ok) return undefined
    put(example)
    return errorText(answer.error)
  }

  function put(example: Example): void {
    for (const [page, rows] of pages.value) {
      const place = rows.findIndex((row) => row.id === example.id)
      if (place >= 0) pages.value.set(page, rows.with(place, example))
    }
    triggerRef(pages)
  }

  /** @returns undefined when main could not say */
  async function tokensOf(text: string): Promise<TokenView | undefined> {
    if (datasetId.value === undefined) return undefined
    const answer = await api.call('datasets.tokens', { text: text.slice(0, 100_000), datasetId: datasetId.value })
    return answer.ok ? answer.value : undefined
  }

  return { datasetId, filter, isFiltered, total, summary, problem, pages, open, choose, reload, at, flag, tokensOf }
})
