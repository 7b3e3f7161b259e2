/**
 * The launch form: one draft a recipe, checked as it is filled in. Nothing starts while there is a problem.
 */
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import type { Run, RunInputs } from '../../../src-shared/records/run'
import type { RecipeName } from '../../../src-shared/recipes/recipes'
import { useApi } from '../../api'
import { useBeginnings } from './beginnings'
import { useCheck, type LaunchRequest } from './check'
import { useDeviceChoice, type DeviceChoice } from './device-choice'
import { presetOf, settingsOf } from './draft'
import { useDrafts, type Drafts } from './drafts'

export const useLaunch = defineStore('launch', () => {
  const api = useApi()
  const drafts = useDrafts()
  const { recipe, draft, change, setText, setInput } = drafts
  const device = useDeviceChoice(api)
  const isStarting = ref(false)
  /** Whether a start was tried: what is merely missing is then said in red. */
  const hasTried = ref(false)

  const { request, ownProblems } = useRequest(drafts, device)
  const { refuse, forget, ...checked } = useCheck(api, request, ownProblems)

  function choose(name: RecipeName): void {
    if (name === recipe.value) return
    recipe.value = name
    forget()
    hasTried.value = false
  }

  /** @returns the run that was started or queued; undefined when it was refused, with the reasons at their fields */
  async function start(): Promise<Run | undefined> {
    hasTried.value = true
    if (isStarting.value || ownProblems.value.length > 0) return undefined
    isStarting.value = true
    const answer = await api.call('runs.launch', request.value)
    isStarting.value = false
    if (!answer.ok) {
      refuse(answer.error)
      return undefined
    }
    change({ name: '' })
    hasTried.value = false
    return answer.value
  }

  const preset = computed(() => presetOf(draft.value))
  const beginnings = useBeginnings(api, { drafts, choose, refuse })
  const form = { recipe, draft, preset, isStarting, hasTried, choose, change, setText, setInput, start }
  return { ...form, ...device, ...checked, ...beginnings, request }
})

/** What main is asked to start, and what the form itself can say against it. */
function useRequest({ recipe, draft }: Drafts, { deviceId, threads }: DeviceChoice) {
  const parsed = computed(() => settingsOf(draft.value))
  const request = computed<LaunchRequest>(() => ({
    recipe: recipe.value,
    settings: parsed.value.settings,
    inputs: filledInputs(draft.value.inputs),
    ...(draft.value.name.trim() !== '' && { name: draft.value.name.trim() }),
    ...(deviceId.value !== undefined && { device: deviceId.value }),
    ...(threads.value !== undefined && { threads: threads.value }),
  }))
  return { request, ownProblems: computed(() => parsed.value.problems) }
}

/** Inputs without those that nothing was chosen for, in arrays of their own: they cross to main. */
const filledInputs = (inputs: RunInputs): Record<string, string[]> =>
  Object.fromEntries(
    Object.entries(inputs)
      .filter(([, ids]) => ids.length > 0)
      .map(([name, ids]) => [name, [...ids]]),
  )
