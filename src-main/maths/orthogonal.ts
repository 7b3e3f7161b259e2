/** First values of matrices whose rows or columns stand at right angles. */
import { normal, type Random } from './random'

/**
 * Fills a matrix with a random orthogonal one, times a gain: rows of length `gain` at right angles to each
 * other, or columns when those are fewer. Saxe et al. 2014, "Exact solutions to the nonlinear dynamics of
 * learning", §4; normal draws made orthogonal by modified Gram–Schmidt.
 *
 * @param values [rows · columns]
 */
export function fillOrthogonal(
  values: Float32Array,
  rows: number,
  columns: number,
  gain: number,
  random: Random,
): void {
  const [count, length] = rows <= columns ? [rows, columns] : [columns, rows]
  const vectors = Array.from({ length: count }, () => Float64Array.from({ length }, () => normal(random)))
  vectors.forEach((vector, place) => {
    scale(vector, 1 / Math.sqrt(dot(vector, vector)))
    for (let later = place + 1; later < count; later++)
      subtract(vectors[later]!, vector, dot(vectors[later]!, vector))
  })
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      values[row * columns + column] =
        gain * (rows <= columns ? vectors[row]![column]! : vectors[column]![row]!)
    }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}

function scale(vector: Float64Array, by: number): void {
  for (let i = 0; i < vector.length; i++) vector[i]! *= by
}

function subtract(from: Float64Array, vector: Float64Array, times: number): void {
  for (let i = 0; i < from.length; i++) from[i]! -= times * vector[i]!
}
