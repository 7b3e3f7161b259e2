/** What a person chose in Compare, as it survives a reload. */
import { shallowRef, watch, type ShallowRef } from 'vue'
import { weightFormats, type WeightFormat } from '../../../src-shared/records/sample'
import { samplingNames } from '../../../src-shared/sampling'
import type { Prompt } from '../../../src-shared/records/turn'
import { flagIn, textIn, useKept } from '../../composables/kept'
import { plainSampling, type SamplingTexts } from '../sampling'
import { sideNames, type ChosenSides } from './side-names'

export const useChosenSides = () => useKept<ChosenSides>('compare-sides', {}, sidesIn)
export const useChosenBlindness = () => useKept('compare-blind', false, flagIn)
export const useChosenHeat = () => useKept('compare-heat', false, flagIn)
export const useChosenSampling = () => useKept<SamplingTexts>('compare-sampling', plainSampling, samplingIn)
export const useChosenWeights = () => useKept<WeightFormat>('compare-weights', 'as-they-are', weightsIn)

/** A text is kept; a conversation is of the dataset it came from. */
export function useChosenPrompt(): ShallowRef<Prompt> {
  const kept = useKept('compare-prompt', '', textIn)
  // sent as it is: a reactive object cannot cross to main
  const prompt = shallowRef<Prompt>(kept.value)
  watch(prompt, (now) => {
    kept.value = typeof now === 'string' ? now : ''
  })
  return prompt
}

function sidesIn(kept: unknown): ChosenSides {
  const said = fieldsIn(kept)
  return Object.fromEntries(sideNames.flatMap((name) => entryIn(said, name)))
}

/** A field that came later is as usual. */
const samplingIn = (kept: unknown): SamplingTexts => {
  const said = fieldsIn(kept)
  return { ...plainSampling, ...Object.fromEntries(samplingNames.flatMap((name) => entryIn(said, name))) }
}

const weightsIn = (kept: unknown): WeightFormat | undefined => weightFormats.find((each) => each === kept)

const fieldsIn = (kept: unknown): Readonly<Record<string, unknown>> =>
  typeof kept === 'object' && kept !== null ? { ...kept } : {}

const entryIn = (said: Readonly<Record<string, unknown>>, name: string): readonly [string, string][] => {
  const text = textIn(said[name])
  return text === undefined ? [] : [[name, text]]
}
