/** What an RWKV-7 is made of. */
import type { Sizes } from './architecture'

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
