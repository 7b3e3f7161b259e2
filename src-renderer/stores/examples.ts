/** The examples of the open dataset: those that match the filter, with what is counted of them. */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef, type Ref } from 'vue'
import type { CallInput } from '../../src-shared/contract'
import type { DatasetSummary } from '../../src-shared/records/dataset'
import type {
  Example,
  ExampleFilter,
  ExamplePage,
  RenderedView,
  TokenView,
} from '../../src-shared/records/example'
import { errorText } from '../../src-shared/result'
import type { Api } from '../../src-shared/wire'
import { useApi } from '../api'
import { lineOf } from '../words/turn-words'
import { commonBeginning } from '../words/common-beginning'
import { pageOf, pageRows, useExamplePages } from './example-pages'

export const emptyFilter: ExampleFilter = { search: '' }

interface Question {
  readonly datasetId: Ref<string | undefined>
  readonly filter: Ref<ExampleFilter>
}

export const useExamples = defineStore('examples', () => {
  const api = useApi()
  const datasetId = ref<string>()
  // sent as it is: a reactive object cannot cross to main
  const filter = shallowRef<ExampleFilter>(emptyFilter)
  const isFiltered = computed(() => filter.value.search.trim() !== '' || Object.keys(filter.value).length > 1)
  const { summary, count } = useSummary(api, { datasetId, filter })
  /** How the prompts of this dataset begin, as far as its first rows show. */
  const promptBeginning = ref('')
  const matching = useMatching(api, { datasetId, filter })

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
    const isCurrent = matching.renew()
    if (datasetId.value === undefined) return matching.empty()
    const first = matching.loadFirst(isCurrent)
    const facts = count()
    const rows = await first
    if (rows && !isFiltered.value)
      promptBeginning.value = commonBeginning(
        rows.flatMap(({ prompt }) => (prompt === undefined ? [] : lineOf(prompt))),
      )
    await facts
  }

  const { total, problem, pages, at, put, shown } = matching
  const asked = { datasetId, filter, isFiltered, total, summary, problem, promptBeginning, pages }
  const acts = { open, choose, reload, count, at, put, shown }
  return { ...asked, ...acts, ...exampleActions(api, datasetId, put) }
})

/** What is counted of the rows that match. Of many it takes longer than a page, and nobody waits for it. */
function useSummary(api: Api, { datasetId, filter }: Question) {
  const summary = ref<DatasetSummary>()
  const questions = countedQuestions()
  async function count(): Promise<void> {
    if (datasetId.value === undefined) return
    const isNewest = questions.next()
    const found = await api.call('datasets.summary', { datasetId: datasetId.value, filter: filter.value })
    if (isNewest() && found.ok) summary.value = found.value
  }
  return { summary, count }
}

/** The rows that match, asked for page by page. */
function useMatching(api: Api, { datasetId, filter }: Question) {
  const { pages, total, rowAt, keep, begin, empty, put, shown } = useExamplePages()
  const problem = ref<string>()
  const asked = new Set<number>()
  const questions = countedQuestions()

  /** A new question: answers to an older one are dropped. @returns whether it is still the newest */
  function renew(): () => boolean {
    asked.clear()
    problem.value = undefined
    return questions.next()
  }

  /** @returns the rows of a page; undefined when they were refused, or a newer question came */
  async function ask(page: number, isCurrent: () => boolean): Promise<ExamplePage | undefined> {
    if (datasetId.value === undefined) return undefined
    asked.add(page)
    const answer = await askPage(api, datasetId.value, filter.value, page)
    if (!isCurrent()) return undefined
    if (answer.ok) return answer.value
    asked.delete(page)
    problem.value = errorText(answer.error)
    return undefined
  }
  async function loadFirst(isCurrent: () => boolean): Promise<readonly Example[] | undefined> {
    const first = await ask(0, isCurrent)
    if (first) begin(first)
    else if (isCurrent()) empty()
    return first?.rows
  }

  /** The example at an index among the matching ones; asks for its page when it is not there yet. */
  function at(index: number): Example | undefined {
    const row = rowAt(index)
    if (!pages.value.has(pageOf(index)) && !asked.has(pageOf(index))) void load(pageOf(index))
    return row
  }
  async function load(page: number): Promise<void> {
    const loaded = await ask(page, questions.same())
    if (loaded) for (const gone of keep(page, loaded.rows)) asked.delete(gone)
  }

  return { pages, total, problem, renew, empty, loadFirst, at, put, shown }
}

/** Counts questions; each asker is handed what tells whether its own is still the newest. */
function countedQuestions() {
  let newest = 0
  const same = (): (() => boolean) => {
    const own = newest
    return () => own === newest
  }
  const next = (): (() => boolean) => {
    newest++
    return same()
  }
  return { next, same }
}

const askPage = (api: Api, datasetId: string, filter: ExampleFilter, page: number) =>
  api.call('datasets.page', { datasetId, filter, offset: page * pageRows, limit: pageRows })

function exampleActions(api: Api, datasetId: Ref<string | undefined>, put: (example: Example) => void) {
  /** Shows the flag at once, and takes it back when main refuses. @returns what went wrong, in words */
  async function flag(example: Example): Promise<string | undefined> {
    put({ ...example, isFlagged: !example.isFlagged })
    const answer = await api.call('datasets.flag', { exampleId: example.id, isFlagged: !example.isFlagged })
    if (answer.ok) return undefined
    put(example)
    return errorText(answer.error)
  }

  /** @returns what went wrong, in words */
  async function edit(change: CallInput<'datasets.edit'>): Promise<string | undefined> {
    const answer = await api.call('datasets.edit', change)
    if (!answer.ok) return errorText(answer.error)
    put(answer.value)
    return undefined
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

  /** An example as a model reads it. @returns why it cannot, in words, where it cannot */
  async function renderedOf(wish: CallInput<'datasets.rendered'>): Promise<RenderedView | string> {
    const answer = await api.call('datasets.rendered', wish)
    return answer.ok ? answer.value : errorText(answer.error)
  }

  return { flag, edit, tokensOf, renderedOf }
}
