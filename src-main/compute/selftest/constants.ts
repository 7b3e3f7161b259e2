/** Cases of kernels that make tensors from nothing: filled ones, ranges, ones like others. */
import * as tf from '../tf'
import type { Case } from './case'

const made = (kernel: string, says: string, make: (x: tf.Tensor) => tf.Tensor[]): Case => ({
  kernel,
  says,
  make: (draw) => ({ inputs: [draw.floats(draw.shape(0, 3))], body: (x) => make(x) }),
})

export const constantCases: readonly Case[] = [
  made('Fill', 'fill in every type, small and large', (x) => [
    tf.fill(x.shape, 2.5),
    tf.fill([2], 3, 'int32'),
    tf.cast(tf.fill([3], 1, 'bool'), 'int32'),
    tf.mul(x, tf.fill([1], 7)),
  ]),
  made('ZerosLike', 'zerosLike of floats and integers', (x) => [
    tf.add(x, tf.zerosLike(x)),
    tf.zerosLike(tf.cast(x, 'int32')),
  ]),
  made('OnesLike', 'onesLike of floats and integers', (x) => [
    tf.sub(x, tf.onesLike(x)),
    tf.onesLike(tf.cast(x, 'int32')),
  ]),
  made('Range', 'range up and down, in parts and in none', (x) => [
    tf.add(tf.range(0, 1, 0.1), tf.sum(x)),
    tf.range(5, -2, -3, 'int32'),
    tf.range(0, 300, 1, 'int32'),
    tf.range(2, 2),
  ]),
]
