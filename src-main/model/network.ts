/**
 * What an architecture is to the rest of the studio: one configuration's network, as pure functions of named
 * weights, and how it writes text one token after another. Each architecture fills this in one file;
 * `networks.ts` finds it.
 */
import type { Batch, HostTensor, Tensors, Weights } from '../compute/engine'
import type * as tf from '../compute/tf'

export interface Network {
  /**
   * What the trunk makes of each position, after the last norm. What stands after a text's end changes
   * nothing before it.
   * @param ids   int32 [B, T]
   * @param added to the tokens as they enter the first block: [B, T, C]
   * @returns [B, T, C]
   * @throws RangeError when there are more positions than the model has
   */
  hiddenStates(weights: Weights, ids: tf.Tensor, added?: tf.Tensor3D): tf.Tensor3D
  /** Unnormalised log-probabilities of the next token: [N, C] → [N, V]. */
  unembed(weights: Weights, states: tf.Tensor2D): tf.Tensor2D
  readonly decoder: Decoder
}

/**
 * How a transformer reads whole texts: what is added to the tokens, and who is given each layer's keys, as
 * they are remembered, and values, [B·KV, T, D].
 */
export interface WholeReading {
  readonly added?: tf.Tensor3D | undefined
  readonly keep?: (layer: number, k: tf.Tensor3D, v: tf.Tensor3D) => void
  /** Where a layer with a state puts what it is after the first `lengths` tokens of each text. */
  readonly states?: Record<string, tf.Tensor> | undefined
  /** int32 [B] */
  readonly lengths?: tf.Tensor | undefined
}

/** Reading what is written while it is written: a memory on the host, and the two programs that fill it. */
export interface Decoder {
  /** Of one row of a memory. */
  readonly rowBytes: number
  createMemory(rows: number): Memory
  /**
   * Reads one token a row on top of a memory.
   * @param batch `ids`, `positions` int32 [B], and the memory's `inputs`
   * @returns `logits` of the next tokens [B, V], and what the memory takes
   */
  readToken(weights: Weights, batch: Tensors): Tensors
  /**
   * Reads the beginnings of several texts at once.
   * @param batch `ids` int32 [R, P], padded on the right with anything; `lengths` int32 [R], 1 … P
   */
  readPrompts(weights: Weights, batch: Tensors): Tensors
  /** What `readPrompts` gave, a prefix a row. @param padded P */
  prefixesOf(read: Readonly<Record<string, HostTensor>>, lengths: readonly number[], padded: number): Prefix[]
}

/** What a batch that is being written has read so far. */
export interface Memory {
  readonly rows: number
  /**
   * As inputs of `readToken`; views, not copies.
   * @param positions of the tokens that are to be read, or `idle`
   */
  inputs(positions: Int32Array): Batch
  /** Those outputs of `readToken` that are to be written over the inputs of their names. */
  outputs(): Batch
  /** Takes the others. @param positions of the tokens that were read, or `idle` */
  take(read: Readonly<Record<string, HostTensor>>, positions: Int32Array): void
  /** Makes a row one that has read this prefix and nothing else. */
  startRow(row: number, prefix: Prefix): void
  /**
   * What a row has read, copied: a row started from it goes on, as often as wanted, exactly as this one
   * would.
   * @param tokens how many it has read
   */
  savedRow(row: number, tokens: number): Prefix
  /** The given rows, in this order, in a memory of their own. */
  keepRows(kept: readonly number[], rows: number): Memory
}

/** What was read of a text's beginning; only the memory it was made for knows what the parts are. */
export interface Prefix {
  readonly tokens: number
  readonly parts: Readonly<Record<string, Float32Array>>
}

export const nothingRead: Prefix = { tokens: 0, parts: {} }

/** In `positions`: the row is idle. */
export const idle = -1

/** Added to the score of what may not be seen: e to its power is 0 in float32. */
export const hidden = -1e9

/** @throws Error when the model has no such tensor */
export function weight(weights: Weights, name: string): tf.Tensor {
  const found = weights[name]
  if (!found) throw new Error(`the model has no tensor "${name}"`)
  return found
}

/**
 * Most tokens of a text that is written, whatever context a model says it has: tables of positions grow with it,
 * and a file may say anything. Far beyond it, attention on one machine takes hours a token.
 */
const mostWrittenTokens = 131_072

export const writtenContext = (contextTokens: number): number => Math.min(contextTokens, mostWrittenTokens)

/** @throws RangeError when a text is longer than the model can read */
export function checkLength(length: number, contextTokens: number): void {
  if (length > contextTokens)
    throw new RangeError(`the text has ${length} tokens; this model reads at most ${contextTokens}`)
}
