/** The plans, as main says they stand. */
import { defineStore } from 'pinia'
import { onScopeDispose, ref } from 'vue'
import type { Plan } from '../../src-shared/records/plan'
import { errorText } from '../../src-shared/result'
import { useApi } from '../api'
import { follow } from './following'

type Act = 'plans.stop' | 'plans.resume' | 'plans.enough' | 'plans.remove'

export const usePlans = defineStore('plans', () => {
  const api = useApi()
  const all = ref<readonly Plan[]>([])
  const isLoaded = ref(false)
  const unfollow = follow(api, 'plans.changes', {
    input: () => ({}),
    onItem(plans) {
      all.value = plans
      isLoaded.value = true
    },
  })
  onScopeDispose(unfollow)

  /** @returns what went wrong, in words */
  async function act(name: Act, planId: string): Promise<string | undefined> {
    const answer = await api.call(name, { planId })
    return answer.ok ? undefined : errorText(answer.error)
  }
  return { all, isLoaded, act }
})
