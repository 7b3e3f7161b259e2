import * as tf from '../../src-main/compute/tf'

/** The numbers of a tensor, and nothing left behind. */
export const numbersOf = (make: () => tf.Tensor): number[] => tf.tidy(() => Array.from(make().dataSync()))

export const numberOf = (make: () => tf.Tensor): number => numbersOf(make)[0]!

/** A matrix from its rows. */
export const matrix = (...rows: readonly (readonly number[])[]): tf.Tensor2D =>
  tf.tensor2d(rows.map((row) => [...row]))

export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
export const mean = (values: readonly number[]): number => sum(values) / values.length
