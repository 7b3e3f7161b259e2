/** How an architecture is written as an ONNX graph with a key-value cache. */
import type { OnnxBuilder } from './onnx-builder'

export interface CachedHeads {
  readonly heads: number
  readonly keyValueHeads: number
  readonly headWidth: number
}

export interface OnnxForm<C> {
  headsOf(config: C): CachedHeads
  /**
   * Writes the trunk: `input_ids` and `position_ids` [B, T] → the name of its states [B, T, C].
   * @param mask what is added to scores
   */
  states(build: OnnxBuilder, config: C, mask: string): string
  /** The matrix [V, C] that makes logits of states. */
  outputMatrix(config: C): string
}
