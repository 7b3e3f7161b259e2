/** Models brought in, sent out, renamed and deleted. */
import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import type { Checkpoint, ExportedModel, ExportFormat } from '../../src-shared/records/checkpoint'
import { errorText, StudioFailure, type Result } from '../../src-shared/result'
import { useApi } from '../api'
import { bytesText } from '../../src-shared/sizes'
import { useToasts } from './toasts'

/** A model being read: from where, and how far it is, 0 … 1. */
export interface RunningModelImport {
  readonly from: string
  readonly share: number
}

export const useLibrary = defineStore('library', () => {
  const api = useApi()
  const toasts = useToasts()
  const running = shallowRef<RunningModelImport>()
  /** Why the last import or export was refused; gone when the next begins. */
  const problem = ref<string>()
  const isExporting = ref(false)
  let closing: AbortController | undefined

  /**
   * One at a time.
   * @param baseId the checkpoint that an adapter stands on.
   * @returns the model, or undefined when it was refused or cancelled
   */
  async function bringIn(source: string | File, baseId?: string): Promise<Checkpoint | undefined> {
    const { signal } = (closing = new AbortController())
    problem.value = undefined
    running.value = { from: typeof source === 'string' ? source : source.name, share: 0 }
    try {
      const path = typeof source === 'string' ? source : await api.pathOf(source, signal)
      for await (const { share, done } of api.stream(
        'checkpoints.import',
        { path, ...(baseId !== undefined && { baseId }) },
        signal,
      )) {
        running.value = { ...running.value, share }
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

  async function sendOut(
    checkpoint: Checkpoint,
    format: ExportFormat,
    folder: string,
  ): Promise<ExportedModel | undefined> {
    problem.value = undefined
    isExporting.value = true
    const result = await api.call('checkpoints.export', { checkpointId: checkpoint.id, format, folder })
    isExporting.value = false
    if (!result.ok) {
      problem.value = errorText(result.error)
      return undefined
    }
    toasts.show(`Written to ${result.value.folder}, ${bytesText(result.value.bytes)}.`)
    return result.value
  }

  async function rename(checkpoint: Checkpoint, name: string): Promise<void> {
    told(await api.call('checkpoints.rename', { checkpointId: checkpoint.id, name }))
  }

  async function remove(checkpoint: Checkpoint): Promise<void> {
    told(
      await api.call('checkpoints.remove', { checkpointId: checkpoint.id }),
      `${checkpoint.name} is deleted.`,
    )
  }

  /** What is refused is said in a toast. */
  function told(result: Result<unknown>, success?: string): void {
    if (!result.ok) toasts.show(errorText(result.error), { isFailure: true })
    else if (success !== undefined) toasts.show(success)
  }

  const forget = (): void => {
    problem.value = undefined
  }
  return {
    running,
    problem,
    isExporting,
    bringIn,
    cancel: () => closing?.abort(),
    sendOut,
    rename,
    remove,
    forget,
  }
})

const sentence = (error: unknown): string =>
  error instanceof StudioFailure
    ? errorText(error.error)
    : error instanceof Error
      ? error.message
      : String(error)
