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
import { createSampler } from './sampling'
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
  return paired(one, other, (logits, theirs) => {
    // what each lacks to be log-probabilities is the same for all tokens of a row
    for (let i = 0; i < logits.length; i++)
      logits[i] = (1 - share) * (logits[i] as number) + share * (theirs[i] as number)
  })
}

/**
 * What one says, of the tokens that are in the other's nucleus alone: the fewest likeliest that together have the
 * share p.
 *
 * Source: Ramamurthy et al. 2023, "Is Reinforcement Learning (Not) for Natural Language Processing?" (NLPO), §4.
 */
export function maskedBy(one: Speaker, other: Speaker, topP: number): Speaker {
  return paired(one, other, (logits, theirs, rows) => {
    const vocabulary = logits.length / rows.length
    const nucleus = createSampler(vocabulary, { temperature: 1, topK: 0, topP })
    rows.forEach((text, row) => {
      if (!text) return
      nucleus.draw(theirs.subarray(row * vocabulary, (row + 1) * vocabulary), () => 0)
      for (let id = 0; id < vocabulary; id++)
        if (nucleus.allowed[id] === 0) logits[row * vocabulary + id] = -Infinity
    })
  })
}

/** @param join changes the logits of the one by those of the other, [rows · V] */
function paired(
  one: Speaker,
  other: Speaker,
  join: (logits: Float32Array, theirs: Float32Array, rows: Rows) => void,
): Speaker {
  const both = (ours: Speech, theirs: Speech): Speech => ({
    rows: ours.rows,
    async startRow(row, texts, index) {
      await ours.startRow(row, texts, index)
      await theirs.startRow(row, texts, index)
    },
    async next(rows) {
      const logits = await ours.next(rows)
      join(logits, await theirs.next(rows), rows)
      return logits
    },
    keepRows: (kept, rows) => both(ours.keepRows(kept, rows), theirs.keepRows(kept, rows)),
  })
  return { open: (rows) => both(one.open(rows), other.open(rows)) }
}
