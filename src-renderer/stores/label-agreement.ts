/** How people and reward models agree in the open queue: asked for when it opens, and again while it grows. */
import { shallowRef, watch, type Ref } from 'vue'
import type { LabelAgreement } from '../../src-shared/records/agreement'
import type { LabelProgress } from '../../src-shared/records/comparison'
import type { Api } from '../../src-shared/wire'

/** It looks at everything that was said, so it is asked once in so many judgments. */
const everyJudgments = 5
/** What a reward model reads meanwhile is there some time later. */
const againMs = 3000

interface Open {
  readonly queueId: Ref<string | undefined>
  readonly progress: Ref<LabelProgress | undefined>
}

export function useAgreement(api: Api, { queueId, progress }: Open): Ref<LabelAgreement | undefined> {
  const agreement = shallowRef<LabelAgreement>()
  /** Whoever may not see it is not refused again and again. */
  let isRefused = false

  async function ask(): Promise<void> {
    const id = queueId.value
    if (id === undefined || progress.value === undefined || isRefused) return
    const answer = await api.call('labels.agreement', { queueId: id })
    isRefused = !answer.ok && answer.error.kind === 'refused'
    if (id !== queueId.value || !answer.ok) return
    agreement.value = answer.value
    if (answer.value.models.some(({ waiting, problem }) => waiting > 0 && problem === undefined))
      setTimeout(() => void ask(), againMs)
  }

  watch(queueId, () => {
    agreement.value = undefined
  })
  watch(
    () =>
      progress.value === undefined
        ? undefined
        : `${queueId.value} ${Math.floor(progress.value.judged / everyJudgments)}`,
    () => void ask(),
  )
  return agreement
}
