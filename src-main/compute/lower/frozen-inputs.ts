/** Inputs of a program that are constants of its model: weights that nobody changes while it lives. */
import type { EightBitMatrix } from './eight-bits'

export interface FrozenInput {
  readonly data: Float32Array
  /** Of a matrix that products are to read in 8 bits, or of its transpose: the same one each time. */
  readonly inEightBits?: (isTransposed: boolean) => EightBitMatrix
}
/** By the names of a graph's inputs. */
export type FrozenInputs = ReadonlyMap<string, FrozenInput>
