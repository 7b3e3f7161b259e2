/** The form of a new plan: what the whole chain begins with, and how much people are asked. */
import { defineStore } from 'pinia'
import { computed, reactive, ref, watch } from 'vue'
import type { SettingsValues } from '../../src-shared/fields'
import { chainOf, chainPolicies, chainRuns, type ChainRun } from '../../src-shared/plan-chain'
import { recipeOf, recipeNames, type RecipeName } from '../../src-shared/recipes/recipes'
import type { Plan } from '../../src-shared/records/plan'
import { errorText } from '../../src-shared/result'
import { useApi } from '../api'
import { sourceInputs } from './launch/options'
import { useCheckpoints } from './checkpoints'
import { useDatasets } from './datasets'
import { useWritingSources } from './writing-sources'

/** Presets are chosen by name; without one a run has the recipe's own settings. */
export interface ChainStepChoice {
  readonly name: ChainRun
  readonly title: string
  readonly preset: string
  readonly presets: readonly string[]
}

export const usePlanDraft = defineStore('plan-draft', () => {
  const api = useApi()
  const { texts, chosen, policy, presets, choose, ...writing } = useChosen()
  const { steps, wish } = useChain({ texts, chosen, policy, presets })
  const problem = ref<string>()
  const isStarting = ref(false)
  watch([texts, chosen, policy, presets], () => (problem.value = undefined))
  const isNumberWrong = (text: string): boolean => !/^\s*\d{1,6}\s*$/.test(text)

  /** @returns the plan; undefined where it was refused, with the reason beside the form */
  async function start(): Promise<Plan | undefined> {
    if (isStarting.value) return undefined
    if ([texts.judgments, texts.verdicts].some(isNumberWrong))
      return void (problem.value = 'Judgments and verdicts must be whole numbers, 0 for none.')
    isStarting.value = true
    const name = texts.name.trim()
    const answer = await api.call('plans.start', { steps: chainOf(wish.value), ...(name && { name }) })
    isStarting.value = false
    if (!answer.ok) return void (problem.value = errorText(answer.error))
    texts.name = ''
    return answer.value
  }
  const sources = { ...writing, ...useChainData() }
  return { texts, chosen, choose, policy, presets, steps, problem, isStarting, start, ...sources }
})

/** What stands in the form. */
function useChosen() {
  const { writers, prompts, writerOptions, promptOptions } = useWritingSources()
  const texts = reactive({ name: '', judgments: '50', verdicts: '50' })
  const chosen = reactive({ from: '', prompts: '', demonstrations: noIds, pairs: noIds })
  const policy = ref<RecipeName>('ppo')
  const presets = reactive<Record<ChainRun, string>>({ sft: '', reward: '', policy: '' })
  watch(policy, () => (presets.policy = ''))
  // what was chosen may be gone, and at first nothing is: the first of each list is taken
  watch(
    [writers, prompts],
    () => {
      chosen.from = kept(chosen.from, writers.value)
      chosen.prompts = kept(chosen.prompts, prompts.value)
    },
    { immediate: true },
  )
  function choose(source: keyof typeof chosen, ids: readonly string[]): void {
    if (source === 'from' || source === 'prompts') chosen[source] = ids[0] ?? ''
    else chosen[source] = ids
  }
  return { texts, chosen, policy, presets, choose, writerOptions, promptOptions }
}

type Chosen = Pick<ReturnType<typeof useChosen>, 'texts' | 'chosen' | 'policy' | 'presets'>

/** The runs that it would make, and what is asked for. */
function useChain({ texts, chosen, policy, presets }: Chosen) {
  const recipeFor = (run: ChainRun): RecipeName => (run === 'policy' ? policy.value : run)
  const isWanted = (run: ChainRun): boolean => run !== 'sft' || chosen.demonstrations.length > 0
  const steps = computed<readonly ChainStepChoice[]>(() =>
    chainRuns.filter(isWanted).map((name) => ({
      name,
      title: recipeOf(recipeFor(name)).title,
      preset: presets[name],
      presets: usablePresets(recipeFor(name)).map((each) => each.name),
    })),
  )
  const settingsOf = (run: ChainRun): SettingsValues =>
    usablePresets(recipeFor(run)).find(({ name }) => name === presets[run])?.settings ?? {}
  const wish = computed(() => ({
    ...{ from: chosen.from, prompts: chosen.prompts, policy: policy.value },
    ...{ demonstrations: chosen.demonstrations, pairs: chosen.pairs },
    ...{ judgments: Number(texts.judgments), verdicts: Number(texts.verdicts) },
    settings: Object.fromEntries(chainRuns.map((run) => [run, settingsOf(run)])),
  }))
  return { steps, wish }
}

const noIds: readonly string[] = []

/** What SFT and the reward model of the chain can be made from. */
function useChainData() {
  const datasets = useDatasets()
  const checkpoints = useCheckpoints()
  const optionsOf = (recipe: RecipeName, input: string) =>
    sourceInputs(recipe, datasets.list, checkpoints.all).find(({ name }) => name === input)?.options ?? []
  return {
    demonstrationOptions: computed(() => optionsOf('sft', 'demonstrations')),
    pairOptions: computed(() => optionsOf('reward', 'pairs')),
    policies: recipeNames.filter((name) => chainPolicies.includes(name)).map(recipeOf),
  }
}

/** A preset that brings its own datasets is for other inputs than the chain has. */
const usablePresets = (recipe: RecipeName) => recipeOf(recipe).presets.filter(({ datasets }) => !datasets)

const kept = (id: string, all: readonly { readonly id: string }[]): string =>
  all.some((each) => each.id === id) ? id : (all[0]?.id ?? '')
