/** The form of a new arena, as typed: who meets, on which prompts, and how they are sampled. */
import { computed, reactive, ref, watch } from 'vue'
import type { CallInput } from '../../../src-shared/contract'
import { fewestContenders, mostContenders } from '../../../src-shared/records/arena'
import { plainLabelling } from '../../../src-shared/records/labelling'
import { errorText, type StudioError } from '../../../src-shared/result'
import { longPromptsInQueues } from '../../../src-shared/recipes/long-prompts'
import { samplingFields } from '../../../src-shared/sampling'
import { parseSampling, plainSampling } from '../sampling'

const plainTexts = {
  ...plainSampling,
  name: '',
  promptDatasetId: '',
  longPrompts: plainLabelling.longPrompts as string,
  otherTemperatures: '',
  goal: '100',
  guidance: 'The completion that answers the prompt better and reads as English. Length does not count.',
}
export type ArenaTexts = typeof plainTexts
export type ArenaProblems = Partial<Record<keyof ArenaTexts | 'contenders', string>>

export function useArenaForm() {
  const texts = reactive({ ...plainTexts })
  const chosen = ref<readonly string[]>([])
  const refusal = ref<StudioError>()
  watch([texts, chosen], () => {
    refusal.value = undefined
  })

  const sampling = computed(() => parseSampling(texts))
  const problems = computed<ArenaProblems>(() => ({
    ...goalProblem(texts.goal),
    ...sampling.value.problems,
    ...temperaturesProblem(others.value),
    ...contendersProblem(chosen.value.length * (1 + others.value.length)),
    ...refused(refusal.value),
  }))
  /** Each checkpoint meets itself and the others at these, too. */
  const others = computed(() => numbersIn(texts.otherTemperatures))
  const problem = computed(() =>
    refusal.value && refusal.value.kind !== 'invalid-input' ? errorText(refusal.value) : undefined,
  )

  /** What is sent to main; undefined while something is wrong. @param fallbackName for one without a name */
  function request(fallbackName: string): CallInput<'arena.create'> | undefined {
    const { sampling: settings } = sampling.value
    if (!settings || Object.keys(problems.value).length > 0) return undefined
    const { promptDatasetId, guidance, goal, name } = texts
    const temperatures = [settings.temperature, ...others.value]
    const contenders = chosen.value.flatMap((checkpointId) =>
      temperatures.map((temperature) => ({ checkpointId, sampling: { ...settings, temperature } })),
    )
    const called = (name.trim() || fallbackName).slice(0, 120)
    return { name: called, promptDatasetId, contenders, goal: Number(goal), guidance, ...chosenOf(texts) }
  }
  function choose(ids: readonly string[]): void {
    chosen.value = ids.slice(0, mostContenders)
  }
  function change(name: keyof ArenaTexts, text: string): void {
    texts[name] = text
  }

  return { texts, chosen, refusal, problems, problem, request, choose, change }
}

/** What becomes of prompts that are too long. */
function chosenOf({ longPrompts }: ArenaTexts): Pick<CallInput<'arena.create'>, 'longPrompts'> {
  const chosen = longPromptsInQueues.find((each) => each === longPrompts)
  return chosen ? { longPrompts: chosen } : {}
}

const goalProblem = (goal: string): ArenaProblems =>
  /^\s*\d+\s*$/.test(goal) && Number(goal) >= 1 && Number(goal) <= 1_000_000
    ? {}
    : { goal: 'must be a whole number from 1 to 1,000,000' }

const numbersIn = (list: string): readonly number[] =>
  list
    .split(',')
    .filter((each) => each.trim() !== '')
    .map(Number)

function temperaturesProblem(temperatures: readonly number[]): ArenaProblems {
  const { min, max } = samplingFields.temperature
  const isSound = temperatures.every((each) => each >= min && each <= max)
  return isSound ? {} : { otherTemperatures: `must be numbers between ${min} and ${max}, as in 0.5, 1` }
}

function contendersProblem(count: number): ArenaProblems {
  if (count < fewestContenders)
    return { contenders: 'Choose at least two checkpoints, or other temperatures.' }
  if (count > mostContenders)
    return { contenders: `make ${count} with the other temperatures: at most ${mostContenders} can meet` }
  return {}
}

function refused(error: StudioError | undefined): ArenaProblems {
  if (error?.kind !== 'invalid-input') return {}
  const isContender = /^(contenders|checkpointId)/.test(error.field)
  return { [isContender ? 'contenders' : error.field.replace(/^.*sampling\./, '')]: error.problem }
}
