/** Weights that are built into a graph, and what of them products read in 8 bits. */
import type { WeightFormat } from '../../../src-shared/records/sample'
import { inEightBits, type EightBitMatrix } from '../lower/eight-bits'
import type { FrozenInputs } from '../lower/frozen-inputs'
import type { Parameters } from '../parameters'
import { WEIGHT } from '../recording/graphs'

export function frozenInputs(parameters: Parameters, format: WeightFormat): FrozenInputs {
  return new Map(
    Object.entries(parameters.spec).map(([name, shape]) => {
      const values = () => parameters.view(name)
      const [rows, columns] = shape // asked for with every graph: a view lasts no longer
      const isInEightBits =
        format === '8-bit' && shape.length === 2 && rows !== undefined && columns !== undefined
      return [
        WEIGHT + name,
        {
          get data() {
            return values()
          },
          ...(isInEightBits && { inEightBits: eightBitsOf(values, rows, columns) }),
        },
      ]
    }),
  )
}

function eightBitsOf(
  values: () => Float32Array,
  rows: number,
  columns: number,
): (isTransposed: boolean) => EightBitMatrix {
  const made = new Map<boolean, EightBitMatrix>()
  return (isTransposed) => {
    const matrix =
      made.get(isTransposed) ??
      inEightBits(
        values(),
        isTransposed
          ? { inner: columns, columns: rows, isTransposed }
          : { inner: rows, columns, isTransposed },
      )
    made.set(isTransposed, matrix)
    return matrix
  }
}
