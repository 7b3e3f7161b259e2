/** Weights that are built into a graph, and what of them products read in 8 bits. */
import type { WeightFormat } from '../../../src-shared/records/sample'
import { inEightBits, type EightBitMatrix, type HeldWeight } from '../eight-bits'
import { heldIn } from '../eight-bit-parameters'
import type { FrozenInput, FrozenInputs } from '../lower/frozen-inputs'
import type { Parameters } from '../parameters'
import { WEIGHT } from '../recording/graphs'

/** All of them, for a program that is frozen. What is held in 8 bits is multiplied in 8 bits, whatever the format. */
export function frozenInputs(parameters: Parameters, format: WeightFormat): FrozenInputs {
  return new Map(
    Object.entries(parameters.spec).map(([name, shape]): [string, FrozenInput] => {
      const values = () => parameters.view(name)
      const held = parameters.held(name)
      const [rows, columns] = shape // asked for with every graph: a view lasts no longer
      const isInEightBits =
        format === '8-bit' && shape.length === 2 && rows !== undefined && columns !== undefined
      const ways = held
        ? { held, inEightBits: thatWayRound(held) }
        : { ...(isInEightBits && { inEightBits: eightBitsOf(values, rows, columns) }) }
      return [
        WEIGHT + name,
        {
          get data() {
            return values()
          },
          ...ways,
        },
      ]
    }),
  )
}

const thatWayRound =
  ({ matrix, isTransposed }: HeldWeight) =>
  (wanted: boolean): EightBitMatrix | undefined =>
    wanted === isTransposed ? matrix : undefined

/** What is held in 8 bits, for a program whose other weights are given to it with every run. */
export function heldInputs(parameters: Parameters): FrozenInputs {
  return new Map(
    [...heldIn(parameters)].map(([name, held]): [string, FrozenInput] => [
      WEIGHT + name,
      {
        get data() {
          return parameters.view(name)
        },
        held,
      },
    ]),
  )
}

/** One for all parameters that hold the same matrices in 8 bits: such matrices are built into graphs. */
export interface PerHeldWeights<T> {
  /** @throws Error when it is disposed: nothing is made any more */
  of(parameters: Parameters): T
  dispose(): void
}

export function perHeldWeights<T extends { dispose(): void }>(
  make: (held: FrozenInputs) => T,
): PerHeldWeights<T> {
  let isDisposed = false
  const made: { readonly weights: readonly HeldWeight[]; readonly value: T }[] = []
  return {
    of(parameters) {
      if (isDisposed) throw new Error('this program is disposed')
      const weights = [...heldIn(parameters).values()]
      const found = made.find(
        (each) =>
          each.weights.length === weights.length && each.weights.every((one, i) => one === weights[i]),
      )
      if (found) return found.value
      const value = make(heldInputs(parameters))
      made.push({ weights, value })
      return value
    },
    dispose() {
      isDisposed = true
      for (const { value } of made) value.dispose()
    },
  }
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
