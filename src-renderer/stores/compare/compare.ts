/** Two checkpoints writing on from one prompt with one seed, side by side. */
import { defineStore } from 'pinia'
import { computed } from 'vue'
import { useApi } from '../../api'
import { parseSampling, type SamplingTexts } from '../sampling'
import { useChosenHeat, useChosenPrompt, useChosenSampling, useChosenWeights } from './choices'
import { useMadeComparison } from './made-comparison'
import { usePromptList } from './prompts'
import { type SideName } from './side-names'
import { useSides } from './sides'
import { useWriting } from './writing'

export const useCompare = defineStore('compare', () => {
  const api = useApi()
  const pair = useSides()
  const { sides, shown, blind, canCompare } = pair
  const form = useForm(sides)
  const writing = useWriting(api, pair, form.input)
  const { forgetMade, ...making } = useMadeComparison(api, pair)
  const list = usePromptList(api)

  async function generate(): Promise<void> {
    if (form.canGenerate.value) forgetMade()
    await writing.write()
  }

  function pick(name: SideName, checkpointId: string | undefined): void {
    writing.stop()
    pair.put(name, checkpointId)
    forgetMade()
  }

  function swap(): void {
    if (!writing.isWriting.value) pair.exchange()
  }

  async function loadPrompts(datasetId: string): Promise<string | undefined> {
    const problem = await list.load(datasetId)
    if (problem === undefined) nextPrompt()
    return problem
  }

  function nextPrompt(): void {
    const next = list.after(form.prompt.value)
    if (next === undefined) return
    writing.stop()
    form.prompt.value = next
  }

  const { failure, isWriting, stop } = writing
  /** Where the prompt stands among those of its dataset, from 1; 0 when it is another. */
  const promptPlace = computed(() => list.indexOf(form.prompt.value) + 1)
  const screen = { sides, shown, canCompare, failure, isWriting, prompts: list.prompts, promptPlace }
  return { ...screen, ...form, ...blind, ...making, generate, stop, pick, swap, loadPrompts, nextPrompt }
})

/** What is written on from, and how, as typed. */
function useForm(sides: Record<SideName, { readonly checkpointId: string | undefined }>) {
  const prompt = useChosenPrompt()
  const texts = useChosenSampling()
  const weights = useChosenWeights()
  /** Whether each token is to show how likely it was: told only where that is asked for. */
  const isHeat = useChosenHeat()
  const parsed = computed(() => parseSampling(texts.value))
  const input = computed(() => {
    const { sampling } = parsed.value
    const [left, right] = [sides.left.checkpointId, sides.right.checkpointId]
    if (!sampling || left === undefined) return undefined
    return {
      prompt: prompt.value,
      leftCheckpointId: left,
      sampling,
      weights: weights.value,
      ...(isHeat.value && { withChances: true }),
      ...(right !== undefined && { rightCheckpointId: right }),
    }
  })

  function setText(name: keyof SamplingTexts, text: string): void {
    texts.value = { ...texts.value, [name]: text }
  }

  return {
    prompt,
    texts,
    weights,
    isHeat,
    input,
    problems: computed(() => parsed.value.problems),
    canGenerate: computed(() => input.value !== undefined),
    setText,
  }
}
