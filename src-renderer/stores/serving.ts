/** Whether the studio serves checkpoints to other programs. */
import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import type { Serving } from '../../src-shared/records/chat'
import { errorText } from '../../src-shared/result'
import { useApi } from '../api'

export const useServing = defineStore('serving', () => {
  const api = useApi()
  const state = shallowRef<Serving>()

  /** @returns what went wrong, in words */
  async function ask(name: 'serving.state' | 'serving.start' | 'serving.stop'): Promise<string | undefined> {
    const answer = await api.call(name, {})
    if (!answer.ok) return errorText(answer.error)
    state.value = answer.value
    return undefined
  }

  return {
    state,
    load: () => ask('serving.state'),
    start: () => ask('serving.start'),
    stop: () => ask('serving.stop'),
  }
})
