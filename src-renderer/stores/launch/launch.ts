/**
 * The launch form: one draft a recipe, checked as it is filled in. Nothing starts while there is a problem.
 */
import { defineStore } from 'pinia'
import { computed, onScopeDispose, reactive, ref, watch } from 'vue'
import type { ModelKind } from '../../../src-shared/records/checkpoint'
import type { Dataset } from '../../../src-shared/records/dataset'
import type { Device } from '../../../src-shared/records/device'
import type { RecipeName, Run, RunNeeds } from '../../../src-shared/records/run'
import { errorText, type FieldProblem, type StudioError } from '../../../src-shared/result'
import { recipeNames } from '../../../src-shared/records/run'
import type { Preset } from '../../../src-shared/recipes/recipe'
import { recipes } from '../../../src-shared/recipes/recipes'
import { useApi } from '../../api'
import { draftOf, emptyDraft, presetOf, settingsOf, textsOf, type Draft } from './draft'

/** Main is asked this long after the last key. */
const checkAfterMs = 200

export const useLaunch = defineStore('launch', () => {
  const api = useApi()
  const recipe = ref<RecipeName>('pretrain')
  const drafts = reactive(
    Object.fromEntries(recipeNames.map((name) => [name, emptyDraft(name)])) as Record<RecipeName, Draft>,
  )
  const devices = ref<readonly Device[]>()
  const deviceId = ref<string>()
  /** All there are, unless said. */
  const threads = ref<number>()
  const found = ref<readonly FieldProblem[]>([])
  const isChecked = ref(false)
  /** What the run would take of the memory, once it has no other problem. */
  const needs = ref<RunNeeds>()
  const isStarting = ref(false)
  /** Why the last start was refused, where it belongs to no field. */
  const failure = ref<string>()
  /** Whether a start was tried: what is merely missing is then said in red. */
  const hasTried = ref(false)

  const draft = computed(() => drafts[recipe.value])
  const parsed = computed(() => settingsOf(draft.value))
  /** What the form can say at once, then what only main knows. */
  const problems = computed(() => [
    ...parsed.value.problems,
    ...[...found.value, ...(needs.value?.problems ?? [])].filter(
      (problem) => !parsed.value.problems.some((own) => own.field === problem.field),
    ),
  ])
  const preset = computed(() => presetOf(draft.value))
  const request = computed(() => ({
    recipe: recipe.value,
    settings: parsed.value.settings,
    inputs: mutable(draft.value.inputs),
    ...(draft.value.name.trim() !== '' && { name: draft.value.name.trim() }),
    ...(deviceId.value !== undefined && { device: deviceId.value }),
    ...(threads.value !== undefined && { threads: threads.value }),
  }))

  let timer: ReturnType<typeof setTimeout> | undefined
  let checks = 0
  watch(
    request,
    () => {
      isChecked.value = false
      needs.value = undefined
      clearTimeout(timer)
      timer = setTimeout(() => void check(), checkAfterMs)
    },
    { immediate: true },
  )
  onScopeDispose(() => clearTimeout(timer))
  void loadDevices()

  async function check(): Promise<void> {
    const mine = ++checks
    const sent = request.value
    if (parsed.value.problems.length > 0) {
      found.value = inputProblems(sent.recipe, found.value)
      return
    }
    const answer = await api.call('runs.check', sent)
    if (mine !== checks || sent !== request.value) return
    if (answer.ok) {
      found.value = answer.value
      failure.value = undefined
    } else refuse(answer.error)
    isChecked.value = answer.ok
    if (!answer.ok || answer.value.length > 0) return
    const needed = await api.call('runs.needs', sent)
    if (mine === checks && sent === request.value && needed.ok) needs.value = needed.value
  }

  function refuse(error: StudioError): void {
    if (error.kind === 'refused-settings') found.value = error.problems
    else if (error.kind === 'invalid-input')
      found.value = [{ field: error.field.split('.').at(-1) ?? error.field, problem: error.problem }]
    else failure.value = errorText(error)
  }

  async function loadDevices(): Promise<void> {
    const answer = await api.call('devices.list', {})
    if (answer.ok) devices.value = answer.value
  }

  const change = (changes: Partial<Draft>): void => {
    drafts[recipe.value] = { ...draft.value, ...changes }
  }

  function choose(name: RecipeName): void {
    if (name === recipe.value) return
    recipe.value = name
    found.value = []
    failure.value = undefined
    hasTried.value = false
  }

  /** Its threads are its own. */
  function chooseDevice(id: string): void {
    deviceId.value = id
    threads.value = undefined
  }

  /** Puts a dataset into the recipe that trains on its kind. */
  function useDataset(dataset: Dataset): void {
    const name = (
      {
        text: 'pretrain',
        labelled: 'sft',
        demonstrations: 'sft',
        preferences: 'reward',
        prompts: 'ppo',
      } as const
    )[dataset.kind]
    const input = Object.entries(recipes[name].inputs).find(
      ([, row]) => row.type === 'dataset' && row.kinds.includes(dataset.kind),
    )
    choose(name)
    if (input) change({ inputs: { ...draft.value.inputs, [input[0]]: [dataset.id] } })
  }

  /** Starts from a checkpoint: a language model is fine-tuned, a reward model scores in PPO. */
  function useCheckpoint(checkpointId: string, kind: ModelKind): void {
    choose(kind === 'language-model' ? 'sft' : 'ppo')
    change({
      inputs: {
        ...draft.value.inputs,
        [kind === 'language-model' ? 'policy' : 'rewardModel']: [checkpointId],
      },
    })
  }

  /** Puts its settings in, and the datasets that come with the program for it. */
  async function applyPreset({ settings, datasets = {} }: Preset): Promise<void> {
    const name = recipe.value
    change({ texts: textsOf(name, settings) })
    for (const [input, fileName] of Object.entries(datasets)) {
      const answer = await api.call('datasets.bundled', { fileName })
      if (answer.ok)
        drafts[name] = { ...drafts[name], inputs: { ...drafts[name].inputs, [input]: [answer.value.id] } }
      else refuse(answer.error)
    }
  }

  function fork(run: Run): void {
    choose(run.recipe)
    drafts[run.recipe] = draftOf(run)
  }

  /**
   * @returns the run that was started or queued; undefined when it was refused, with the reasons at their
   *   fields
   */
  async function start(): Promise<Run | undefined> {
    hasTried.value = true
    if (isStarting.value || parsed.value.problems.length > 0) return undefined
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

  return {
    recipe,
    draft,
    problems,
    needs,
    preset,
    devices,
    deviceId,
    threads,
    isChecked,
    isStarting,
    failure,
    hasTried,
    choose,
    chooseDevice,
    change,
    fork,
    useDataset,
    useCheckpoint,
    start,
    setText: (field: string, text: string) => change({ texts: { ...draft.value.texts, [field]: text } }),
    setInput: (input: string, ids: readonly string[]) =>
      change({ inputs: { ...draft.value.inputs, [input]: ids } }),
    applyPreset,
  }
})

const mutable = (inputs: Readonly<Record<string, readonly string[]>>): Record<string, string[]> =>
  Object.fromEntries(
    Object.entries(inputs)
      .filter(([, ids]) => ids.length > 0)
      .map(([name, ids]) => [name, [...ids]]),
  )

/** While a setting is refused here main is not asked; what it said of the inputs still holds. */
const inputProblems = (recipe: RecipeName, problems: readonly FieldProblem[]): readonly FieldProblem[] =>
  problems.filter((problem) => Object.hasOwn(recipes[recipe].inputs, problem.field))
