/** What is looked for on the hub. It is asked when a person asks, and never otherwise. */
import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import type { HubDataset, HubFound, HubKind, HubModel } from '../../src-shared/records/hub'
import { errorText, type Result } from '../../src-shared/result'
import { useApi } from '../api'

export const useHub = defineStore('hub', () => {
  const api = useApi()
  const { problem, isAsking, answerTo, forgetQuestion } = useQuestion()
  const isOpen = ref(false)
  const found = shallowRef<readonly HubFound[]>()
  const model = shallowRef<HubModel>()
  const dataset = shallowRef<HubDataset>()

  function forget(): void {
    model.value = undefined
    dataset.value = undefined
  }
  function open(): void {
    forgetQuestion()
    found.value = undefined
    forget()
    isOpen.value = true
  }
  async function search(kind: HubKind, words: string): Promise<void> {
    forget()
    found.value = await answerTo(api.call('hub.search', { kind, words }))
  }
  async function look(kind: HubKind, address: string): Promise<void> {
    forget()
    if (kind === 'models') model.value = await answerTo(api.call('hub.model', { address }))
    else dataset.value = await answerTo(api.call('hub.dataset', { address }))
  }
  return { isOpen, found, model, dataset, problem, isAsking, open, search, look }
})

/** The answer to the newest question; those before it count no more. */
function useQuestion() {
  const problem = ref<string>()
  const isAsking = ref(false)
  let asked = 0

  async function answerTo<T>(question: Promise<Result<T>>): Promise<T | undefined> {
    const own = ++asked
    problem.value = undefined
    isAsking.value = true
    const answer = await question
    if (own !== asked) return undefined
    isAsking.value = false
    if (!answer.ok) problem.value = errorText(answer.error)
    return answer.ok ? answer.value : undefined
  }
  function forgetQuestion(): void {
    asked++
    isAsking.value = false
    problem.value = undefined
  }
  return { problem, isAsking, answerTo, forgetQuestion }
}
