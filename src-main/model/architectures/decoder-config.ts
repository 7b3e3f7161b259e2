/**
 * What a decoder is made of (Vaswani et al. 2017, §3.1, without the encoder): one description by which the
 * families after Llama differ. Nothing here computes with tensors.
 */
import type { RopeScaling } from '../layers/rope-scaling'
import type { Sizes } from './architecture'

/** What each block does in the place of attention, and how far it sees. */
export type LayerKind =
  /** Sees all that came before. */
  | 'full'
  /** Sees the last `window` positions, its own among them. */
  | 'window'
  /** Sees all, and its positions are not rotated (Kazemnejad et al. 2023, "NoPE"). */
  | 'unrotated'
  /** A short convolution over the last positions, with gates (Liquid AI 2025, "LFM2"). */
  | 'convolution'

export type Positions =
  | {
      readonly type: 'rotary'
      /** Numbers of each head that are rotated, the first ones. */
      readonly rotatedWidth: number
      /** θ of the rotary positions. */
      readonly ropeBase: number
      readonly ropeScaling: RopeScaling
      /** θ in blocks with a window, where it is another one; it is not stretched. */
      readonly windowBase?: number
    }
  /** A table of vectors that are added to the tokens; position 0 is its row `offset`. */
  | { readonly type: 'learned'; readonly offset: number }

export interface DecoderDesign {
  /** RMSNorm (Zhang & Sennrich 2019); the same where a gain of 0 leaves things as they are; LayerNorm. */
  readonly norm: 'rms' | 'rms-from-one' | 'layer'
  /**
   * Before each part; after it, before it is added; both; or one before both parts, which stand side by side.
   */
  readonly normPlace: 'before' | 'after' | 'around' | 'shared'
  /** RMSNorm of queries and keys: of each head, or of all heads at once. */
  readonly queryNorm: 'none' | 'a-head' | 'whole'
  readonly activation: 'silu' | 'gelu' | 'gelu-tanh' | 'relu'
  /** Whether the feed-forward is down(activation(gate(x)) · up(x)), not down(activation(up(x))). */
  readonly isGated: boolean
  /** Which linear layers have biases. */
  readonly biases: readonly Bias[]
  readonly positions: Positions
  /** One a block. */
  readonly layers: readonly LayerKind[]
  /** Positions seen where there is a window; 0 where there is none. */
  readonly window: number
  /** Multiplies the scores of attention: 1/√D is the usual. */
  readonly scoreScale: number
  /** Multiplies tokens as they enter. */
  readonly embeddingScale: number
  /** Multiplies what each part adds to the stream. */
  readonly residualScale: number
  /** Divides the logits. */
  readonly logitDivisor: number
  /** Scores are drawn towards ± this; 0 is off. */
  readonly scoreCap: number
  /** Logits are drawn towards ± this; 0 is off. */
  readonly logitCap: number
  /** Positions that a convolution reads. */
  readonly kernel: number
}

export type Bias = 'query-key-value' | 'attention-output' | 'feed-forward' | 'output-matrix'

export interface DecoderConfig extends Sizes {
  readonly architecture: 'decoder'
  /** Whose names its tensors and settings bear: a row of `decoder-names.ts`. */
  readonly family: string
  readonly heads: number
  /** Heads of keys and values; they divide the heads. */
  readonly keyValueHeads: number
  readonly headWidth: number
  /** Width of the feed-forward's inside. */
  readonly innerWidth: number
  readonly normEpsilon: number
  /** The output matrix is the token embedding. */
  readonly isTied: boolean
  readonly design: DecoderDesign
}

/** A block of Llama's, from which the families depart. */
export const plainDesign = (
  layers: number,
  headWidth: number,
  rope: { readonly ropeBase: number; readonly ropeScaling: RopeScaling },
): DecoderDesign => ({
  norm: 'rms',
  normPlace: 'before',
  queryNorm: 'none',
  activation: 'silu',
  isGated: true,
  biases: [],
  positions: { type: 'rotary', rotatedWidth: headWidth, ...rope },
  layers: Array.from({ length: layers }, () => 'full'),
  window: 0,
  scoreScale: 1 / Math.sqrt(headWidth),
  embeddingScale: 1,
  residualScale: 1,
  logitDivisor: 1,
  scoreCap: 0,
  logitCap: 0,
  kernel: 0,
})
