/** A run that waits for a person: what it asks, and the answers that are given. */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef, watch } from 'vue'
import type { LiveAsking } from '../../src-shared/records/live'
import { errorText, type Result } from '../../src-shared/result'
import { useApi } from '../api'
import { useRuns } from './runs'

export const useLive = defineStore('live', () => {
  const api = useApi()
  const runs = useRuns()
  const runId = ref<string>()
  const asking = shallowRef<LiveAsking>()
  const problem = ref<string>()

  const run = computed(() => (runId.value === undefined ? undefined : runs.byId.get(runId.value)))
  /** All that wait, whoever looks at them. */
  const waiting = computed(() => runs.all.filter(({ waits }) => waits !== undefined))
  const question = computed(() => asking.value?.questions.find(({ answer }) => answer === undefined))
  const given = computed(() => asking.value?.questions.filter(({ answer }) => answer !== undefined) ?? [])

  async function take(answer: Promise<Result<LiveAsking>>): Promise<void> {
    const found = await answer
    problem.value = found.ok ? undefined : errorText(found.error)
    if (found.ok && found.value.runId === runId.value) asking.value = found.value
  }
  const read = async (): Promise<void> => {
    if (runId.value !== undefined) await take(api.call('live.questions', { runId: runId.value }))
  }
  /** Another window may have answered, or another rollout begun. */
  watch(() => [runId.value, run.value?.waits?.given, run.value?.waits?.sinceMs], read)

  function open(id: string | undefined): void {
    runId.value = id
    asking.value = undefined
  }
  async function answer(value: number): Promise<void> {
    const [id, asked] = [runId.value, question.value]
    if (id !== undefined && asked)
      await take(api.call('live.answer', { runId: id, questionId: asked.id, answer: value }))
  }
  async function undo(): Promise<void> {
    if (runId.value !== undefined) await take(api.call('live.undo', { runId: runId.value }))
  }
  return { run, waiting, asking, question, given, problem, open, answer, undo }
})
