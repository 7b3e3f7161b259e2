/** What a GPT-NeoX is made of. */
import type { RopeScaling } from '../layers/rope-scaling'
import type { Sizes } from './architecture'

export interface NeoxConfig extends Sizes {
  readonly architecture: 'neox'
  /** They divide the width. */
  readonly heads: number
  /** How many of each head's numbers are rotated, the first ones: even. */
  readonly rotatedWidth: number
  /** Width of the feed-forward's inside. */
  readonly innerWidth: number
  readonly normEpsilon: number
  /** θ of the rotary positions. */
  readonly ropeBase: number
  readonly ropeScaling: RopeScaling
  /** Attention and feed-forward read the same stream; else the second reads what the first has added. */
  readonly isParallel: boolean
  /** Whether the feed-forward bends by GELU itself; else by its tanh approximation. */
  readonly hasExactGelu: boolean
  /** Queries, keys, values and what attention gives have biases. */
  readonly hasAttentionBiases: boolean
  /** The output matrix is the token embedding. */
  readonly isTied: boolean
}
