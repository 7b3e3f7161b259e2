/** The part of the launch form that tries several settings: what is written there, and what it would make. */
import { defineStore } from 'pinia'
import { computed, onScopeDispose, ref, watch } from 'vue'
import { recipeOf } from '../../../src-shared/recipes/recipes'
import { errorText } from '../../../src-shared/result'
import type { Sweep } from '../../../src-shared/records/sweep'
import { axisFrom } from '../../../src-shared/sweeps/axis-text'
import { usualOthers, type SweepAxis, type SweepPlan } from '../../../src-shared/sweeps/plan'
import { useApi } from '../../api'
import { useLaunch } from './launch'

export interface AxisText {
  readonly setting: string
  readonly text: string
}

/** Main is asked this long after the last key. */
const checkAfterMs = 200

export const useSweepForm = defineStore('sweep-form', () => {
  const api = useApi()
  const launch = useLaunch()
  const written = useWritten()
  const { plan } = written
  const failure = ref<string>()
  const isStarting = ref(false)
  /** How many runs it would make; undefined while that is not known. */
  const runs = ref<number>()

  let timer: ReturnType<typeof setTimeout> | undefined
  watch([plan, () => launch.request], () => {
    runs.value = undefined
    failure.value = undefined
    clearTimeout(timer)
    timer = setTimeout(() => void check(), checkAfterMs)
  })
  onScopeDispose(() => clearTimeout(timer))

  async function check(): Promise<void> {
    const { value: asked } = plan
    if (!asked || 'problem' in asked) return
    const answer = await api.call('sweeps.check', { ...launch.request, plan: asked })
    if (plan.value !== asked) return
    if (!answer.ok) return void (failure.value = errorText(answer.error))
    const [problem] = answer.value.problems
    if (problem) failure.value = `${problem.field} ${problem.problem}`
    else runs.value = answer.value.tries.length
  }

  /** @returns the sweep; undefined where it was refused, with the reason beside the form */
  async function start(): Promise<Sweep | undefined> {
    const { value: asked } = plan
    if (!asked || 'problem' in asked || isStarting.value) return undefined
    isStarting.value = true
    const answer = await api.call('sweeps.launch', { ...launch.request, plan: asked })
    isStarting.value = false
    if (!answer.ok) return void (failure.value = errorText(answer.error))
    written.clear() // whoever comes back forks one run, and would queue all of them again
    return answer.value
  }

  const problem = computed(() => (plan.value && 'problem' in plan.value ? plan.value.problem : failure.value))
  return { ...written, problem, runs, isStarting, start }
})

/** What is written, and the plan that it makes. */
function useWritten() {
  const launch = useLaunch()
  const axes = ref<readonly AxisText[]>([])
  /** So many runs at random; empty for the grid of all. */
  const random = ref('')
  const seed = ref('0')
  /** The update from which on runs are stopped early; empty for never. */
  const stopAfter = ref('')
  const clear = (): void => void (axes.value = [])
  watch(() => launch.recipe, clear)

  const plan = computed<SweepPlan | { readonly problem: string } | undefined>(() => {
    if (axes.value.length === 0) return undefined
    const { fields } = recipeOf(launch.recipe)
    const read = axes.value.map(({ setting, text }) => {
      const field = fields[setting]
      return field ? axisFrom(setting, field, text) : { problem: 'is not a setting of this recipe' }
    })
    const wrong = read.findIndex((each) => 'problem' in each)
    const found = read[wrong]
    if (found && 'problem' in found) return { problem: `${axes.value[wrong]?.setting} ${found.problem}` }
    const numbers = [random.value, seed.value, stopAfter.value].map((text) => Number(text))
    if (numbers.some((value) => !Number.isInteger(value) || value < 0))
      return { problem: 'Runs, seed and update must be whole numbers.' }
    const [count = 0, drawSeed = 0, afterStep = 0] = numbers
    return {
      axes: read as readonly SweepAxis[],
      draw: random.value.trim() === '' ? { by: 'grid' } : { by: 'random', runs: count, seed: drawSeed },
      ...(stopAfter.value.trim() !== '' && { stopping: { afterStep, leastOthers: usualOthers } }),
    }
  })

  const add = (setting: string): void => void (axes.value = [...axes.value, { setting, text: '' }])
  const remove = (setting: string): void =>
    void (axes.value = axes.value.filter((each) => each.setting !== setting))
  function write(setting: string, text: string): void {
    axes.value = axes.value.map((each) => (each.setting === setting ? { setting, text } : each))
  }
  return { axes, random, seed, stopAfter, plan, add, remove, write, clear }
}
