/** Files being imported, one after another: each whole or not at all. */
import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import type { Dataset, ImportProgress, ReadingWish } from '../../src-shared/records/dataset'
import { errorText, StudioFailure, type StudioError } from '../../src-shared/result'
import { useApi, type StudioApi } from '../api'
import { sourceName, type ImportSource, type RunningImport } from '../composables/running-import'
import { countOf } from '../../src-shared/sizes'
import { useToasts } from './toasts'

export const useImports = defineStore('imports', () => {
  const { all, add, change, drop } = useFiles()
  const { newest, finished } = useNewest()
  const api = useApi()
  let last: Promise<void> = Promise.resolve()

  /** @param wish what they are to be read as, where their columns do not say so */
  function start(sources: readonly ImportSource[], wish: ReadingWish = {}): void {
    for (const source of sources) {
      const { id, signal } = add(source)
      last = last.then(() => run(id, { source, wish }, signal))
    }
  }

  async function run(
    id: number,
    { source, wish }: { readonly source: ImportSource; readonly wish: ReadingWish },
    signal: AbortSignal,
  ): Promise<void> {
    if (signal.aborted) return
    change(id, { startedAtMs: Date.now() })
    try {
      let done: ImportProgress['done']
      for await (const progress of progressOf(api, { source, wish }, signal)) {
        change(id, { progress })
        done = progress.done
      }
      drop(id)
      if (done) finished(sourceName(source), done)
    } catch (error) {
      if (!signal.aborted) change(id, { problem: problemOf(error) })
    }
  }

  /** Cancels what waits or runs, and puts a refusal away. */
  const dismiss = drop
  /** Puts a refusal away. @returns where its rows are, to be read in another way */
  function take(id: number): ImportSource | undefined {
    const source = all.value.find((one) => one.id === id)?.source
    drop(id)
    return source
  }
  return { all, newest, start, dismiss, take }
})

async function* progressOf(
  api: StudioApi,
  { source, wish }: { readonly source: ImportSource; readonly wish: ReadingWish },
  signal: AbortSignal,
): AsyncGenerator<ImportProgress> {
  if (typeof source === 'string') yield* api.stream('datasets.fetch', { address: source, ...wish }, signal)
  else {
    const path = await api.pathOf(source, signal)
    yield* api.stream('datasets.import', { path, ...wish }, signal)
  }
}

/** The files under way, each with what cancels it. */
function useFiles() {
  const all = ref<readonly RunningImport[]>([])
  const closings = new Map<number, AbortController>()
  let nextId = 1

  function add(source: ImportSource): { readonly id: number; readonly signal: AbortSignal } {
    const id = nextId++
    const closing = new AbortController()
    closings.set(id, closing)
    all.value = [...all.value, { id, fileName: sourceName(source), source }]
    return { id, signal: closing.signal }
  }
  function change(id: number, changes: Partial<RunningImport>): void {
    all.value = all.value.map((one) => (one.id === id ? { ...one, ...changes } : one))
  }
  function drop(id: number): void {
    closings.get(id)?.abort()
    closings.delete(id)
    all.value = all.value.filter((one) => one.id !== id)
  }
  return { all, add, change, drop }
}

/** The dataset imported last, to be shown. */
function useNewest() {
  const toasts = useToasts()
  const newest = shallowRef<Dataset>()

  function finished(fileName: string, done: NonNullable<ImportProgress['done']>): void {
    const { dataset, isNew, columns, notes = [] } = done
    newest.value = dataset
    const read = columns.unread.length === 0 ? '' : `; not read: ${columns.unread.join(', ')}`
    toasts.show(
      isNew
        ? [`Imported ${dataset.name}: ${countOf(dataset.rows, 'row')}${read}.`, ...notes].join(' ')
        : `${fileName} was imported before, as ${dataset.name}. Nothing was added.`,
    )
  }
  return { newest, finished }
}

function problemOf(error: unknown): string {
  if (error instanceof StudioFailure) return refusal(error.error)
  return error instanceof Error ? error.message : String(error)
}

/** The file's name stands before it already. */
function refusal(error: StudioError): string {
  if (error.kind !== 'refused-file') return errorText(error)
  const place = [
    ...(error.line === undefined ? [] : [`line ${error.line}`]),
    ...(error.column === undefined ? [] : [`column ${error.column}`]),
  ].join(', ')
  return place === '' ? error.problem : `${place}: ${error.problem}`
}
