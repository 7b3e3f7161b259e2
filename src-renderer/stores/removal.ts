/** Asked before a person is: what keeps a thing from being deleted. */
import { defineStore } from 'pinia'
import { ref } from 'vue'
import type { CallInput } from '../../src-shared/contract'
import { errorText } from '../../src-shared/result'
import { useApi } from '../api'
import { useToasts } from './toasts'

type Asked = CallInput<'registry.users'>

export const useRemoval = defineStore('removal', () => {
  const api = useApi()
  const toasts = useToasts()
  const keptBy = ref<string>()

  /** @returns whether there is something to say: that it is kept, or how much is lost */
  async function ask(what: Asked['what'], id: string): Promise<boolean> {
    const answer = await api.call('registry.users', { what, id })
    if (answer.ok) keptBy.value = answer.value.by
    else toasts.show(errorText(answer.error), { isFailure: true })
    return answer.ok
  }
  return { keptBy, ask }
})
