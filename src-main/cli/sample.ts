/**
 * `studio sample CHECKPOINT …`: completions of one prompt by each checkpoint, from the same seed. Reads the
 * registry, writes nothing.
 */
import { weightFormats, type BestOf, type WeightFormat } from '../../src-shared/records/sample'
import type { SamplingName, SamplingSettings } from '../../src-shared/sampling'
import type { Prompt } from '../../src-shared/records/turn'
import { StudioFailure } from '../../src-shared/result'
import { COMPILED_CPU, openEngine } from '../compute/devices'
import type { Engine } from '../compute/engine'
import { loadModel } from '../model/checkpoint'
import { openTextWriter } from '../model/writing/generation'
import { bestWritten } from '../processes/best-written'
import { textScorer, type ScoreTexts } from '../processes/text-scorer'
import { filesOfCheckpoint, listCheckpoints } from '../store/checkpoints'
import type { ReadableDb } from '../store/handle'
import { byNameOrId } from './look-up'
import { samplingFrom } from './sampling-options'
import type { Terminal } from './terminal'

export interface SampleOptions extends Readonly<Record<SamplingName, string>> {
  readonly prompt: string
  readonly system: string
  readonly count: string
  readonly weights: string
  readonly device?: string
}

interface Written {
  readonly checkpoint: { readonly id: string; readonly name: string }
  readonly prompt: string
  readonly completions: readonly {
    readonly text: string
    readonly tokens: number
    readonly hasEnded: boolean
    readonly best?: BestOf
  }[]
}

const mostCompletions = 10_000

export async function sampleCommand(
  db: ReadableDb,
  asked: readonly string[],
  options: SampleOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  const sampling = samplingFrom(options)
  const completions = completionsFrom(options.count)
  const weights = weightsFrom(options)
  const checkpoints = asked.map((each) => byNameOrId(listCheckpoints(db), each, 'CHECKPOINT'))
  const engine = await openEngine(options.device)
  const score = textScorer(db)
  try {
    const written: Written[] = []
    for (const checkpoint of checkpoints) {
      terminal.progress(`“${checkpoint.name}” writes …`)
      written.push({
        checkpoint: { id: checkpoint.id, name: checkpoint.name },
        prompt: options.prompt,
        completions: await write(engine, filesOfCheckpoint(db, checkpoint.id).path, {
          prompt: promptFrom(options),
          completions,
          sampling,
          weights,
          signal,
          score,
        }),
      })
    }
    terminal.result(written, (all) => all.map(textOf).join('\n\n'))
  } finally {
    engine.dispose()
  }
}

async function write(
  engine: Engine,
  path: string,
  {
    prompt,
    completions,
    sampling,
    weights,
    signal,
    score,
  }: {
    readonly prompt: Prompt
    readonly completions: number
    readonly sampling: SamplingSettings
    readonly weights: WeightFormat
    readonly signal: AbortSignal
    readonly score: ScoreTexts
  },
): Promise<Written['completions']> {
  const { model } = await loadModel(path)
  if (model.kind !== 'language-model')
    throw new StudioFailure({
      kind: 'invalid-input',
      field: 'CHECKPOINT',
      problem: 'is a reward model; it writes no text',
    })
  const writer = openTextWriter(engine, model, weights)
  try {
    const prompts = Array.from({ length: completions }, () => prompt)
    const texts = await refusingPrompt(() => bestWritten({ writer, score }, prompts, sampling, signal))
    return texts.map(({ writtenTokens: _, ...text }) => text)
  } finally {
    writer.dispose()
  }
}

/** A prompt that a model cannot read is the caller's to mend, said in the model's own words. */
async function refusingPrompt<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const isAboutThePrompt =
      error instanceof Error &&
      ['PromptTooLongError', 'UnknownCharacterError', 'RenderingError'].includes(error.name)
    throw isAboutThePrompt
      ? new StudioFailure({ kind: 'invalid-input', field: '--prompt:', problem: error.message })
      : error
  }
}

/** With a system turn the prompt is a user's turn after it, rendered by the model's own template. */
function promptFrom({ prompt, system }: SampleOptions): Prompt {
  if (system === '') return prompt
  const user = prompt === '' ? [] : [{ role: 'user', content: prompt }]
  return { turns: [{ role: 'system', content: system }, ...user] }
}

/** Refused before a model is loaded: a device that cannot. */
function weightsFrom({ weights, device = COMPILED_CPU }: SampleOptions): WeightFormat {
  const format = weightFormats.find((each) => each === weights)
  if (format === undefined)
    throw new StudioFailure({
      kind: 'invalid-input',
      field: '--weights',
      problem: `must be ${weightFormats.join(' or ')}`,
    })
  if (format === '8-bit' && device !== COMPILED_CPU)
    throw new StudioFailure({
      kind: 'invalid-input',
      field: '--weights',
      problem: `8-bit is for the device ${COMPILED_CPU}: on ${device} models write with their weights as they are`,
    })
  return format
}

function completionsFrom(text: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= 1 && value <= mostCompletions) return value
  throw new StudioFailure({
    kind: 'invalid-input',
    field: '--count',
    problem: `must be a whole number from 1 to ${mostCompletions}`,
  })
}

const bestText = ({ of, score, klBound }: BestOf): string =>
  `best of ${of}, score ${score.toFixed(3)}, KL at most ${klBound.toFixed(2)} nats`

function textOf({ checkpoint, prompt, completions }: Written): string {
  return [
    `${checkpoint.name} (${checkpoint.id})`,
    ...completions.map(
      (each) =>
        `  ${prompt}${each.text}${each.hasEnded ? '' : ' …'}${each.best ? `  [${bestText(each.best)}]` : ''}`,
    ),
  ].join('\n')
}
