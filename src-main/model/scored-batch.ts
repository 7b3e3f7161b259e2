/** Texts laid out for a reward model: as it reads them, padded to one shape. */
import type { HostBatch, Int1D, Int2D } from '../compute/engine'
import type { RewardModel } from './model'
import type { ReadText } from './reading'

/** Texts [rows, time] and how many tokens each has, [rows]; of its prompt, where the head tells them apart. */
export type ScoredBatch = { ids: Int2D; lengths: Int1D; promptLengths?: Int1D }

/** A missing text is padding: one token that no one asks for. */
export function collateTexts(
  { head }: Pick<RewardModel, 'head'>,
  texts: readonly (ReadText | undefined)[],
  shape: { readonly rows: number; readonly time: number },
): HostBatch<ScoredBatch> {
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
