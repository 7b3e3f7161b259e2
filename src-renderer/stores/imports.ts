/** Files being imported, one after another: each whole or not at all. */
import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import type { Dataset, ImportProgress } from '../../src-shared/records/dataset'
import { errorText, StudioFailure, type StudioError } from '../../src-shared/result'
import { useApi } from '../api'
import type { RunningImport } from '../composables/running-import'
import { countOf } from '../../src-shared/sizes'
import { useToasts } from './toasts'

export const useImports = defineStore('imports', () => {
  const api = useApi()
  const toasts = useToasts()
  const all = ref<readonly RunningImport[]>([])
  /** The dataset imported last, to be shown. */
  const newest = shallowRef<Dataset>()
  const closings = new Map<number, AbortController>()
  let nextId = 1
  let last: Promise<void> = Promise.resolve()

  function start(files: readonly File[]): void {
    for (const file of files) {
      const id = nextId++
      closings.set(id, new AbortController())
      all.value = [...all.value, { id, fileName: file.name }]
      last = last.then(() => run(id, file))
    }
  }

  async function run(id: number, file: File): Promise<void> {
    const signal = closings.get(id)?.signal
    if (!signal) return
    change(id, { startedAtMs: Date.now() })
    try {
      const path = await api.pathOf(file, signal)
      let done: ImportProgress['done']
      for await (const progress of api.stream('datasets.import', { path }, signal)) {
        change(id, { progress })
        done = progress.done
      }
      dismiss(id)
      if (done) finished(file.name, done)
    } catch (error) {
      if (!signal.aborted)
        change(id, {
          problem:
            error instanceof StudioFailure
              ? refusal(error.error)
              : error instanceof Error
                ? error.message
                : String(error),
        })
    }
  }

  function finished(fileName: string, { dataset, isNew }: NonNullable<ImportProgress['done']>): void {
    newest.value = dataset
    toasts.show(
      isNew
        ? `Imported ${dataset.name}: ${countOf(dataset.rows, 'row')}.`
        : `${fileName} was imported before, as ${dataset.name}. Nothing was added.`,
    )
  }

  function change(id: number, changes: Partial<RunningImport>): void {
    all.value = all.value.map((one) => (one.id === id ? { ...one, ...changes } : one))
  }

  /** Cancels what waits or runs, and puts a refusal away. */
  function dismiss(id: number): void {
    closings.get(id)?.abort()
    closings.delete(id)
    all.value = all.value.filter((one) => one.id !== id)
  }

  return { all, newest, start, dismiss }
})

/** The file's name stands before it already. */
function refusal(error: StudioError): string {
  if (error.kind !== 'refused-file') return errorText(error)
  const place = [
    ...(error.line === undefined ? [] : [`line ${error.line}`]),
    ...(error.column === undefined ? [] : [`column ${error.column}`]),
  ].join(', ')
  return place === '' ? error.problem : `${place}: ${error.problem}`
}
