/** The rows of a run as TRL reads them, in the order in which the run would. */
import type { SettingsValues } from '../../src-shared/fields'
import type { Demonstration, PreferencePair } from '../data/training-data'
import type { Parts } from '../data/writing/form'
import type { LanguageModel } from '../model/model'
import { splitHeldOut, type Sameness } from '../trainers/held-out'
import { indicesOf, updatesOf } from '../trainers/order'
import { rowOf } from '../trainers/rows'
import { samePairs, sameRows } from '../trainers/sameness'
import type { Given } from '../trainers/trainer-row'
import type { TrlData } from './trl-row'

export function demonstrationData(given: Given, settings: SettingsValues, model: LanguageModel): TrlData {
  const { config, tokenizer } = model
  const label = settings['label'] as 'all' | '0' | '1'
  const read = given.demonstrations('demonstrations', label).map((parts) => ({
    parts: settings['trainOn'] === 'completion' ? parts : wholeText(parts),
    ...rowOf(tokenizer, parts, config.contextTokens, settings['turns'] === 'last' ? 'last' : 'all'),
  }))
  return inOrder(read, settings, 'batchExamples', sameRows)
}

/**
 * All of it is learned, as the completion of nothing. As a text by itself TRL would count the token that begins it,
 * which nothing predicts, and its losses would be smaller by that.
 */
const wholeText = ({ prompt, completion }: Demonstration): Parts =>
  typeof prompt === 'string' && typeof completion === 'string'
    ? { prompt: '', completion: prompt + completion }
    : { prompt, completion }

export function pairData(
  given: Given,
  settings: SettingsValues,
  { config, tokenizer }: LanguageModel,
): TrlData {
  const read = given.preferencePairs('pairs').map((pair) => {
    const { prompt, chosen, rejected, margin } = pair
    const row = (completion: PreferencePair['chosen']) =>
      rowOf(tokenizer, { prompt, completion }, config.contextTokens)
    const parts: Parts = { prompt, completion: chosen, rejected }
    return { parts, margin, chosen: row(chosen), rejected: row(rejected) }
  })
  const different = read.filter(({ chosen, rejected }) => chosen.ids.join() !== rejected.ids.join())
  return inOrder(different, settings, 'batchPairs', samePairs)
}

/** Good and bad texts; of a pair the chosen is good. */
export function ratedData(given: Given, settings: SettingsValues, model: LanguageModel): TrlData {
  const goodFrom = Number(settings['goodFrom'])
  const rated = given
    .ratedTexts('examples')
    .map(({ prompt, completion, rating }) => ({ prompt, completion, label: rating >= goodFrom ? 1 : 0 }))
  const different = given.preferencePairs('examples').filter(({ chosen, rejected }) => chosen !== rejected)
  const paired = different.flatMap(({ prompt, chosen, rejected }) => [
    { prompt, completion: chosen, label: 1 },
    { prompt, completion: rejected, label: 0 },
  ])
  const read = [...rated, ...paired].map((parts) => ({
    parts,
    ...rowOf(model.tokenizer, parts, model.config.contextTokens),
  }))
  return inOrder(read, settings, 'batchExamples', sameRows)
}

export const promptData = (given: Given): TrlData => ({
  trained: given.prompts('prompts').map((prompt) => ({ prompt })),
  heldOut: [],
  order: [],
})

/** Held out and ordered as the trainers do it. */
function inOrder<T extends { readonly parts: Parts; readonly margin?: number }>(
  read: readonly T[],
  settings: SettingsValues,
  batchSetting: string,
  same: Sameness<T>,
): TrlData {
  const seed = Number(settings['seed'])
  const { trained, heldOut } = splitHeldOut(read, Number(settings['heldOutFraction']), seed, same)
  const size = Math.min(Number(settings[batchSetting]), trained.length)
  const epochs = Number(settings['epochs'])
  const steps = Array.from({ length: updatesOf(trained.length, size, epochs) }, (_, step) => step)
  return {
    trained: trained.map(({ parts }) => parts),
    heldOut: heldOut.map(({ parts }) => parts),
    order: steps.flatMap((step) => indicesOf(trained.length, size, step, seed, epochs)),
    margins: trained.map(({ margin }) => margin ?? 1),
  }
}
