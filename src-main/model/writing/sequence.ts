/** One text being written: its ids, its stream of draws, and why it is over when it is. */
import type { Prompt } from '../../../src-shared/records/turn'
import type { SamplingSettings } from '../../../src-shared/sampling'
import { stopTexts } from '../../../src-shared/stop-texts'
import { seeded, type Random } from '../../maths/random'
import type { LanguageModel, Tokenizer } from '../model'
import { writtenContext } from '../network'
import { promptIdsOf } from '../rendering'
import type { Sampler } from './sampling'
import type { DrawnChance } from './chances'
import { hear, type Hearing } from './stop-watch'

export interface Completion {
  readonly prompt: Prompt
  /** What was written, as people read it: without prompt and end token. */
  readonly text: string
  /** The prompt's ids from its begin token on, then all that was drawn, the end token too when it came. */
  readonly ids: Int32Array
  /** How many of the ids are the prompt's, its begin token counted: the first drawn id stands there. */
  readonly promptTokens: number
  /** How many were drawn, the end token not counted. */
  readonly completionTokens: number
  readonly hasEnded: boolean
  /**
   * 1 for each token that could have been drawn, [drawn tokens · V]; only when asked for with `keepAllowed`.
   */
  readonly allowed?: Uint8Array
}

export interface Sequence {
  readonly prompt: Prompt
  readonly promptTokens: number
  readonly ids: number[]
  /** Most ids it may come to. */
  readonly limit: number
  readonly random: Random
  readonly allowed: Uint8Array[]
  /** Of each drawn token, where they are asked for. */
  readonly chances: DrawnChance[]
  /** The text as it comes, where somebody reads along or a stop text is waited for. */
  readonly heard?: Hearing
  ended?: 'end' | 'stop' | 'cut'
}

export class PromptTooLongError extends Error {
  constructor(
    readonly tokens: number,
    readonly contextTokens: number,
  ) {
    super(`the prompt has ${tokens} tokens; this model reads at most ${contextTokens}`)
    this.name = 'PromptTooLongError'
  }
}

/**
 * The ids a text starts with: the begin token and the prompt.
 * @throws PromptTooLongError when no place is left to write
 */
export function promptIds(model: LanguageModel, prompt: Prompt): Int32Array {
  const ids = promptIdsOf(model.tokenizer, prompt)
  refuseTooLong(model, ids.length)
  return ids
}

function refuseTooLong({ config }: LanguageModel, tokens: number): void {
  const most = writtenContext(config.contextTokens)
  if (tokens > most) throw new PromptTooLongError(tokens - 1, most - 1)
}

/**
 * @param index which of a call's texts it is: what it draws depends on nothing else beside the seed
 * @param begun what its completion begins with already: it is read, not written again
 */
export function startSequence(
  model: LanguageModel,
  prompt: Prompt,
  index: number,
  { maxTokens, seed, stop = '' }: SamplingSettings,
  { isRead = false, begun = '' }: { readonly isRead?: boolean; readonly begun?: string } = {},
): Sequence {
  const written = begun === '' ? [] : [...model.tokenizer.encode(begun)]
  const ids = [...promptIds(model, prompt), ...written]
  refuseTooLong(model, ids.length)
  // The last token drawn is never read, so a text may be one token longer than the context.
  const limit = Math.min(ids.length + maxTokens, writtenContext(model.config.contextTokens) + 1)
  const stops = stopTexts(stop)
  if (typeof stops === 'string') throw new Error(`the stop texts ${stops}`)
  return {
    prompt,
    promptTokens: ids.length,
    ids,
    limit,
    random: seeded(seed, index),
    allowed: [],
    chances: [],
    ...((isRead || stops.length > 0) && { heard: hear(model.tokenizer, stops, written) }),
  }
}

/** Draws the next token of a text, and says in it when that was the last one. */
export function drawNext(
  sequence: Sequence,
  sampler: Sampler,
  logits: Float32Array,
  tokenizer: Tokenizer,
): void {
  const { ids, heard, limit, random } = sequence
  const id = sampler.draw(logits, random, ids)
  ids.push(id)
  heard?.push(id)
  if (isEnd(tokenizer, id)) sequence.ended = 'end'
  else if (heard?.isStopped) sequence.ended = 'stop'
  else if (ids.length === limit) sequence.ended = 'cut'
  if (sequence.ended) heard?.end()
}

/** A model may have several tokens that end a text. */
const isEnd = ({ endToken, endTokens = [endToken] }: Tokenizer, id: number): boolean => endTokens.includes(id)

export function completionOf(
  { tokenizer }: LanguageModel,
  { prompt, promptTokens, ids, allowed, heard, ended }: Sequence,
): Completion {
  const drawn = ids.slice(promptTokens)
  const completion = {
    prompt,
    text: ended === 'stop' ? heard!.text : tokenizer.decode(drawn),
    ids: Int32Array.from(ids),
    promptTokens,
    completionTokens: drawn.length - (ended === 'end' ? 1 : 0),
    hasEnded: ended === 'end' || ended === 'stop',
  }
  return allowed.length === 0 ? completion : { ...completion, allowed: joined(allowed) }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
