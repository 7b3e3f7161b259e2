/** Judging: the queues there are, and the open one with its progress and its comparisons. */
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import type { CallInput } from '../../src-shared/contract'
import type { LabelQueue } from '../../src-shared/records/comparison'
import type { JudgmentFormat } from '../../src-shared/records/labelling'
import { errorText, type StudioError } from '../../src-shared/result'
import { useApi } from '../api'
import { useAgreement } from './label-agreement'
import { useOpenQueue } from './open-queue'

export const useLabels = defineStore('labels', () => {
  const api = useApi()
  const open = useOpenQueue(api)
  const queues = ref<readonly LabelQueue[]>([])
  const isLoaded = ref(false)
  const queue = computed(() => queues.value.find(({ id }) => id === open.queueId.value))

  async function load(): Promise<void> {
    const answer = await api.call('labels.queues', {})
    if (answer.ok) queues.value = answer.value
    else open.problem.value = errorText(answer.error)
    isLoaded.value = true
  }

  /** @returns what main refused */
  async function create(input: CallInput<'labels.create'>): Promise<StudioError | undefined> {
    const answer = await api.call('labels.create', input)
    if (!answer.ok) return answer.error
    queues.value = [answer.value, ...queues.value]
    open.open(answer.value.id)
    return undefined
  }

  /** What counts here, said anew. */
  async function guide(guidance: string): Promise<void> {
    const id = open.queueId.value
    if (id === undefined) return
    const answer = await api.call('labels.guide', { queueId: id, guidance })
    if (!answer.ok) open.problem.value = errorText(answer.error)
    else queues.value = queues.value.map((one) => (one.id === id ? answer.value : one))
  }
  /** @returns all judgments of the open queue as the text of a file */
  async function judgmentsAs(format: JudgmentFormat): Promise<string | undefined> {
    const id = open.queueId.value
    if (id === undefined) return undefined
    const answer = await api.call('labels.export', { queueId: id, format })
    if (answer.ok) return answer.value.text
    open.problem.value = errorText(answer.error)
    return undefined
  }

  const agreement = useAgreement(api, open)
  return { ...open, queues, isLoaded, queue, agreement, load, create, guide, judgmentsAs }
})
