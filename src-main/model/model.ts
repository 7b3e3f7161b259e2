/** What the numbers belong to: a configuration, a tokenizer and one flat buffer of parameters. */
import type { Parameters } from '../compute/parameters'
import type { Tokenizer } from './tokenizers/tokenizer'

export type { Tokenizer, TokenizerDefinition } from './tokenizers/tokenizer'

/** What every architecture has. */
interface Sizes {
  readonly layers: number
  /** Width of the residual stream. */
  readonly width: number
  /** Longest sequence. */
  readonly contextTokens: number
  /** Tokens the embedding knows. */
  readonly vocabulary: number
}

/** GPT-2 and its kin (Radford et al. 2019). */
export interface GptConfig extends Sizes {
  readonly architecture: 'gpt'
  /** They divide the width. */
  readonly heads: number
  /** The output matrix is the token embedding. */
  readonly isTied: boolean
}

/** Llama 2 and 3, SmolLM, TinyLlama; with biases Qwen2 (Touvron et al. 2023). */
export interface LlamaConfig extends Sizes {
  readonly architecture: 'llama'
  readonly heads: number
  /** Heads of keys and values; they divide the heads. */
  readonly keyValueHeads: number
  readonly headWidth: number
  /** Width of the feed-forward's inside. */
  readonly innerWidth: number
  readonly normEpsilon: number
  /** θ of the rotary positions. */
  readonly ropeBase: number
  readonly ropeScaling: RopeScaling
  readonly isTied: boolean
  /** Queries, keys and values have biases (Qwen2). */
  readonly hasBiases: boolean
}

/** How rotary positions were stretched beyond the context the model was first trained on; the names are those of Hugging Face's `rope_scaling`. */
export type RopeScaling =
  | { readonly type: 'none' }
  | { readonly type: 'linear'; readonly factor: number }
  | { readonly type: 'llama3'; readonly factor: number; readonly lowFrequencyFactor: number; readonly highFrequencyFactor: number; readonly originalContextTokens: number }
  | { readonly type: 'yarn'; readonly factor: number; readonly originalContextTokens: number; readonly attentionFactor: number; readonly betaFast: number; readonly betaSlow: number }

export type ModelConfig = GptConfig | LlamaConfig

export interface LanguageModel {
  readonly kind: 'language-model'
  readonly config: ModelConfig
  readonly tokenizer: Tokenizer
  readonly parameters: Parameters
}

/** A trunk with a scalar head: one score a text, read at its last token. */
export interface RewardModel {
  readonly kind: 'reward-model'
  readonly config: ModelConfig
  readonly tokenizer: Tokenizer
  readonly parameters: Parameters
}

export type Model = LanguageModel | RewardModel
