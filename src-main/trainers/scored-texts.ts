/** Texts for a reward model that is trained: as it reads them, and how many did not fit. */
import type { RewardModel } from '../model/model'
import { readText, type ReadText } from '../model/reading'

/** Prompts and their completions as the model reads them, and how many did not fit. */
export function readTexts(
  { config, tokenizer }: RewardModel,
  texts: readonly { readonly prompt: string; readonly completion: string }[],
  readPrompt: boolean,
): { readonly read: readonly ReadText[]; readonly cut: number } {
  const read = texts.map(({ prompt, completion }) =>
    readText(config, tokenizer, { prompt, completion, hasEnded: true }, readPrompt),
  )
  return { read, cut: read.filter(({ isCut }) => isCut).length }
}

/** Tokens of the longest. */
export const longestText = (texts: readonly ReadText[]): number =>
  texts.reduce((most, { ids }) => Math.max(most, ids.length), 1)
