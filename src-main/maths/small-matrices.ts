/** Matrices of a few rows, as plain numbers: sums, products, inverses. */

export type Matrix = readonly (readonly number[])[]

export const zeros = (size: number): number[][] =>
  Array.from({ length: size }, () => new Array<number>(size).fill(0))

export const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, index) => sum + value * b[index]!, 0)

export const product = (a: Matrix, b: Matrix): Matrix =>
  a.map((row) =>
    b[0]!.map((_, column) => row.reduce((sum, value, index) => sum + value * b[index]![column]!, 0)),
  )

/** By Gauss and Jordan, with the largest pivot. @throws RangeError for one that has no inverse */
export function inverted(matrix: Matrix): Matrix {
  const work = matrix.map((row, i) => [...row, ...matrix.map((_, j) => (i === j ? 1 : 0))])
  for (let column = 0; column < matrix.length; column++) {
    const pivot = largestBelow(work, column)
    const divisor = work[pivot]![column]!
    if (!(Math.abs(divisor) > 1e-12)) throw new RangeError('this matrix has no inverse')
    const row = work[pivot]!.map((value) => value / divisor)
    work[pivot] = work[column]!
    work[column] = row
    for (let other = 0; other < work.length; other++)
      if (other !== column) work[other] = without(work[other]!, row, work[other]![column]!)
  }
  return work.map((row) => row.slice(matrix.length))
}

/** The row, from this column's on, whose value in it is largest. */
function largestBelow(work: Matrix, column: number): number {
  let pivot = column
  for (let row = column + 1; row < work.length; row++)
    if (Math.abs(work[row]![column]!) > Math.abs(work[pivot]![column]!)) pivot = row
  return pivot
}

const without = (row: readonly number[], other: readonly number[], times: number): number[] =>
  row.map((value, index) => value - times * other[index]!)
