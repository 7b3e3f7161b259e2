/** What the numbers belong to: a configuration, a tokenizer and one flat buffer of parameters. */
import type { Parameters } from '../compute/parameters'
import type { Tokenizer } from './tokenizers/tokenizer'

export type { Tokenizer, TokenizerDefinition } from './tokenizers/tokenizer'

export interface GptConfig {
  readonly architecture: 'gpt'
  readonly layers: number
  readonly heads: number
  /** Width of the residual stream; a multiple of heads. */
  readonly width: number
  /** Positions, and so the longest sequence. */
  readonly contextTokens: number
  /** Tokens the embedding knows. */
  readonly vocabulary: number
}

export interface LanguageModel {
  readonly kind: 'language-model'
  readonly config: GptConfig
  readonly tokenizer: Tokenizer
  readonly parameters: Parameters
}

/** A trunk with a scalar head: one score a text, read at its last token. */
export interface RewardModel {
  readonly kind: 'reward-model'
  readonly config: GptConfig
  readonly tokenizer: Tokenizer
  readonly parameters: Parameters
}

export type Model = LanguageModel | RewardModel
