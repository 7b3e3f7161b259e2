/**
 * Token ids laid out for a batch: one row a text (or several, packed), right-padded, with a mask over the
 * targets that are learned.
 */
import type { Float2D, HostBatch, Int2D } from '../compute/engine'
import type { Completion, Prompt } from '../../src-shared/records/turn'
import type { Tokenizer } from '../model/model'
import { renderedExample, type Span } from '../model/rendering'

/** One row. Token t + 1 is the target at position t. */
export interface Row {
  /** At most the context + 1 ids; the first is the token that begins every text. */
  readonly ids: Int32Array
  /** First position whose target is learned: 0, or the length of the prompt. */
  readonly learnedFrom: number
  /** The ids that are learned, where those are not all from there on: turns of a conversation. */
  readonly learned?: readonly Span[]
}

export type CutRow = Row & { readonly isCut: boolean }

/** What is learned: the completion, all that the assistant says, or the last of it. */
export type Learned = 'completion' | 'last' | 'all'

/**
 * A row of a prompt and its completion, and whether it had to be cut. A cut row has no end token after the
 * cut: the text did not end there.
 */
export function rowOf(
  tokenizer: Tokenizer,
  { prompt, completion }: { readonly prompt: Prompt; readonly completion: Completion },
  contextTokens: number,
  learns: Learned = 'completion',
): CutRow {
  const { ids, promptTokens, spoken } = renderedExample(tokenizer, prompt, completion)
  const spans = spansBy[learns](spoken, promptTokens)
  const from = spans[0]?.from ?? promptTokens
  const isAll = spans.length === 1 && spans[0]?.to === ids.length
  return {
    ids: ids.slice(0, contextTokens + 1),
    learnedFrom: from - 1,
    ...(!isAll && { learned: spans }),
    isCut: ids.length > contextTokens + 1,
  }
}

const spansBy: Readonly<Record<Learned, (spoken: readonly Span[], promptTokens: number) => readonly Span[]>> =
  {
    all: (spoken) => spoken,
    completion: (spoken, promptTokens) => spoken.filter(({ from }) => from >= promptTokens),
    last: (spoken) => spoken.slice(-1),
  }

/** The ids of a row that are learned, as far as it reaches. */
export const learnedSpans = ({
  ids: { length },
  learnedFrom,
  learned = [{ from: learnedFrom + 1, to: length }],
}: Row): readonly Span[] =>
  learned.map(({ from, to }) => ({ from: Math.min(from, length), to: Math.min(to, length) }))

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
    for (const { from, to } of learnedSpans(row))
      if (from <= time) mask.fill(1, start + from - 1, start + Math.min(to - 1, time))
  }
  return { ids: { shape: [count, time + 1], data: ids }, mask: { shape: [count, time], data: mask } }
}

/** Positions of the longest row. */
export const longest = (rows: readonly Row[]): number =>
  rows.reduce((most, row) => Math.max(most, row.ids.length - 1), 1)

/** Targets that are learned in these rows. */
export const learnedTokens = (rows: readonly Row[]): number =>
  rows.reduce((sum, row) => sum + learnedSpans(row).reduce((all, { from, to }) => all + to - from, 0), 0)
