/** What the numbers belong to: a configuration, a tokenizer and parameters. */
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

/**
 * How rotary positions were stretched beyond the context the model was first trained on; the names are those
 * of Hugging Face's `rope_scaling`.
 */
export type RopeScaling =
  | { readonly type: 'none' }
  | { readonly type: 'linear'; readonly factor: number }
  | {
      readonly type: 'llama3'
      readonly factor: number
      readonly lowFrequencyFactor: number
      readonly highFrequencyFactor: number
      readonly originalContextTokens: number
    }
  | {
      readonly type: 'yarn'
      readonly factor: number
      readonly originalContextTokens: number
      readonly attentionFactor: number
      readonly betaFast: number
      readonly betaSlow: number
    }

/** PaLM (Chowdhery et al. 2022), as in PaLM-rlhf-pytorch: one key and one value for all heads. */
export interface PalmConfig extends Sizes {
  readonly architecture: 'palm'
  readonly heads: number
  readonly headWidth: number
  /** Width of the feed-forward's inside. */
  readonly innerWidth: number
  /** Positions after which xPos fades once more by its factor (Sun et al. 2022). */
  readonly xposBase: number
  /** Queries and keys have length 1 before they meet, times a learned gain. */
  readonly hasNormedQueries: boolean
  readonly isTied: boolean
}

/** RWKV-4 (Peng et al. 2023, "RWKV: Reinventing RNNs for the Transformer Era"). */
export interface Rwkv4Config extends Sizes {
  readonly architecture: 'rwkv4'
  /** Width of the channel mixing's inside. */
  readonly innerWidth: number
}

/** RWKV-7 (Peng et al. 2025, "RWKV-7 Goose with Expressive Dynamic State Evolution"). */
export interface Rwkv7Config extends Sizes {
  readonly architecture: 'rwkv7'
  /** Width of one head's state, which has its square of numbers; it divides the width. */
  readonly headWidth: number
  readonly innerWidth: number
  /** Ranks of the small matrices that make decay, in-context learning rate, mixing of values and gate. */
  readonly decayRank: number
  readonly rateRank: number
  readonly valueRank: number
  readonly gateRank: number
}

export type ModelConfig = GptConfig | LlamaConfig | PalmConfig | Rwkv4Config | Rwkv7Config

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

export interface LanguageModel {
  readonly kind: 'language-model'
  readonly config: ModelConfig
  readonly tokenizer: Tokenizer
  readonly parameters: Parameters
  /** In the order in which they were put on. */
  readonly adapters?: readonly Adapter[]
}

/** What a reward model reads and says besides one plain number; a model without it does neither. */
export interface RewardHead {
  /** Its score is the mean of a distribution over this many values, evenly from the lowest to the highest. */
  readonly bins?: { readonly count: number; readonly lowest: number; readonly highest: number }
  /** Prompt and completion are told apart by what is added to their tokens. */
  readonly hasSegments: boolean
}

/** A trunk with a head: one score a text, read at its last token. */
export interface RewardModel {
  readonly kind: 'reward-model'
  readonly config: ModelConfig
  readonly tokenizer: Tokenizer
  readonly parameters: Parameters
  readonly adapters?: readonly Adapter[]
  readonly head?: RewardHead
}

export type Model = LanguageModel | RewardModel
