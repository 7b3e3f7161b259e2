/**
 * A function of many rows computed a chunk of rows at a time, and again on the way back: what lies between its input
 * and its result is there for one chunk only (Chen et al. 2016, "Training Deep Nets with Sublinear Memory Cost").
 */
import { withGradient } from './custom-gradient'
import * as tf from '../tf'

/**
 * Of one chunk: its rows [N, …] of each of `perRow`, and `shared` whole. What it reads beside them has no gradient.
 * @returns [N, …]
 */
export type OfChunk = (perRow: readonly tf.Tensor[], shared: readonly tf.Tensor[]) => tf.Tensor

/**
 * @param x         [rows, C], which has a gradient; so have `shared`
 * @param constants [rows, …] each, which have none
 * @param chunkRows rows of a chunk; fewer than there are, or nothing is gained
 * @returns [rows, …]
 */
export function inChunks(
  body: OfChunk,
  x: tf.Tensor2D,
  { constants, shared }: { readonly constants: readonly tf.Tensor[]; readonly shared: readonly tf.Tensor[] },
  chunkRows: number,
): tf.Tensor {
  const sizes = chunkSizes(x.shape[0], chunkRows)

  return withGradient(([x, ...shared], save) => {
    save([x as tf.Tensor, ...shared, ...constants])
    const constantsOf = cutter(constants, sizes)
    const cut = tf.split(x as tf.Tensor, sizes, 0)
    return {
      value: tf.concat(
        cut.map((rows, chunk) => body([rows, ...constantsOf(chunk)], shared)),
        0,
      ),
      gradFunc: (dy, [x, ...saved]) => {
        const constantsOf = cutter(saved.slice(shared.length), sizes)
        const rows = tf.split(x as tf.Tensor, sizes, 0)
        const slopes = tf.split(dy, sizes, 0)
        const ofRows: tf.Tensor[] = []
        let ofShared: readonly tf.Tensor[] = []
        for (const [chunk, slope] of slopes.entries()) {
          // it waits for the chunk before it, or none would be let go
          const waits = after(ofRows.at(-1) ?? dy)
          const [own, ...common] = gradientsOf(
            (given, ...others) => body([given, ...constantsOf(chunk).map(waits)], others),
            [waits(rows[chunk] as tf.Tensor), ...saved.slice(0, shared.length)],
            slope,
          ) as [tf.Tensor, ...tf.Tensor[]]
          ofRows.push(own)
          ofShared =
            chunk === 0 ? common : ofShared.map((sum, index) => tf.add(sum, common[index] as tf.Tensor))
        }
        return [tf.concat(ofRows, 0), ...ofShared]
      },
    }
  })(x, ...shared)
}

/** The chunk of each. */
function cutter(all: readonly tf.Tensor[], sizes: number[]): (chunk: number) => tf.Tensor[] {
  const cut = all.map((each) => tf.split(each, sizes, 0))
  return (chunk) => cut.map((each) => each[chunk] as tf.Tensor)
}

/** Chunks of nearly one size. */
export function chunkSizes(rows: number, most: number): number[] {
  const count = Math.ceil(rows / most)
  return Array.from(
    { length: count },
    (_, chunk) => Math.floor(((chunk + 1) * rows) / count) - Math.floor((chunk * rows) / count),
  )
}

/** The same numbers, which are not there before another tensor is; ids are so small that they need not wait. */
const after =
  (before: tf.Tensor) =>
  (x: tf.Tensor): tf.Tensor =>
    x.dtype === 'float32' ? tf.add(x, tf.mul(firstOf(before), 0)) : x

/** One of its numbers. */
const firstOf = (x: tf.Tensor): tf.Tensor =>
  tf.reshape(
    tf.slice(
      x,
      x.shape.map(() => 0),
      x.shape.map(() => 1),
    ),
    [],
  )

/** Gradients inside a gradient: TensorFlow.js keeps one tape, which the outer one still needs. */
function gradientsOf(
  body: (x: tf.Tensor, ...others: tf.Tensor[]) => tf.Tensor,
  inputs: tf.Tensor[],
  slope: tf.Tensor,
): tf.Tensor[] {
  const { state } = tf.engine()
  const outer = state.activeTape
  try {
    return tf.grads((...given) => body(...(given as [tf.Tensor, ...tf.Tensor[]])))(inputs, slope)
  } finally {
    state.activeTape = outer
  }
}
