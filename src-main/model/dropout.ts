/**
 * Dropout (Srivastava et al. 2014): while a model is trained, a share of the numbers at some places is set to 0 and the others grow to make up for it.
 *
 * A recorded program draws nothing, so its chance comes in with the batch, a few numbers for each row and each column instead of one for each number:
 *
 *   u[i, j] = Σₖ sₖ·r[i, k]·c[k, j] mod p,   kept where u < share · p
 *
 * with r, c uniform in 0 … p − 1 and s in 1 … p − 1, another s at each place. For a prime p every u is uniform and any two are independent (Carter &
 * Wegman 1979, "Universal classes of hash functions"). All products are whole numbers below 2²⁴: every device keeps and drops the same.
 * The tensors stand among the weights, as a batch's do beside an adapter (`projection.ts`); where there are none, nothing is dropped.
 */
import type { Batch, HostTensor, Tensors, Weights } from '../compute/engine'
import * as tf from '../compute/tf'
import { randomIndex, type Random } from '../maths/random'
import type { ModelConfig } from './model'
import { weight } from './network'

/** Sets some of the numbers of [..., columns] to 0; each call is another place. */
export type Drop = <T extends tf.Tensor>(x: T) => T

export const keepAll: Drop = (x) => x

const prime = 1021
const terms = 3
const names = { rows: 'dropout.rows', columns: 'dropout.columns', places: 'dropout.places', kept: 'dropout.kept' } as const

/**
 * The chance of one update.
 * @param shape of the batch
 * @param rate  share that is dropped, to a thousandth
 */
export function drawChance(config: ModelConfig, shape: { readonly rows: number; readonly time: number }, rate: number, random: Random): Batch {
  const positions = shape.rows * shape.time * ('heads' in config ? config.heads : 1), columns = Math.max(config.width, shape.time), places = 1 + 3 * config.layers
  const drawn = (first: number, second: number, least: number): HostTensor =>
    ({ shape: [first, second], data: Float32Array.from({ length: first * second }, () => least + randomIndex(prime - least, random)) })
  return {
    [names.rows]: drawn(positions, terms, 0), [names.columns]: drawn(terms, columns, 0), [names.places]: drawn(places, terms, 1),
    [names.kept]: { shape: [], data: Float32Array.of(Math.round((1 - rate) * prime)) },
  }
}

/** The weights with the chance of a batch beside them, if it has any. */
export const withChance = (weights: Weights, batch: Tensors): Weights =>
  names.rows in batch ? { ...weights, ...Object.fromEntries(Object.values(names).map((name) => [name, weight(batch, name)])) } : weights

/** For one reading of a text. */
export function dropOf(weights: Weights): Drop | undefined {
  if (!(names.rows in weights)) return undefined
  const kept = weight(weights, names.kept), growth = tf.div(prime, kept)
  let place = 0
  return (x) => {
    const columns = x.shape.at(-1)!, rows = x.size / columns
    const part = (name: string, begin: readonly number[], size: readonly number[]): tf.Tensor2D => tf.slice(weight(weights, name) as tf.Tensor2D, begin as [number, number], size as [number, number])
    const own = wrapped(tf.mul(part(names.rows, [0, 0], [rows, terms]), part(names.places, [place++, 0], [1, terms])))
    const isKept = tf.less(wrapped(tf.matMul(own as tf.Tensor2D, part(names.columns, [0, 0], [terms, columns]))), kept)
    return tf.mul(x, tf.reshape(tf.mul(tf.cast(isKept, 'float32'), growth), x.shape))
  }
}

/** Whole numbers from 0 modulo the prime. */
const wrapped = (x: tf.Tensor): tf.Tensor => tf.sub(x, tf.mul(tf.floor(tf.div(x, prime)), prime))
