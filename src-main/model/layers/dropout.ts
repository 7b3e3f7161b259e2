/**
 * Dropout (Srivastava et al. 2014): while a model is trained, a share of the numbers at some places is set to
 * 0 and the others grow to make up for it.
 *
 * A recorded program draws nothing, so its chance comes in with the batch, a few numbers for each row and
 * each column instead of one for each number:
 *
 *   u[i, j] = Σₖ sₖ·r[i, k]·c[k, j] mod p,   kept where u < share · p
 *
 * with r, c uniform in 0 … p − 1 and s in 1 … p − 1, another s at each place. For a prime p every u is
 * uniform and any two are independent (Carter & Wegman 1979, "Universal classes of hash functions"). All
 * products are whole numbers below 2²⁴: every device keeps and drops the same. The tensors stand among the
 * weights, as a batch's do beside an adapter (`projection.ts`); where there are none, nothing is dropped.
 */
import type { Batch, HostTensor, Tensors, Weights } from '../../compute/engine'
import * as tf from '../../compute/tf'
import { randomIndex, type Random } from '../../maths/random'
import type { ModelConfig } from '../model'
import { weight } from '../network'

/** Sets some of the numbers of [..., columns] to 0; each call is another place. */
export type Drop = <T extends tf.Tensor>(x: T) => T

export const keepAll: Drop = (x) => x

const prime = 1021
const terms = 3
const names = {
  rows: 'dropout.rows',
  columns: 'dropout.columns',
  places: 'dropout.places',
  kept: 'dropout.kept',
} as const

/** Rows of an update's batch that are computed together: how many, from which on, and positions of each. */
export interface RowsDrawn {
  readonly rows: number
  readonly time: number
  readonly first: number
}

/**
 * The chance of one update, for some rows of its batch: what a row drops is the same whatever it is computed
 * with.
 * @param rate  share that is dropped, to a thousandth
 * @param draws randomness of the update, and of each of its rows
 */
export function drawChance(
  config: ModelConfig,
  { rows, time, first }: RowsDrawn,
  rate: number,
  draws: (row?: number) => Random,
): Batch {
  const positions = time * ('heads' in config ? config.heads : 1)
  const columns = Math.max(config.width, time)
  const places = 1 + 3 * config.layers
  const own = draws()
  const drawn = (count: number, least: number, random: Random): readonly number[] =>
    Array.from({ length: count }, () => least + randomIndex(prime - least, random))
  const tensor = (shape: readonly number[], values: readonly number[]): HostTensor => ({
    shape,
    data: Float32Array.from(values),
  })
  return {
    [names.rows]: tensor(
      [rows, positions, terms],
      Array.from({ length: rows }, (_, row) => drawn(positions * terms, 0, draws(first + row))).flat(),
    ),
    [names.columns]: tensor([terms, columns], drawn(terms * columns, 0, own)),
    [names.places]: tensor([places, terms], drawn(places * terms, 1, own)),
    [names.kept]: { shape: [], data: Float32Array.of(Math.round((1 - rate) * prime)) },
  }
}

/** The weights with the chance of a batch beside them, if it has any. */
export const withChance = (weights: Weights, batch: Tensors): Weights =>
  names.rows in batch
    ? { ...weights, ...Object.fromEntries(Object.values(names).map((name) => [name, weight(batch, name)])) }
    : weights

/** For one reading of a text. */
export function dropOf(weights: Weights): Drop | undefined {
  if (!(names.rows in weights)) return undefined
  const kept = weight(weights, names.kept)
  const growth = tf.div(prime, kept)
  let place = 0
  return (x) => {
    const columns = x.shape.at(-1)!
    const lines = x.size / columns
    const texts = weight(weights, names.rows)
    const [rows] = texts.shape as [number]
    const part = (name: string, begin: readonly number[], size: readonly number[]): tf.Tensor2D =>
      tf.slice(weight(weights, name) as tf.Tensor2D, begin as [number, number], size as [number, number])
    const first = tf.reshape(tf.slice(texts, [0, 0, 0], [rows, lines / rows, terms]), [lines, terms])
    const own = wrapped(tf.mul(first, part(names.places, [place++, 0], [1, terms])))
    const isKept = tf.less(
      wrapped(tf.matMul(own as tf.Tensor2D, part(names.columns, [0, 0], [terms, columns]))),
      kept,
    )
    return tf.mul(x, tf.reshape(tf.mul(tf.cast(isKept, 'float32'), growth), x.shape))
  }
}

/** Whole numbers from 0 modulo the prime. */
const wrapped = (x: tf.Tensor): tf.Tensor => tf.sub(x, tf.mul(tf.floor(tf.div(x, prime)), prime))
