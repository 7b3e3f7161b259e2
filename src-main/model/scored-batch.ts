/** Texts laid out for a reward model: as it reads them, padded to one shape. */
import type { Float2D, HostBatch, Int1D, Int2D } from '../compute/engine'
import type { RewardModel } from './model'
import type { ReadText } from './reading'
import type { ReadSteps } from './steps'

/**
 * Texts [rows, time] and how many tokens each has, [rows]; of its prompt, where the head tells them apart; the ends of
 * its steps [rows, steps], counted through all rows, where the head is read there.
 */
export type ScoredBatch = {
  ids: Int2D
  lengths: Int1D
  promptLengths?: Int1D
  stepTokens?: Int2D
  stepMask?: Float2D
}

/** A missing text is padding: one token that no one asks for. */
export function collateTexts(
  { head }: Pick<RewardModel, 'head'>,
  texts: readonly (ReadText | ReadSteps | undefined)[],
  shape: { readonly rows: number; readonly time: number; readonly steps?: number },
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
    ...(head?.steps && stepsOf(texts, shape)),
  }
}

/** Few shapes where no one says how many steps there are at most. */
const stepsStep = 8

function stepsOf(
  texts: readonly (ReadText | ReadSteps | undefined)[],
  { rows, time, steps }: { readonly rows: number; readonly time: number; readonly steps?: number },
): Pick<HostBatch<Required<ScoredBatch>>, 'stepTokens' | 'stepMask'> {
  const ends = texts.map((text) => (text && 'stepEnds' in text ? text.stepEnds : []))
  const most = ends.reduce((longest, { length }) => Math.max(longest, length), 1)
  const columns = steps ?? Math.ceil(most / stepsStep) * stepsStep
  const tokens = new Int32Array(rows * columns)
  const mask = new Float32Array(rows * columns)
  ends.forEach((own, row) =>
    own.forEach((end, step) => {
      tokens[row * columns + step] = row * time + end
      mask[row * columns + step] = 1
    }),
  )
  return {
    stepTokens: { shape: [rows, columns], data: tokens },
    stepMask: { shape: [rows, columns], data: mask },
  }
}
