/** Models brought in, sent out, renamed and deleted. */
import { defineStore } from 'pinia'
import { ref, shallowRef, type Ref } from 'vue'
import type {
  Checkpoint,
  ExportedModel,
  ExportFormat,
  ExportNumbers,
  ModelImportProgress,
} from '../../src-shared/records/checkpoint'
import type { HubDownload } from '../../src-shared/records/download'
import { errorText, StudioFailure, type Result } from '../../src-shared/result'
import { useApi, type StudioApi } from '../api'
import { bytesText } from '../../src-shared/sizes'
import { useToasts } from './toasts'

/** A model being read: from where, and how far it is, 0 … 1. */
export interface RunningModelImport {
  readonly from: string
  readonly share: number
  /** What is being done, in words. */
  readonly said: string
}

export const useLibrary = defineStore('library', () => {
  const api = useApi()
  const toasts = useToasts()
  /** Why the last import or export was refused; gone when the next begins. */
  const problem = ref<string>()
  const forget = (): void => {
    problem.value = undefined
  }

  /** What is refused is said in a toast, and what is done where that is not seen. */
  function say(result: Result<unknown>, success?: string): void {
    if (!result.ok) toasts.show(errorText(result.error), { isFailure: true })
    else if (success !== undefined) toasts.show(success)
  }
  async function rename(checkpoint: Checkpoint, name: string): Promise<void> {
    say(await api.call('checkpoints.rename', { checkpointId: checkpoint.id, name }))
  }
  async function remove(checkpoint: Checkpoint): Promise<void> {
    const result = await api.call('checkpoints.remove', { checkpointId: checkpoint.id })
    say(result, `${checkpoint.name} is deleted.`)
  }

  return { problem, forget, rename, remove, ...useModelImport(api, problem), ...useModelExport(api, problem) }
})

/** Models brought in, one at a time. */
function useModelImport(api: StudioApi, problem: Ref<string | undefined>) {
  const { running, followed, cancel } = useFollowed(problem)

  /**
   * @param source a path on main's machine, or a file.
   * @param baseId the checkpoint that an adapter stands on.
   * @returns the model, or undefined when it was refused or cancelled
   */
  async function bringIn(source: string | File, baseId?: string): Promise<Checkpoint | undefined> {
    const from = typeof source === 'string' ? source : source.name
    return followed(from, async function* (signal) {
      const path = typeof source === 'string' ? source : await api.pathOf(source, signal)
      yield* api.stream('checkpoints.import', { path, ...(baseId !== undefined && { baseId }) }, signal)
    })
  }
  /** @returns the model, or undefined when it was refused or cancelled */
  const fetchIn = (address: string): Promise<Checkpoint | undefined> =>
    followed(address, (signal) => api.stream('checkpoints.fetch', { address }, signal))

  return {
    running,
    bringIn,
    fetchIn,
    cancel,
    canPickFolders: api.folderOf !== undefined,
    /** The folder that was chosen, from its first file; empty where the page may not know. */
    folderOf: (first: File) => api.folderOf?.(first) ?? '',
  }
}

type Progress = (signal: AbortSignal) => AsyncIterable<ModelImportProgress>

function useFollowed(problem: Ref<string | undefined>) {
  const toasts = useToasts()
  const running = shallowRef<RunningModelImport>()
  let closing: AbortController | undefined

  async function followed(from: string, items: Progress): Promise<Checkpoint | undefined> {
    const { signal } = (closing = new AbortController())
    problem.value = undefined
    running.value = { from, share: 0, said: `Reading ${from}` }
    try {
      for await (const { share, download, done } of items(signal)) {
        running.value = { from, share, said: download ? fetchedText(download) : `Reading ${from}` }
        if (!done) continue
        toasts.show(`Imported ${done.name}.`)
        return done
      }
    } catch (error) {
      if (!signal.aborted) problem.value = sentence(error)
    } finally {
      running.value = undefined
    }
    return undefined
  }
  return { running, followed, cancel: () => closing?.abort() }
}

const fetchedText = ({ file, bytes, bytesTotal }: HubDownload): string =>
  `${file}, ${bytesText(bytes)} of ${bytesText(bytesTotal)}`

function useModelExport(api: StudioApi, problem: Ref<string | undefined>) {
  const toasts = useToasts()
  const isExporting = ref(false)

  async function sendOut(
    checkpoint: Checkpoint,
    form: { readonly format: ExportFormat; readonly numbers: ExportNumbers },
    folder: string,
  ): Promise<ExportedModel | undefined> {
    problem.value = undefined
    isExporting.value = true
    const result = await api.call('checkpoints.export', { checkpointId: checkpoint.id, ...form, folder })
    isExporting.value = false
    if (!result.ok) {
      problem.value = errorText(result.error)
      return undefined
    }
    toasts.show(`Written to ${result.value.folder}, ${bytesText(result.value.bytes)}.`)
    return result.value
  }

  return { isExporting, sendOut }
}

const sentence = (error: unknown): string =>
  error instanceof StudioFailure
    ? errorText(error.error)
    : error instanceof Error
      ? error.message
      : String(error)
