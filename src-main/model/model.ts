/** What the numbers belong to: a configuration, a tokenizer and parameters. */
import type { Parameters } from '../compute/parameters'
import type { StepsJoined } from '../maths/steps'
import type { architectures } from './architectures/architectures'
import type { Tokenizer } from './tokenizers/tokenizer'

export type { Tokenizer, TokenizerDefinition } from './tokenizers/tokenizer'

/** What a network is made from: one kind of configuration an architecture, told apart by `architecture`. */
export type ModelConfig = ReturnType<(typeof architectures)[keyof typeof architectures]['newConfig']>

/**
 * Narrow matrices beside some of a frozen model's projections (LoRA, Hu et al. 2021). Its tensors stand among
 * the model's parameters.
 */
export interface Adapter {
  /** Unlike that of any other adapter of the model; without dots. */
  readonly name: string
  readonly rank: number
  readonly alpha: number
  /** Whether alpha is divided by the rank or by its root (rsLoRA, Kalajdzievski 2023). */
  readonly scaling: 'by-rank' | 'by-root-of-rank'
  /** Share of its inputs left out at random while it is trained. */
  readonly dropout: number
  /** The linear layers it stands on: names of tensors without ".weight". */
  readonly projections: readonly string[]
}

/** What a model's folder said of it, kept to be said again: fields that mean nothing here go out as they came. */
export interface Origin {
  /** config.json */
  readonly config: Readonly<Record<string, unknown>>
  /** generation_config.json; empty where there was none. */
  readonly generation: Readonly<Record<string, unknown>>
}

export interface LanguageModel {
  readonly kind: 'language-model'
  readonly config: ModelConfig
  readonly tokenizer: Tokenizer
  readonly parameters: Parameters
  /** In the order in which they were put on. */
  readonly adapters?: readonly Adapter[]
  readonly origin?: Origin
}

/** What a reward model reads and says besides one plain number; a model without it does neither. */
export interface RewardHead {
  /** Its score is the mean of a distribution over this many values, evenly from the lowest to the highest. */
  readonly bins?: { readonly count: number; readonly lowest: number; readonly highest: number }
  /** Its score is the mean of several heads' less `caution` times their deviation. Never with bins. */
  readonly ensemble?: { readonly heads: number; readonly caution: number }
  /** Its score is read at the end of each step: how likely all are right, or the worst. Never with bins or heads. */
  readonly steps?: { readonly joined: StepsJoined }
  /** Prompt and completion are told apart by what is added to their tokens. */
  readonly hasSegments: boolean
}

/** A trunk with a head: one score a text, read at its last token, or at the end of its steps. */
export interface RewardModel {
  readonly kind: 'reward-model'
  readonly config: ModelConfig
  readonly tokenizer: Tokenizer
  readonly parameters: Parameters
  readonly adapters?: readonly Adapter[]
  readonly origin?: Origin
  readonly head?: RewardHead
}

export type Model = LanguageModel | RewardModel
