/** A loss of log-probabilities and its gradient, in float64: what differs there is a formula, not a rounding. */
import type { HostTensor } from '../../src-main/compute/engine'
import * as tf from '../../src-main/compute/tf'
import { runInFloat64 } from '../compute/float64'
import { recorded } from '../compute/recorded'

/** A tensor of a batch in all its digits. */
export interface Exact {
  readonly shape: readonly number[]
  readonly data: readonly number[]
}

export const vector = (data: readonly number[]): Exact => ({ shape: [data.length], data })

const hostOf = ({ shape, data }: Exact): HostTensor => ({ shape, data: Float32Array.from(data) })

/** @param loss of the log-probabilities and the other tensors of the batch, by name */
export function exactLoss(
  loss: (logProbs: tf.Tensor2D, batch: Readonly<Record<string, tf.Tensor>>) => tf.Scalar,
  logProbs: Exact,
  batch: Readonly<Record<string, Exact>>,
): { readonly loss: number; readonly gradient: ArrayLike<number> } {
  const names = Object.keys(batch)
  const given = [logProbs, ...Object.values(batch)]
  const body = (lp: tf.Tensor, ...rest: tf.Tensor[]): tf.Scalar =>
    loss(lp as tf.Tensor2D, Object.fromEntries(names.map((name, index) => [name, rest[index] as tf.Tensor])))
  const slope = (lp: tf.Tensor, ...rest: tf.Tensor[]): tf.Tensor =>
    tf.engine().gradients(() => body(lp, ...rest), [lp], undefined, true).grads[0] as tf.Tensor
  const feeds = Object.fromEntries(given.map(({ data }, index) => [`x${index}`, data]))
  const inOne = (what: typeof body | typeof slope) =>
    runInFloat64(recorded(what, given.map(hostOf)), feeds)['y0'] as ArrayLike<number>
  return { loss: inOne(body)[0] as number, gradient: inOne(slope) }
}
