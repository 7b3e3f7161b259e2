/**
 * Writing text: batched, with a memory of what was read, each sequence by its own stream of draws.
 *
 * The batch has a fixed shape, so a row whose text has ended takes the next waiting prompt at once. When none
 * waits and three quarters of the rows are idle, the batch shrinks; not row by row, since each shape is a
 * graph to compile. Sequence i of a call draws from `seeded(seed, i)`: what it writes does not depend on what
 * is written beside it.
 */
import type { Prompt } from '../../../src-shared/records/turn'
import type { WeightFormat } from '../../../src-shared/records/sample'
import type { SamplingSettings } from '../../../src-shared/sampling'
import type { Engine } from '../../compute/engine'
import { chanceOf, type DrawnChance } from './chances'
import { bucketOf, decodingProgram, readingProgram } from './decoding'
import type { LanguageModel } from '../model'
import { affordableRows } from './prefixes'
import { createSampler } from './sampling'
import { completionOf, drawNext, startSequence, type Completion, type Sequence } from './sequence'
import { speakerOf, type Speaker, type Speech } from './speaker'
import type { ReadToken } from './token-round'

/** Its `maxTokens` counts an end token; the context may end a text sooner. */
export type Sampling = SamplingSettings

export interface StreamedToken {
  readonly id: number
  /**
   * Text to append. Empty while a character or what may be a stop text is unfinished, and for the end token unless
   * one was.
   */
  readonly text: string
  /** True for the last token when it is an end token or finishes a stop text. A stream that ends without was cut. */
  readonly hasEnded: boolean
}

/** One token of one of several texts that are written together. */
export interface DrawnToken extends StreamedToken {
  /** Which of the prompts it goes on from. */
  readonly index: number
  /** Tokens before the first that was written. */
  readonly promptTokens: number
  /** How the text is over, with its last token. */
  readonly ended?: 'end' | 'stop' | 'cut'
  /** Where they are asked for. */
  readonly chance?: DrawnChance
}

export interface StreamOptions {
  /** What every completion begins with already. */
  readonly begun?: string
  /** Tells of each token how likely it was, and so many of the likeliest. */
  readonly topChances?: number
  readonly signal?: AbortSignal
}

export interface GenerateOptions {
  /** Rows written at once; a power of two. */
  readonly batch?: number
  readonly keepAllowed?: boolean
  /** Keeps of each token how likely it was, and so many of the likeliest. */
  readonly topChances?: number
  /** Stops within a token by throwing its reason. */
  readonly signal?: AbortSignal
}

/**
 * Writes with one model, whose weights may change between calls unless it was opened with fixed ones. Its
 * graphs are compiled once a batch shape.
 */
export interface TextWriter {
  /** One completion a prompt, in order. @throws PromptTooLongError, UnknownCharacterError before any work */
  generate(prompts: readonly Prompt[], sampling: Sampling, options?: GenerateOptions): Promise<Completion[]>
  /** Token by token: exactly what `generate` writes for a single prompt. */
  stream(prompt: Prompt, sampling: Sampling, signal?: AbortSignal): AsyncGenerator<StreamedToken, void>
  /** Several texts at once, a token of each a round: what each says is what `generate` writes in its place. */
  streamAll(
    prompts: readonly Prompt[],
    sampling: Sampling,
    options?: StreamOptions,
  ): AsyncGenerator<DrawnToken, void>
  dispose(): void
}

const mostRows = 32

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
    stream: (prompt, sampling, signal) =>
      streamed({ model, speaker, sampling, options: signal ? { signal } : {} }, [prompt]),
    streamAll: (prompts, sampling, { begun, ...options } = {}) =>
      streamed({ model, speaker, sampling, options }, prompts, begun),
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
  prompts: readonly Prompt[],
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

/** What each row of the batch writes; undefined where it is idle. */
type Rows = (Sequence | undefined)[]

export interface Work {
  /** Whose tokens they are. */
  readonly model: LanguageModel
  readonly speaker: Speaker
  readonly sampling: Sampling
  readonly options: GenerateOptions
}

/** One completion a prompt, in order. */
export async function writtenBy(work: Work, prompts: readonly Prompt[]): Promise<Completion[]> {
  const { model, sampling, options } = work
  const waiting = prompts.map((prompt, index) => startSequence(model, prompt, index, sampling))
  const batch = Math.min(options.batch ?? defaultBatch(model), bucketOf(prompts.length))
  for await (const _ of writing(work, waiting, batch));
  return waiting.map((sequence) => completionOf(model, sequence))
}

async function* streamed(
  work: Work,
  prompts: readonly Prompt[],
  begun?: string,
): AsyncGenerator<DrawnToken, void> {
  const { model, sampling } = work
  const texts = prompts.map((prompt, index) =>
    startSequence(model, prompt, index, sampling, { isRead: true, ...(begun !== undefined && { begun }) }),
  )
  const told = texts.map(({ ids }) => ids.length)
  const batch = Math.min(defaultBatch(model), bucketOf(prompts.length))
  for await (const _ of writing(work, texts, batch))
    for (const [index, text] of texts.entries()) {
      if (text.ids.length === told[index]) continue
      told[index] = text.ids.length
      yield drawnToken(text, index)
    }
}

function drawnToken({ ids, ended, heard, promptTokens, chances }: Sequence, index: number): DrawnToken {
  const chance = chances.at(-1)
  return {
    id: ids.at(-1)!,
    text: heard?.shown ?? '',
    hasEnded: ended === 'end' || ended === 'stop',
    index,
    promptTokens,
    ...(ended && { ended }),
    ...(chance && { chance }),
  }
}

/** The loop: fill idle rows, read one token a row, draw one token a row. Yields after each round. */
async function* writing(
  work: Work,
  sequences: readonly Sequence[],
  batch: number,
): AsyncGenerator<void, void> {
  const {
    model: { config, tokenizer },
    options: { signal, keepAllowed, topChances },
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
      // rules against repetition change what they are given
      const said = topChances === undefined ? undefined : next.slice()
      drawNext(sequence, sampler, next, tokenizer)
      if (said) sequence.chances.push(chanceOf(said, sequence.ids.at(-1)!, topChances!))
      if (keepAllowed) sequence.allowed.push(sampler.allowed.slice())
      if (sequence.ended) rows[row] = undefined
    })
    yield
  }
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

/** As many rows as are fast and affordable. */
const defaultBatch = (model: LanguageModel): number =>
  Math.min(mostRows, 2 ** Math.floor(Math.log2(affordableRows(model))))
