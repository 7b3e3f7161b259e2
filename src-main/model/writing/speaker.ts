/**
 * What says which token may come next while texts are written: one model with its memory, or two whose
 * distributions are mixed.
 */
import type { Program } from '../../compute/engine'
import { networkOf } from '../architectures/networks'
import type { LanguageModel } from '../model'
import type { Memory, Prefix } from '../network'
import type { PromptBatch } from './decoding'
import { prefixOf, type StartedText } from './prefixes'
import { readTokens, roomFor, type ReadToken } from './token-round'

/** What each row of the batch writes; undefined where it is idle. */
export type Rows = readonly (StartedText | undefined)[]

export interface Speaker {
  /** Room for so many texts at once. */
  open(rows: number): Speech
}

export interface Speech {
  readonly rows: number
  /** Makes a row one that has read a text but for its last token. @param index of the text among all */
  startRow(row: number, texts: readonly StartedText[], index: number): Promise<void>
  /** Reads the newest token of every row. @returns logits of the next ones, [rows · V], until it is called again */
  next(rows: Rows): Promise<Float32Array>
  /** The given rows, in this order, in room of their own. */
  keepRows(kept: readonly number[], rows: number): Speech
}

export interface ModelAtWork {
  readonly model: LanguageModel
  readonly reading: Program<PromptBatch>
  readonly read: ReadToken
}

/** A model by itself. */
export function speakerOf(work: ModelAtWork): Speaker {
  const { config } = work.model
  return { open: (rows) => speech(networkOf(config).decoder.createMemory(rows), new Map()) }

  function speech(memory: Memory, prefixes: Map<string, Prefix>): Speech {
    const room = roomFor(memory.rows, config.vocabulary)
    return {
      rows: memory.rows,
      async startRow(row, texts, index) {
        memory.startRow(row, await prefixOf(work, texts, index, prefixes))
      },
      next: (rows) => readTokens(work.read, memory, rows, room),
      keepRows: (kept, rows) => speech(memory.keepRows(kept, rows), prefixes),
    }
  }
}

/**
 * The geometric mixture of two models of one vocabulary: π^(1 − α) · μ^α, brought to sum 1 at each token.
 *
 * Source: Munos et al. 2024, "Nash Learning from Human Feedback", §7 (the regularised policy, token by token).
 *
 * @param share α of the other
 */
export function mixtureOf(one: Speaker, other: Speaker, share: number): Speaker {
  const mixed = (ours: Speech, theirs: Speech): Speech => ({
    rows: ours.rows,
    async startRow(row, texts, index) {
      await ours.startRow(row, texts, index)
      await theirs.startRow(row, texts, index)
    },
    async next(rows) {
      const logits = await ours.next(rows)
      const others = await theirs.next(rows)
      // what each lacks to be log-probabilities is the same for all tokens of a row
      for (let i = 0; i < logits.length; i++)
        logits[i] = (1 - share) * (logits[i] as number) + share * (others[i] as number)
      return logits
    },
    keepRows: (kept, rows) => mixed(ours.keepRows(kept, rows), theirs.keepRows(kept, rows)),
  })
  return { open: (rows) => mixed(one.open(rows), other.open(rows)) }
}
