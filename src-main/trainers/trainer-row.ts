/**
 * The row of a trainer: all that the rest of the studio must know of an algorithm beside its recipe. It
 * stands at the end of the trainer's file; `trainers.ts` is the table of rows. Launching, checking,
 * rehearsing for memory and resuming read it.
 */
import type { Prompt } from '../../src-shared/records/turn'
import type { Fields, Infer, SettingsValues } from '../../src-shared/fields'
import type { FieldProblem } from '../../src-shared/result'
import type { RewardSourceName } from '../../src-shared/rewards/rewards'
import type { Engine } from '../compute/engine'
import type { Rankings } from '../data/rankings'
import type { Demonstration, PreferencePair, RatedText } from '../data/training-data'
import type { LanguageModel, ModelConfig, Tokenizer } from '../model/model'
import type { Opening, ReadRewardModel, References, Reward } from '../rewards/reward'
import type { Smaller } from './smaller'
import type { Snapshot, TrainerEvent } from './trainer'

/**
 * What a run is made from, asked for by the names of the recipe's inputs. Two answer: the registry, for a run
 * (runs/given.ts), and stand-ins of the right sizes, when its memory is rehearsed (launch/stand-ins.ts).
 */
export interface Given {
  /** @throws StudioFailure when its file is gone or damaged, or it is not of this kind */
  languageModel(input: string): Promise<LanguageModel>
  /** The model, and whether it was trained to read the prompt before the completion. */
  rewardModel(input: string): Promise<ReadRewardModel>
  /** A reward source at work; where texts are stand-ins, one that asks no model gives nothing. */
  reward(source: RewardSourceName, opening: Opening): Reward
  /** Waited for before a reward's failure is thrown: what the run had become is saved. */
  readonly leave?: () => Promise<void>
  /** @param label of a labelled row: only those with this label */
  demonstrations(input: string, label?: 'all' | '0' | '1'): readonly Demonstration[]
  preferencePairs(input: string): readonly PreferencePair[]
  ratedTexts(input: string): readonly RatedText[]
  /** @param most completions of one ranking */
  rankings(input: string, most: number): Rankings
  /** As often as they stand in the dataset; none when the run does without. */
  prompts(input: string): readonly Prompt[]
  /** By prompt: the completions that stand beside it in the dataset; empty where texts are stand-ins. */
  references(input: string): References
  /** Absent where texts are stand-ins. */
  readonly keep?: Keep
}

/**
 * Keeps numbers that cost much beyond the run, by all that they follow from.
 * @param inputs everything the numbers depend on: weights, token ids, names
 * @returns what `compute` gave now or when it was first asked with the same inputs
 */
export type Keep = (
  inputs: Iterable<string | ArrayBufferView>,
  compute: () => Promise<Float32Array>,
) => Promise<Float32Array>

/** The texts of an input: how many, and the longest. */
export interface TextSizes {
  readonly rows: number
  readonly promptTokens: number
  /** Prompt and completion. */
  readonly tokens: number
}

/** How many rows go through the model at once. */
export interface BatchSize {
  /** The setting that says how many rows, pairs or completions a batch has. */
  readonly setting: string
  /** The setting that says how many parts it is computed in, one after another; undefined: it is not cut. */
  readonly parts?: string
  /** Positions of what one of them is. */
  readonly tokens: number
  /** Whether a batch can have no more rows than there are examples: what is written or packed can. */
  readonly isOfExamples: boolean
}

/** What a launch has found of a run's inputs, each sound by itself. */
export interface Found {
  /** By input. */
  readonly models: Readonly<Record<string, { readonly config: ModelConfig; readonly tokenizer: Tokenizer }>>
  /** By input; one that the run does without is not there. */
  readonly texts: Readonly<Record<string, TextSizes>>
  /** What the machine has, or a container is allowed. */
  readonly machineBytes: number
}

export interface TrainerRow<Settings> {
  /** @param resume the last snapshot of a run with the same inputs and settings */
  start(
    engine: Engine,
    given: Given,
    settings: Settings,
    resume?: Snapshot,
  ): Promise<AsyncGenerator<TrainerEvent>>
  /** @param longest tokens of the longest text of any input */
  batch(settings: Settings, longest: number): BatchSize
  /** What is written at once, by the model that is trained; undefined for what writes nothing. */
  writes?(settings: Settings): { readonly rows: number; readonly tokens: number }
  /** Bytes that stay from the writing of a rollout to its last update. @param config of the model trained */
  held?(settings: Settings, config: ModelConfig, promptTokens: number): number
  /**
   * The model of a recipe that starts from none.
   * @param characters different ones in the texts, if that is known
   */
  newModel?(settings: Settings, characters: number): ModelConfig
  /** Settings that do not go together; one that is beyond its own bounds has no value here. */
  checkSettings?(settings: Partial<Settings>): readonly FieldProblem[]
  /** What of models and texts does not go with the settings, or with one another. */
  checkFound?(settings: Settings, found: Found): readonly FieldProblem[]
  /** What is changed so that a run needs less memory, in the order in which it changes least of what is learned. */
  readonly smaller: readonly Smaller[]
}

/** A row whatever its settings; methods take them as `SettingsValues` by being methods. */
export type AnyTrainerRow = TrainerRow<SettingsValues>

/** A trainer's row, typed by the settings of its recipe. */
export const trainer = <F extends Fields>(
  _recipe: { readonly fields: F },
  row: TrainerRow<Infer<F>>,
): TrainerRow<Infer<F>> => row
