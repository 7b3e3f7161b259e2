/** Weights that are built into a graph, and what of them products read in 8 bits. */
import type { WeightFormat } from '../../../src-shared/records/sample'
import { DeviceFailure } from '../device-failure'
import { inEightBits, type EightBitMatrix } from '../lower/eight-bits'
import type { Program } from '../engine'
import { WEIGHT } from '../recording/graphs'
import type { Parameters } from '../parameters'

export interface FrozenInput {
  readonly data: Float32Array
  /** Of a matrix that products are to read in 8 bits, or of its transpose: the same one each time. */
  readonly inEightBits?: (isTransposed: boolean) => EightBitMatrix
}
/** By the names of a graph's inputs. */
export type FrozenInputs = ReadonlyMap<string, FrozenInput>

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

/** A program on a device that has no products with 8-bit weights, or none that anybody has tried. */
export function withoutEightBits(program: Program): Program {
  return {
    ...program,
    freeze(parameters, format = 'as-they-are') {
      if (format === '8-bit')
        throw new DeviceFailure(
          'Only the compiled CPU writes with 8-bit weights: choose the device “cpu”, or the weights as ' +
            'they are.',
        )
      return program.freeze(parameters)
    },
  }
}
