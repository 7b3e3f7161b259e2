/** Inputs of a program that are constants of its model: weights that nobody changes while it lives. */
import type { EightBitMatrix, HeldWeight } from '../eight-bits'

export interface FrozenInput {
  readonly data: Float32Array
  /**
   * Of a matrix that products are to read in 8 bits, or of its transpose: the same one each time; undefined where it
   * is not there that way round.
   */
  readonly inEightBits?: (isTransposed: boolean) => EightBitMatrix | undefined
  /** What is there in 8 bits only: its numbers are written out wherever something else than such a product reads it. */
  readonly held?: HeldWeight
}
/** By the names of a graph's inputs. */
export type FrozenInputs = ReadonlyMap<string, FrozenInput>
