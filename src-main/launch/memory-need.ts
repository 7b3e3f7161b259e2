/**
 * What a run will hold in memory at its peak, before it starts: its own trainer is run for one update on an
 * engine that only counts, with models without weights and texts that are as long as the longest of its own.
 */
import type { SettingsValues } from '../../src-shared/fields'
import type { MemoryNeed } from '../../src-shared/records/run'
import { recipeOf } from '../../src-shared/recipes/recipes'
import { arenaBytes } from '../compute/graph/footprint'
import { rehearsalEngine, type HeldBytes } from '../compute/rehearsal'
import { networkOf } from '../model/architectures/networks'
import type { ModelConfig } from '../model/model'
import type { BatchSize } from '../trainers/trainer-row'
import { trainerOf } from '../trainers/trainers'
import type { SizedRun } from './sized-run'
import { standIns, unbegun } from './stand-ins'

/**
 * What a process that trains takes whatever it trains: sessions, buffers and code that was not there before.
 * By measurement.
 */
const BASE_BYTES = 20 * 2 ** 20
/** The values, moments and buffers of a checkpoint that is being written. */
const CHECKPOINT_COPIES = 3

export async function memoryNeed(run: SizedRun): Promise<MemoryNeed> {
  const { parameters, trained, gradients, optimizer, training, programs, outputs } = await rehearsed(run)
  const workspace = BASE_BYTES + CHECKPOINT_COPIES * trained + arenas(programs) + outputs + heldBytes(run)
  return {
    parameters,
    gradients,
    optimizer,
    activations: arenas(training),
    cache: cacheBytes(run),
    workspace,
  }
}

const arenas = (live: readonly number[]) => live.reduce((sum, each) => sum + arenaBytes(each), 0)

/**
 * Positions of one part of a batch up to which a run is rehearsed as it is: the graphs of many more take
 * seconds to record.
 */
const MOST_POSITIONS = 16_384

/** A run with a larger batch holds more in proportion: it is rehearsed twice with smaller ones. */
async function rehearsed(run: SizedRun): Promise<HeldBytes> {
  const batch = batchOf(run)
  const parts = batch.parts === undefined ? 1 : Number(run.settings[batch.parts])
  const most = batch.isOfExamples ? rowsOf(run) : Infinity
  const rows = Math.ceil(Math.min(Number(run.settings[batch.setting]), most) / parts)
  const some = Math.floor(MOST_POSITIONS / batch.tokens)
  const few = Math.floor(some / 2)
  if (rows <= Math.max(some, 2)) return rehearse(run)
  const [less, more] = few < 1 ? [1, 2] : [few, 2 * few]
  return inProportion(
    await rehearse(withRows(run, batch, less, parts)),
    await rehearse(withRows(run, batch, more, parts)),
    (rows - less) / (more - less),
  )
}

/** The run with so many rows in a part, and at most two parts: more of them hold no more. */
function withRows(run: SizedRun, batch: BatchSize, rows: number, parts: number): SizedRun {
  const few = Math.min(parts, 2)
  const settings: SettingsValues = {
    ...run.settings,
    [batch.setting]: rows * few,
    ...(batch.parts !== undefined && { [batch.parts]: few }),
  }
  return { ...run, settings }
}

/** One update, with a look at what it has become. */
const once = { updates: 1, epochs: 1, samplesEvery: 1, measureEvery: 1, criticWarmup: 0 } as const

async function rehearse(run: SizedRun): Promise<HeldBytes> {
  const engine = rehearsalEngine(run.threads)
  const settings: SettingsValues = {
    ...run.settings,
    ...Object.fromEntries(Object.entries(once).filter(([name]) => name in run.settings)),
  }
  const given = standIns(run, textsFor(run))
  const config = newModelOf(run)
  const resume = config && unbegun({ kind: 'language-model', config })
  const events = await trainerOf(run.recipe).start(engine, given, settings, resume)
  for await (const event of events) if (event.kind === 'samples') break
  return engine.held()
}

/** Texts enough for a batch of the largest kind, and for what is held out. */
const textsFor = (run: SizedRun): number => 4 * Number(run.settings[batchOf(run).setting]) + 2

const batchOf = ({ recipe, settings, texts }: SizedRun): BatchSize =>
  trainerOf(recipe).batch(settings, Math.max(1, ...Object.values(texts).map(({ tokens }) => tokens)))

const rowsOf = ({ texts }: SizedRun): number => Object.values(texts).reduce((sum, { rows }) => sum + rows, 0)

const newModelOf = ({ recipe, settings, characters }: SizedRun): ModelConfig | undefined =>
  trainerOf(recipe).newModel?.(settings, characters)

/** The sizes of the language model that a run trains: a new one, or the one it starts from. */
function trainedConfig(run: SizedRun): ModelConfig | undefined {
  const start = Object.entries(recipeOf(run.recipe).inputs).find(
    ([, input]) => input.type === 'checkpoint' && input.kind === 'language-model',
  )
  return start ? run.models[start[0]]?.config : newModelOf(run)
}

/** What is held `times` as far beyond the smaller of two batches as the larger one is. */
function inProportion(less: HeldBytes, more: HeldBytes, times: number): HeldBytes {
  const beyond = (from: number, to: number) => from + times * (to - from)
  const each = (from: readonly number[], to: readonly number[]) =>
    to.map((bytes, index) => beyond(from[index] ?? bytes, bytes))
  return {
    ...less,
    training: each(less.training, more.training),
    programs: each(less.programs, more.programs),
    outputs: beyond(less.outputs, more.outputs),
  }
}

const longestPrompt = ({ texts }: SizedRun): number =>
  Math.max(0, ...Object.values(texts).map(({ promptTokens }) => promptTokens))

function heldBytes(run: SizedRun): number {
  const config = trainedConfig(run)
  return (config && trainerOf(run.recipe).held?.(run.settings, config, longestPrompt(run))) ?? 0
}

/** Keys and values of what is written at once. */
function cacheBytes(run: SizedRun): number {
  const config = trainedConfig(run)
  const written = trainerOf(run.recipe).writes?.(run.settings)
  if (!config || !written) return 0
  const share = Math.min(1, (written.tokens + longestPrompt(run)) / config.contextTokens)
  return networkOf(config).decoder.rowBytes * written.rows * share
}
