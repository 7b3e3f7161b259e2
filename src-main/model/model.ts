/** What the numbers belong to: a configuration, a tokenizer and one flat buffer of parameters. */
import type { Parameters } from '../compute/parameters'

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

export interface Tokenizer {
  /** For people: "89 characters". */
  readonly name: string
  /** Ids are 0 … vocabulary − 1. */
  readonly vocabulary: number
  /** Stands before every text and after it: begin and end are one token, as in minRLHF. */
  readonly endToken: number
  /** Ids of a text, without end tokens. @throws UnknownCharacterError naming the first character it does not know, and its place */
  encode(text: string): Int32Array
  /** The text of ids; end tokens are left out. */
  decode(ids: ArrayLike<number>): string
  /** One token as people see it. */
  textOf(id: number): string
  /** All that is needed to build it again; stored in the checkpoint. */
  readonly definition: TokenizerDefinition
}
export interface TokenizerDefinition {
  readonly type: 'character'
  /** Characters (Unicode code points) in the order of their ids, from id 1; id 0 is the end token. */
  readonly characters: readonly string[]
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
