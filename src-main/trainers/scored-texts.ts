/** Texts laid out for a reward model: as it reads them, padded to one shape. */
import type { Batch } from '../compute/engine'
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

/**
 * `ids` int32 [rows, time], `lengths` int32 [rows], and `promptLengths` int32 [rows] where the head tells
 * prompt and completion apart. A missing text is padding.
 */
export function collateTexts(
  { head }: Pick<RewardModel, 'head'>,
  texts: readonly (ReadText | undefined)[],
  shape: { readonly rows: number; readonly time: number },
): Batch {
  const ids = new Int32Array(shape.rows * shape.time)
  const lengths = new Int32Array(shape.rows).fill(1)
  const promptLengths = new Int32Array(shape.rows).fill(1)
  texts.forEach((text, row) => {
    if (!text) return
    ids.set(text.ids, row * shape.time)
    lengths[row] = text.ids.length
    promptLengths[row] = text.promptTokens
  })
  return {
    ids: { shape: [shape.rows, shape.time], data: ids },
    lengths: { shape: [shape.rows], data: lengths },
    ...(head?.hasSegments && { promptLengths: { shape: [shape.rows], data: promptLengths } }),
  }
}

/** Tokens of the longest. */
export const longestText = (texts: readonly ReadText[]): number =>
  texts.reduce((most, { ids }) => Math.max(most, ids.length), 1)
