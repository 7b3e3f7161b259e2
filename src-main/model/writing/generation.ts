/**
 * Writing text: batched, with a memory of what was read, each sequence by its own stream of draws.
 *
 * The batch has a fixed shape, so a row whose text has ended takes the next waiting prompt at once. When none
 * waits and three quarters of the rows are idle, the batch shrinks; not row by row, since each shape is a
 * graph to compile. Sequence i of a call draws from `seeded(seed, i)`: what it writes does not depend on what
 * is written beside it.
 */
import type { WeightFormat } from '../../../src-shared/records/sample'
import type { Engine } from '../../compute/engine'
import { seeded, type Random } from '../../maths/random'
import { bucketOf, decodingProgram, readingProgram } from './decoding'
import type { LanguageModel, Tokenizer } from '../model'
import { writtenContext } from '../network'
import { affordableRows } from './prefixes'
import { createSampler, type Sampler, type SamplingRule } from './sampling'
import { speakerOf, type Speaker, type Speech } from './speaker'
import type { ReadToken } from './token-round'

export interface Sampling extends SamplingRule {
  /** Tokens drawn at most, an end token counted; the context may end it sooner. */
  readonly maxTokens: number
  readonly seed: number
}

export interface Completion {
  readonly prompt: string
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

export interface StreamedToken {
  readonly id: number
  /** Text to append. Empty while a character is unfinished, and for the end token unless one was. */
  readonly text: string
  /** True for the end token, which is the last one. A stream that ends without it was cut. */
  readonly hasEnded: boolean
}

export interface GenerateOptions {
  /** Rows written at once; a power of two. */
  readonly batch?: number
  readonly keepAllowed?: boolean
  /** Stops within a token by throwing its reason. */
  readonly signal?: AbortSignal
}

/**
 * Writes with one model, whose weights may change between calls unless it was opened with fixed ones. Its
 * graphs are compiled once a batch shape.
 */
export interface TextWriter {
  /** One completion a prompt, in order. @throws PromptTooLongError, UnknownCharacterError before any work */
  generate(prompts: readonly string[], sampling: Sampling, options?: GenerateOptions): Promise<Completion[]>
  /** Token by token: exactly what `generate` writes for a single prompt. */
  stream(prompt: string, sampling: Sampling, signal?: AbortSignal): AsyncGenerator<StreamedToken, void>
  dispose(): void
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

const mostRows = 32

/**
 * The ids a text starts with: the begin token and the prompt.
 * @throws PromptTooLongError when no place is left to write
 */
export function promptIds({ config, tokenizer }: LanguageModel, prompt: string): Int32Array {
  const ids = tokenizer.encodePrompt(prompt)
  const most = writtenContext(config.contextTokens)
  if (ids.length > most) throw new PromptTooLongError(ids.length - 1, most - 1)
  return ids
}

/**
 * @param fixed how weights are read that nobody changes while it lives, at once and a third faster; without
 *   it they may change between calls. '8-bit':
 *              tokens are written with the large matrices in 8 bits. Prompts are read with all digits: many
 *              tokens at once gain little, and a graph with weights in it would have to be compiled for each
 *              length.
 * @throws DeviceFailure when the device has no products with 8-bit weights
 */
export function openTextWriter(engine: Engine, model: LanguageModel, fixed?: WeightFormat): TextWriter {
  const reading = readingProgram(engine, model.config)
  const decoding = decodingProgram(engine, model.config)
  const frozen = fixed && decoding.freeze(model.parameters, fixed)
  const read: ReadToken = frozen ? frozen.run : (batch, into) => decoding.run(model.parameters, batch, into)
  const speaker = speakerOf({ model, reading, read })
  return {
    generate: (prompts, sampling, options = {}) => writtenBy({ model, speaker, sampling, options }, prompts),
    async *stream(prompt, sampling, signal) {
      const sequence = startSequence(model, prompt, 0, sampling)
      const decoder = model.tokenizer.openDecoder()
      for await (const _ of writing(
        { model, speaker, sampling, options: signal ? { signal } : {} },
        [sequence],
        1,
      )) {
        const id = sequence.ids.at(-1)!
        const hasEnded = isEnd(model.tokenizer, id)
        const isLast = hasEnded || sequence.ids.length === sequence.limit
        yield { id, text: decoder.push(id) + (isLast ? decoder.end() : ''), hasEnded }
      }
    },
    dispose() {
      reading.dispose()
      frozen?.dispose()
      decoding.dispose()
    },
  }
}

/** `openTextWriter` for one call. */
export async function generate(
  engine: Engine,
  model: LanguageModel,
  prompts: readonly string[],
  sampling: Sampling,
  { weights, ...options }: GenerateOptions & { readonly weights?: WeightFormat } = {},
): Promise<Completion[]> {
  const writer = openTextWriter(engine, model, weights)
  try {
    return await writer.generate(prompts, sampling, options)
  } finally {
    writer.dispose()
  }
}

/** A text being written. */
interface Sequence {
  readonly prompt: string
  readonly promptTokens: number
  readonly ids: number[]
  /** Most ids it may come to. */
  readonly limit: number
  readonly random: Random
  readonly allowed: Uint8Array[]
}

/** What each row of the batch writes; undefined where it is idle. */
type Rows = (Sequence | undefined)[]

export interface Work {
  /** Whose tokens they are. */
  readonly model: LanguageModel
  readonly speaker: Speaker
  readonly sampling: Sampling
  readonly options: GenerateOptions
}

function startSequence(
  model: LanguageModel,
  prompt: string,
  index: number,
  { maxTokens, seed }: Sampling,
): Sequence {
  const ids = promptIds(model, prompt)
  // The last token drawn is never read, so a text may be one token longer than the context.
  const limit = Math.min(ids.length + maxTokens, writtenContext(model.config.contextTokens) + 1)
  return { prompt, promptTokens: ids.length, ids: [...ids], limit, random: seeded(seed, index), allowed: [] }
}

/** One completion a prompt, in order. */
export async function writtenBy(work: Work, prompts: readonly string[]): Promise<Completion[]> {
  const { model, sampling, options } = work
  const waiting = prompts.map((prompt, index) => startSequence(model, prompt, index, sampling))
  const batch = Math.min(options.batch ?? defaultBatch(model), bucketOf(prompts.length))
  for await (const _ of writing(work, waiting, batch));
  return waiting.map((sequence) => completionOf(model, sequence))
}

/** The loop: fill idle rows, read one token a row, draw one token a row. Yields after each round. */
async function* writing(
  work: Work,
  sequences: readonly Sequence[],
  batch: number,
): AsyncGenerator<void, void> {
  const {
    model: { config, tokenizer },
    options: { signal, keepAllowed },
  } = work
  const sampler = createSampler(config.vocabulary, work.sampling)
  let speech = work.speaker.open(batch)
  let rows: Rows = Array.from({ length: batch })
  let next = 0
  for (;;) {
    signal?.throwIfAborted()
    for (let row = 0; row < rows.length && next < sequences.length; row++) {
      if (rows[row]) continue
      rows[row] = sequences[next]!
      await speech.startRow(row, sequences, next++)
    }
    const active = rows.flatMap((sequence, row) => (sequence ? [row] : []))
    if (active.length === 0) return
    if (active.length <= rows.length / 4) ({ speech, rows } = shrunk(speech, rows, active))
    const logits = await speech.next(rows)
    rows.forEach((sequence, row) => {
      if (!sequence) return
      const next = logits.subarray(row * config.vocabulary, (row + 1) * config.vocabulary)
      // embeddings are often a little larger than their tokenizer: the rest are no tokens
      next.fill(-Infinity, tokenizer.vocabulary)
      const isOver = drawNext(sequence, sampler, next, tokenizer)
      if (keepAllowed) sequence.allowed.push(sampler.allowed.slice())
      if (isOver) rows[row] = undefined
    })
    yield
  }
}

/** A model may have several tokens that end a text. */
const isEnd = ({ endToken, endTokens = [endToken] }: Tokenizer, id: number): boolean => endTokens.includes(id)

/** Draws the next token of a text. @returns whether it was the last one */
function drawNext(sequence: Sequence, sampler: Sampler, logits: Float32Array, tokenizer: Tokenizer): boolean {
  const id = sampler.draw(logits, sequence.random)
  sequence.ids.push(id)
  return isEnd(tokenizer, id) || sequence.ids.length === sequence.limit
}

/** The rows that still write, first, in room for fewer. */
function shrunk(speech: Speech, rows: Rows, active: readonly number[]): { speech: Speech; rows: Rows } {
  const smaller = speech.keepRows(active, bucketOf(active.length))
  const kept = active.map((row) => rows[row])
  return {
    speech: smaller,
    rows: [...kept, ...Array.from<undefined>({ length: smaller.rows - kept.length })],
  }
}

function completionOf(
  { tokenizer }: LanguageModel,
  { prompt, promptTokens, ids, allowed }: Sequence,
): Completion {
  const drawn = ids.slice(promptTokens)
  const last = drawn.at(-1)
  const hasEnded = last !== undefined && isEnd(tokenizer, last)
  const completion = {
    prompt,
    text: tokenizer.decode(drawn),
    ids: Int32Array.from(ids),
    promptTokens,
    completionTokens: drawn.length - (hasEnded ? 1 : 0),
    hasEnded,
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

/** As many rows as are fast and affordable. */
const defaultBatch = (model: LanguageModel): number =>
  Math.min(mostRows, 2 ** Math.floor(Math.log2(affordableRows(model))))
