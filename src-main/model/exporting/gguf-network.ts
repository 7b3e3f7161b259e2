/** How llama.cpp has an architecture: metadata and tensors. Filled in by the architectures that it knows. */
import type { GgufFields } from '../weights/gguf-writing'
import type { Layout } from '../weights/layout'
import type { WrittenTensor } from '../weights/written-tensors'

export interface GgufLayout extends Layout {
  /** Added to each number: llama.cpp wants gains that count from 1 as they multiply. */
  readonly shift?: number
  /** Multiplies each number, after that. */
  readonly factor?: number
  /** Its shape there, where axes of one are left out. */
  readonly shape?: readonly number[]
  /** Stored with all digits, whatever is asked for. */
  readonly isPrecise?: boolean
}

export interface GgufNetwork<C> {
  /**
   * `general.architecture`, and the fields that stand under its name.
   * @throws StudioFailure when llama.cpp has no network that computes this
   */
  described(config: C): { readonly architecture: string; readonly fields: GgufFields }
  /** A tensor of ours there. */
  layout(config: C, name: string): GgufLayout
  /** Tensors that are none of ours. */
  others?(config: C): readonly WrittenTensor[]
}
