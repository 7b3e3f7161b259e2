/**
 * What a run will hold in memory at its peak, before it starts: its own trainer is run for one update on an
 * engine that only counts, with models without weights and texts that are as long as the longest of its own.
 */
import type { SettingsValues } from '../../src-shared/fields'
import type { MemoryNeed } from '../../src-shared/records/run'
import type { RecipeName } from '../../src-shared/recipes/recipes'
import type { PpoSettings } from '../../src-shared/recipes/ppo'
import type { PretrainSettings } from '../../src-shared/recipes/pretrain'
import type { RewardSettings } from '../../src-shared/recipes/reward'
import type { SftSettings } from '../../src-shared/recipes/sft'
import { arenaBytes } from '../compute/graph/footprint'
import { rehearsalEngine, unwritten, type HeldBytes } from '../compute/rehearsal'
import type { LanguageModel, Model, ModelConfig, RewardHead, RewardModel, Tokenizer } from '../model/model'
import { networkOf } from '../model/architectures/networks'
import { configOf } from '../model/new-model'
import { specOf } from '../model/trunk-parameters'
import type { Reward } from '../rewards/reward'
import { rewardModelReward } from '../rewards/reward-model'
import { trainPpo } from '../trainers/ppo'
import { pretrain } from '../trainers/pretrain'
import { trainRatedReward } from '../trainers/rating'
import { trainRewardModel } from '../trainers/reward'
import { rolloutMemory } from '../trainers/rollout-memory'
import { trainSft } from '../trainers/sft'
import type { Snapshot, TrainerEvent } from '../trainers/trainer'

/** A model by its sizes alone. */
export interface SizedModel {
  readonly kind: Model['kind']
  readonly config: ModelConfig
  readonly head?: RewardHead
}

/** The texts of an input: how many, and the longest. */
export interface SizedTexts {
  readonly rows: number
  readonly promptTokens: number
  /** Prompt and completion. */
  readonly tokens: number
}

/** What a run is made from, by sizes. Plain data. */
export interface SizedRun {
  readonly recipe: RecipeName
  readonly settings: SettingsValues
  readonly models: Readonly<Record<string, SizedModel>>
  /** By input; one that the run does without is not there. */
  readonly texts: Readonly<Record<string, SizedTexts>>
  /** Of a model that is made anew: tokens its tokenizer will have. */
  readonly vocabulary: number
  /** Threads that compute parts of a batch side by side; 1 on a device that has none. */
  readonly threads: number
}

/**
 * What a process that trains takes whatever it trains: sessions, buffers and code that was not there before.
 * By measurement.
 */
const BASE_BYTES = 20 * 2 ** 20
/** The judge of a rollout: a language model of its own, and the work with its texts. */
const JUDGE_BYTES = 100 * 2 ** 20
/** The values, moments and buffers of a checkpoint that is being written. */
const CHECKPOINT_COPIES = 3

export async function memoryNeed(run: SizedRun): Promise<MemoryNeed> {
  const { parameters, trained, gradients, optimizer, training, programs, outputs } = await rehearsed(run)
  const workspace = BASE_BYTES + CHECKPOINT_COPIES * trained + arenas(programs) + outputs + rolloutBytes(run)
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
  const { field, parts, positions } = batchOf(run)
  const rows = Math.ceil(Math.min(Number(run.settings[field]), mostRows(run)) / parts)
  const some = Math.floor(MOST_POSITIONS / positions)
  const few = Math.floor(some / 2)
  if (rows <= Math.max(some, 2)) return rehearse(run)
  const withRows = (count: number): SizedRun => ({
    ...run,
    settings: { ...run.settings, [field]: count * Math.min(parts, 2), ...partsOf(run, Math.min(parts, 2)) },
  })
  const [less, more] = few < 1 ? [1, 2] : [few, 2 * few]
  return inProportion(
    await rehearse(withRows(less)),
    await rehearse(withRows(more)),
    (rows - less) / (more - less),
  )
}

