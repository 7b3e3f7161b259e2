/**
 * Token ids laid out for a batch: one row a text (or several, packed), right-padded, with a mask over the
 * targets that are learned.
 */
import type { Float2D, HostBatch, Int2D } from '../compute/engine'
import type { Tokenizer } from '../model/model'

/** One row. Token t + 1 is the target at position t. */
export interface Row {
  /** At most the context + 1 ids; the first is the token that begins every text. */
  readonly ids: Int32Array
  /** First position whose target is learned: 0, or the length of the prompt. */
  readonly learnedFrom: number
}

export type CutRow = Row & { readonly isCut: boolean }

/**
 * A row of a prompt and its completion, and whether it had to be cut. A cut row has no end token after the
 * cut: the text did not end there.
 */
export const rowOf = (
  tokenizer: Tokenizer,
  prompt: string,
  completion: string,
  contextTokens: number,
): CutRow => rowAfter(tokenizer.encodePrompt(prompt), tokenizer, completion, contextTokens)

/** The same for a prompt that is encoded already. @param before its ids, the begin token first */
export function rowAfter(
  before: Int32Array,
  tokenizer: Tokenizer,
  completion: string,
  contextTokens: number,
): CutRow {
  const after = tokenizer.encodeCompletion(completion)
  const whole = new Int32Array(before.length + after.length + 1)
  whole.set(before)
  whole.set(after, before.length)
  whole[whole.length - 1] = tokenizer.endToken
  return {
    ids: whole.slice(0, contextTokens + 1),
    learnedFrom: before.length - 1,
    isCut: whole.length > contextTokens + 1,
  }
}

/** `ids` [rows, time + 1], `mask` [rows, time], 1 where the token after a position is learned. */
export type RowBatch = { ids: Int2D; mask: Float2D }

/**
 * Rows as a batch.
 *
 * @param count rows of the batch; missing ones are padding, so that every batch of a run has one shape
 * @param time  positions of a row
 */
export function collate(rows: readonly Row[], count: number, time: number): HostBatch<RowBatch> {
  const ids = new Int32Array(count * (time + 1))
  const mask = new Float32Array(count * time)
  for (const [index, row] of rows.entries()) {
    const start = index * time
    ids.set(row.ids.subarray(0, time + 1), index * (time + 1))
    mask.fill(1, start + row.learnedFrom, start + Math.min(row.ids.length - 1, time))
  }
  return { ids: { shape: [count, time + 1], data: ids }, mask: { shape: [count, time], data: mask } }
}

/** Positions of the longest row. */
export const longest = (rows: readonly Row[]): number =>
  rows.reduce((most, row) => Math.max(most, row.ids.length - 1), 1)

/** Targets that are learned in these rows. */
export const learnedTokens = (rows: readonly Row[]): number =>
  rows.reduce((sum, row) => sum + Math.max(0, row.ids.length - 1 - row.learnedFrom), 0)
