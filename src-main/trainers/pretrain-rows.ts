/**
 * What each update of pretraining reads: texts as rows of the context's length. Held-out texts are set aside
 * first: no row holds both.
 */
import { randomIndex, seeded, shuffled } from '../maths/random'
import type { Tokenizer } from '../model/model'
import type { PretrainSettings } from '../../src-shared/recipes/pretrain'
import { splitHeldOut } from './held-out'
import { examplesAt } from './order'
import { plainText } from '../model/rendering'
import { pack } from './packing'
import { rowOf, type Row } from './rows'
import { sameDemonstrations } from './sameness'
import type { Demonstration } from '../data/training-data'

export interface LaidOut {
  /**
   * The rows of one update: the same whenever it is asked.
   * @param step updates done before this one, from 0
   */
  rowsAt(step: number): readonly Row[]
  readonly heldOut: readonly Row[]
  /** The texts they were made from. */
  readonly heldOutTexts: readonly Demonstration[]
  /** What one must know of what is held out, in sentences. */
  readonly notes: readonly string[]
  /** How many texts are longer than the context and lost their end. */
  readonly cut: number
}

export function layOut(
  texts: readonly Demonstration[],
  tokenizer: Tokenizer,
  settings: PretrainSettings,
): LaidOut {
  const {
    trained,
    heldOut: heldOutTexts,
    notes,
  } = splitHeldOut(texts, settings.heldOutFraction, settings.seed, sameDemonstrations)
  return {
    heldOutTexts,
    notes,
    ...(settings.packing === 'stream'
      ? streamed(trained, heldOutTexts, tokenizer, settings)
      : inRows(trained, heldOutTexts, tokenizer, settings)),
  }
}

type Rows = Omit<LaidOut, 'heldOutTexts' | 'notes'>

/** Each text whole, in a row of its own or beside others. */
function inRows(
  trained: readonly Demonstration[],
  heldOut: readonly Demonstration[],
  tokenizer: Tokenizer,
  { trainOn, packing, contextTokens, batchRows, seed }: PretrainSettings,
): Rows {
  const rowsOf = (texts: readonly Demonstration[]) =>
    texts.map((text) =>
      rowOf(
        tokenizer,
        trainOn === 'completion' ? text : { prompt: '', completion: plainText(text.prompt, text.completion) },
        contextTokens,
      ),
    )
  const rows = rowsOf(trained)
  const held = rowsOf(heldOut)
  const cut = [...rows, ...held].filter((row) => row.isCut).length
  const mixed = Array.from(shuffled(rows.length, seeded(seed, 'packing')), (index) => rows[index] as Row)
  const [packed, packedHeld] =
    packing === 'packed' ? [pack(mixed, contextTokens), pack(held, contextTokens)] : [rows, held]
  return {
    rowsAt: (step) => examplesAt(packed, batchRows, step, seed),
    heldOut: packedHeld,
    cut,
  }
}

/**
 * All texts end to end; a row begins anywhere (nanoGPT, train.py `get_batch`). Held-out rows follow one
 * another.
 */
function streamed(
  trained: readonly Demonstration[],
  heldOut: readonly Demonstration[],
  tokenizer: Tokenizer,
  { contextTokens, batchRows, seed }: PretrainSettings,
): Rows {
  const stream = endToEnd(trained, tokenizer)
  const held = endToEnd(heldOut, tokenizer)
  const rowAt = (ids: Int32Array, start: number): Row => ({
    ids: ids.subarray(start, start + contextTokens + 1),
    learnedFrom: 0,
  })
  const starts = Math.max(1, stream.length - contextTokens)
  return {
    rowsAt(step) {
      const random = seeded(seed, 'order', step)
      return Array.from({ length: batchRows }, () => rowAt(stream, randomIndex(starts, random)))
    },
    heldOut: Array.from({ length: Math.ceil((held.length - 1) / contextTokens) }, (_, index) =>
      rowAt(held, index * contextTokens),
    ),
    cut: 0,
  }
}

/** The begin token, and each text with the end token after it. */
function endToEnd(texts: readonly Demonstration[], tokenizer: Tokenizer): Int32Array {
  if (texts.length === 0) return new Int32Array(0)
  const parts = texts.map(({ prompt, completion }) => tokenizer.encode(plainText(prompt, completion)))
  const ids = new Int32Array(parts.reduce((sum, part) => sum + part.length + 1, 1))
  ids[0] = tokenizer.beginToken
  let end = 1
  for (const part of parts) {
    ids.set(part, end)
    ids[end + part.length] = tokenizer.endToken
    end += part.length + 1
  }
  return ids
}