async function rehearse(run: SizedRun): Promise<HeldBytes> {
  const engine = rehearsalEngine(run.threads)
  for await (const event of rehearsal(engine, run)) if (event.kind === 'samples') break
  return engine.held()
}

/**
 * The setting that says how many rows a batch has, how many parts it is computed in, and how long a row is.
 */
function batchOf({ recipe, settings, texts }: SizedRun): {
  readonly field: string
  readonly parts: number
  readonly positions: number
} {
  const longest = Math.max(1, ...Object.values(texts).map(({ tokens }) => tokens))
  const parts = Number(settings['accumulation'] ?? 1)
  switch (recipe) {
    case 'pretrain':
      return { field: 'batchRows', parts, positions: Number(settings['contextTokens']) }
    case 'sft':
      return { field: 'batchExamples', parts, positions: longest }
    case 'reward':
      return { field: 'batchPairs', parts, positions: 2 * longest }
    case 'ppo':
      return {
        field: 'completions',
        parts: Number(settings['minibatches']),
        positions: longest + Number(settings['maxTokens']),
      }
  }
}

/**
 * No batch of examples has more than there are; rows of text and completions are made as they are asked for.
 */
function mostRows({ recipe, texts }: SizedRun): number {
  return recipe === 'sft' || recipe === 'reward'
    ? Object.values(texts).reduce((sum, { rows }) => sum + rows, 0)
    : Infinity
}

const partsOf = ({ recipe, settings }: SizedRun, parts: number): SettingsValues =>
  recipe === 'ppo' ? { minibatches: parts } : 'accumulation' in settings ? { accumulation: parts } : {}

/** What is held `times` as far beyond the smaller of two batches as the larger one is. */
function inProportion(less: HeldBytes, more: HeldBytes, times: number): HeldBytes {
  const beyond = (from: number, to: number) => from + times * (to - from)
  const each = (from: readonly number[], to: readonly number[]) =>
    to.map((bytes, place) => beyond(from[place] ?? bytes, bytes))
  return {
    ...less,
    training: each(less.training, more.training),
    programs: each(less.programs, more.programs),
    outputs: beyond(less.outputs, more.outputs),
  }
}

function rolloutBytes({ recipe, settings, models: { policy }, texts }: SizedRun): number {
  if (recipe !== 'ppo' || !policy) return 0
  return (
    JUDGE_BYTES +
    rolloutMemory(
      settings as unknown as PpoSettings,
      policy.config.vocabulary,
      texts['prompts']?.promptTokens ?? 0,
    ).keptBytes
  )
}

/** Rows and tokens of what is written at once: a rollout, or a look at samples. */
const WRITTEN_ROWS = 32
const SHOWN_ROWS = 8
const SHOWN_TOKENS = 128

function cacheBytes({ recipe, settings, models, texts, vocabulary }: SizedRun): number {
  const config =
    models['policy']?.config ??
    (recipe === 'pretrain' ? configOf(settings as unknown as PretrainSettings, vocabulary) : undefined)
  if (!config) return 0
  const [rows, tokens] =
    recipe === 'ppo'
      ? [Math.min(WRITTEN_ROWS, Number(settings['completions'])), Number(settings['maxTokens'])]
      : [SHOWN_ROWS, SHOWN_TOKENS]
  const share = Math.min(
    1,
    (tokens + Math.max(0, ...Object.values(texts).map(({ promptTokens }) => promptTokens))) /
      config.contextTokens,
  )
  return networkOf(config).decoder.rowBytes * rows * share
}

/** One update, with a look at what it has become. */
const once = { updates: 1, epochs: 1, samplesEvery: 1, measureEvery: 1, criticWarmup: 0 } as const

