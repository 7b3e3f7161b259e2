/** Two written sides become a comparison in a queue of Label. */
import { ref, shallowRef } from 'vue'
import type { Comparison, LabelQueue } from '../../../src-shared/records/comparison'
import { errorText } from '../../../src-shared/result'
import type { Api } from '../../../src-shared/wire'
import type { Sides } from './sides'

export function useMadeComparison(api: Api, { shown }: Pick<Sides, 'shown'>) {
  const queues = shallowRef<readonly LabelQueue[]>([])
  const made = ref<{ readonly comparison: Comparison; readonly queueId: string }>()

  async function loadQueues(): Promise<void> {
    const answer = await api.call('labels.queues', {})
    if (answer.ok) queues.value = answer.value
  }

  /** Sends the two samples' ids and nothing else. @returns what went wrong, in words */
  async function makeComparison(queueId: string): Promise<string | undefined> {
    const { left, right } = shown.value
    if (left.sampleId === undefined || right.sampleId === undefined) return 'Let both sides end first.'
    const answer = await api.call('samples.compare', {
      queueId,
      leftSampleId: left.sampleId,
      rightSampleId: right.sampleId,
    })
    if (!answer.ok) return errorText(answer.error)
    made.value = { comparison: answer.value, queueId }
    return undefined
  }

  function forgetMade(): void {
    made.value = undefined
  }

  return { queues, made, loadQueues, makeComparison, forgetMade }
}
