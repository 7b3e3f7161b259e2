/** One stream that writes both sides, token by token; it ends when it is stopped or the room is left. */
import { computed, onScopeDispose, ref, shallowRef, type ComputedRef } from 'vue'
import type { StreamInput } from '../../../src-shared/contract'
import { errorText, StudioFailure } from '../../../src-shared/result'
import type { Api } from '../../../src-shared/wire'
import type { Sides } from './sides'

/** @param input what to write; undefined while something is missing */
export function useWriting(
  api: Api,
  sides: Sides,
  input: ComputedRef<StreamInput<'samples.generate'> | undefined>,
) {
  const failure = ref<string>()
  const closing = shallowRef<AbortController>()
  const isWriting = computed(() => closing.value !== undefined)

  function stop(): void {
    closing.value?.abort()
    closing.value = undefined
    sides.breakOff()
  }
  onScopeDispose(stop)

  /** Writes both sides anew. What was being written before is left at its next token. */
  async function write(): Promise<void> {
    stop()
    if (!input.value) return
    const own = new AbortController()
    closing.value = own
    failure.value = undefined
    sides.begin()
    try {
      for await (const piece of api.stream('samples.generate', input.value, own.signal))
        if (!own.signal.aborted) sides.take(piece)
    } catch (error) {
      if (!(error instanceof StudioFailure)) throw error
      if (!own.signal.aborted) failure.value = errorText(error.error)
    }
    if (closing.value === own) stop()
  }

  return { failure, isWriting, stop, write }
}