function rehearsal(
  engine: ReturnType<typeof rehearsalEngine>,
  { recipe, settings: given, models, texts, vocabulary }: SizedRun,
): AsyncGenerator<TrainerEvent> {
  const settings: unknown = {
    ...given,
    ...Object.fromEntries(Object.entries(once).filter(([name]) => name in given)),
  }
  switch (recipe) {
    case 'pretrain': {
      const own = settings as PretrainSettings
      const model = standIn({ kind: 'language-model', config: configOf(own, vocabulary) }) as LanguageModel
      return pretrain(engine, demonstrations(texts['texts'], 2 * own.batchRows), own, unbegun(model))
    }
    case 'sft': {
      const own = settings as SftSettings
      return trainSft(
        engine,
        modelOf(models, 'policy'),
        demonstrations(texts['demonstrations'], own.batchExamples),
        own,
      )
    }
    case 'reward': {
      const own = settings as RewardSettings
      const base = modelOf(models, 'base')
      const pairs = demonstrations(texts['pairs'] ?? texts['ratings'], 2 * own.batchPairs)
      if (own.learnFrom === 'ratings')
        return trainRatedReward(
          engine,
          base,
          pairs.map((text, place) => ({ ...text, rating: place })),
          own,
        )
      return trainRewardModel(
        engine,
        base,
        pairs.map(({ prompt, completion: both }) => ({ prompt, chosen: both, rejected: both, margin: 1 })),
        own,
      )
    }
    case 'ppo': {
      const own = settings as PpoSettings
      const { rewardModel } = models
      const reward = rewardModel
        ? rewardModelReward(engine, standIn(rewardModel) as RewardModel, { readPrompt: true })
        : noReward
      return trainPpo(
        engine,
        {
          policy: modelOf(models, 'policy'),
          rewards: [{ source: rewardModel ? 'reward-model' : 'lexicon', weight: 1, score: reward }],
          prompts: texts['prompts'] ? [text(texts['prompts'].promptTokens)] : [],
        },
        own,
      )
    }
  }
}

const noReward: Reward = async (texts) => texts.map(() => 0)

function modelOf(models: SizedRun['models'], name: string): LanguageModel {
  const model = models[name]
  if (!model) throw new Error(`a run without its "${name}" cannot be rehearsed`)
  return standIn(model) as LanguageModel
}

function standIn({ kind, config, head }: SizedModel): Model {
  return {
    kind,
    config,
    tokenizer: oneToken,
    parameters: unwritten(specOf(kind, config, head)),
    ...(head && { head }),
  } as Model
}

/** A run that is to go on before its first update. */
const unbegun = (model: LanguageModel): Snapshot => ({
  model,
  resume: {
    step: 0,
    numbers: { 'model/updates': 0 },
    tensors: { 'model/first-moment': new Float32Array(0), 'model/second-moment': new Float32Array(0) },
  },
})

/** A letter a token, and only one token to draw: what is written ends at once. */
const text = (tokens: number) => 'x'.repeat(tokens)
const oneToken: Tokenizer = {
  name: 'one token',
  vocabulary: 1,
  beginToken: 0,
  endToken: 0,
  encode: ({ length }) => new Int32Array(length),
  encodePrompt: ({ length }) => new Int32Array(length + 1),
  encodeCompletion: ({ length }) => new Int32Array(length),
  decode: () => '',
  openDecoder: () => ({ push: () => '', end: () => '' }),
  textOf: () => '',
  knows: () => true,
  definition: { type: 'byte' },
}

/** Enough for a batch and for what is held out, as long as the longest, but no more than there are. */
function demonstrations(
  sized: SizedTexts | undefined,
  batch: number,
): { readonly prompt: string; readonly completion: string }[] {
  const { rows, promptTokens, tokens } = sized ?? { rows: batch, promptTokens: 0, tokens: 1 }
  return Array.from({ length: Math.max(1, Math.min(rows, 2 * batch + 2)) }, () => ({
    prompt: text(promptTokens),
    completion: text(tokens - promptTokens),
  }))
}
