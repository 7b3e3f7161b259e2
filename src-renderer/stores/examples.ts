/** The examples of the open dataset: pages of those that match the filter, as far as they were looked at. */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef, triggerRef } from 'vue'
import type { DatasetSummary } from '../../src-shared/records/dataset'
import type { Example, ExampleFilter, ExamplePage, TokenView } from '../../src-shared/records/example'
import { errorText, type Result } from '../../src-shared/result'
import { useApi } from '../api'
import { commonBeginning } from '../words/common-beginning'

export const pageRows = 200
const keptPages = 30
export const emptyFilter: ExampleFilter = { search: '' }

export const useExamples = defineStore('examples', () => {
  const api = useApi()
  const datasetId = ref<string>()
  // sent as it is: a reactive object cannot cross to main
  const filter = shallowRef<ExampleFilter>(emptyFilter)
  const total = ref<number>()
  const summary = ref<DatasetSummary>()
  const problem = ref<string>()
  /** How the prompts of this dataset begin, as far as its first rows show. */
  const promptBeginning = ref('')
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
    promptBeginning.value = ''
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
    const wanted = { datasetId: id, filter: filter.value }
    const page = api.call('datasets.page', { ...wanted, offset: 0, limit: pageRows })
    const facts = api.call('datasets.summary', wanted)
    show(own, await page)
    const found = await facts // of many rows it takes longer than a page, and nobody waits for it
    if (own === question && found.ok) summary.value = found.value
  }

  function show(own: number, first: Result<ExamplePage>): void {
    if (own !== question) return
    if (!first.ok) {
      clear()
      problem.value = errorText(first.error)
      return
    }
    total.value = first.value.total
    pages.value = new Map([[0, first.value.rows]])
    asked.add(0)
    if (!isFiltered.value)
      promptBeginning.value = commonBeginning(first.value.rows.flatMap(({ prompt }) => prompt ?? []))
  }

  function clear(): void {
    total.value = undefined
    pages.value = new Map()
  }

  /** The example at a place among the matching ones; asks for its page when it is not there yet. */
  function at(place: number): Example | undefined {
    const page = Math.floor(place / pageRows)
    const rows = pages.value.get(page)
    if (!rows) {
      if (!asked.has(page)) void load(page)
      return undefined
    }
    pages.value.delete(page)
    pages.value.set(page, rows) // moves it to the end: those not looked at for long go first
    return rows[place % pageRows]
  }

  async function load(page: number): Promise<void> {
    const id = datasetId.value
    const own = question
    if (id === undefined) return
    asked.add(page)
    const answer = await api.call('datasets.page', {
      datasetId: id,
      filter: filter.value,
      offset: page * pageRows,
      limit: pageRows,
    })
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

  /**
   * @param checkpointId whose tokenizer; without one the characters of the dataset itself.
   * @returns undefined when main could not say
   */
  async function tokensOf(text: string, checkpointId: string | undefined): Promise<TokenView | undefined> {
    if (datasetId.value === undefined) return undefined
    const answer = await api.call('datasets.tokens', {
      text: text.slice(0, 100_000),
      datasetId: datasetId.value,
      ...(checkpointId !== undefined && { checkpointId }),
    })
    return answer.ok ? answer.value : undefined
  }

  return {
    datasetId,
    filter,
    isFiltered,
    total,
    summary,
    problem,
    promptBeginning,
    pages,
    open,
    choose,
    reload,
    at,
    flag,
    tokensOf,
  }
})
