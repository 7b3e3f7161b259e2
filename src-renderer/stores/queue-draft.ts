/**
 * The form of a new label queue, as typed. What is wrong is said at its field, whether it was seen here or by
 * main.
 */
import { defineStore } from 'pinia'
import { computed, reactive, ref, watch } from 'vue'
import type { CallInput } from '../../src-shared/contract'
import { errorText, type StudioError } from '../../src-shared/result'
import { labelledBy, plainLabellingTexts } from './labelling-draft'
import { parseSampling, plainSampling } from './sampling'

const plainTexts = {
  ...plainSampling,
  ...plainLabellingTexts,
  name: '',
  checkpointId: '',
  promptDatasetId: '',
  goal: '100',
  guidance: 'The completion that answers the prompt better and reads as English. Length does not count.',
}
export type QueueTexts = typeof plainTexts
export type QueueProblems = Partial<Record<keyof QueueTexts, string>>
const mostGoal = 1_000_000

export const useQueueDraft = defineStore('queue-draft', () => {
  const texts = reactive({ ...plainTexts })
  const refusal = ref<StudioError>()
  watch(texts, () => {
    refusal.value = undefined
  })

  const sampling = computed(() => parseSampling(texts))
  const labelling = computed(() => labelledBy(texts))
  const goal = computed(() => (/^\s*\d+\s*$/.test(texts.goal) ? Number(texts.goal) : Number.NaN))
  const problems = computed<QueueProblems>(() => ({
    ...problemOfGoal(goal.value),
    ...sampling.value.problems,
    ...labelling.value.problems,
    ...(sampling.value.sampling?.temperature === 0 && { temperature: sameTwice }),
    ...refused(refusal.value),
  }))
  /** What main said that belongs to no field. */
  const problem = computed(() =>
    refusal.value && refusal.value.kind !== 'invalid-input' ? errorText(refusal.value) : undefined,
  )

  /**
   * What is sent to main; undefined while something is wrong.
   * @param fallbackName for a queue without a name of its own
   */
  function request(fallbackName: string): CallInput<'labels.create'> | undefined {
    if (!sampling.value.sampling || Object.keys(problems.value).length > 0) return undefined
    const { checkpointId, promptDatasetId, guidance } = texts
    return {
      name: (texts.name.trim() || fallbackName).slice(0, 120),
      checkpointId,
      promptDatasetId,
      goal: goal.value,
      guidance,
      sampling: sampling.value.sampling,
      ...(labelling.value.labelling && { labelling: labelling.value.labelling }),
    }
  }

  function refuse(error: StudioError): void {
    refusal.value = error
  }
  /** The next queue gets a name of its own; the rest is often wanted again. */
  function renew(): void {
    texts.name = ''
  }

  return { texts, problems, problem, request, refuse, renew }
})

const sameTwice = 'must be above 0: at 0 both completions of a prompt are the same'

const problemOfGoal = (goal: number): QueueProblems =>
  goal >= 1 && goal <= mostGoal ? {} : { goal: 'must be a whole number from 1 to 1,000,000' }

function refused(error: StudioError | undefined): QueueProblems {
  return error?.kind === 'invalid-input'
    ? { [error.field.replace(/^(?:sampling|labelling)\./, '')]: error.problem }
    : {}
}
