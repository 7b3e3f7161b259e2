/**
 * Parameters that nobody trains, large matrices among them held in 8 bits (`eight-bits.ts`): a quarter of the
 * memory. Programs write each matrix out where they use it, for as long as they do.
 */
import { BLOCK, writtenOut, zeroInEightBits, type EightBitMatrix, type HeldWeight } from './eight-bits'
import { allocate, countOf, sizeOf, type Parameters, type ParameterSpec } from './parameters'
import { BYTES } from './parameter-blocks'

/** How a matrix is stored: [in, out], or [out, in] as embeddings and output matrices are; undefined: not held. */
export type WayRound = (name: string, shape: readonly number[]) => 'in-out' | 'out-in' | undefined

/** Fresh parameters, all zero; what is held in 8 bits is written by `writeRows`. */
export function allocateInEightBits(spec: ParameterSpec, wayRound: WayRound): Parameters {
  const held = heldWeights(spec, wayRound, zeroInEightBits)
  const plain = allocate(Object.fromEntries(Object.entries(spec).filter(([name]) => !held.has(name))))
  return {
    spec,
    count: countOf(spec),
    get flat(): Float32Array {
      throw new Error('these parameters are held in 8 bits: ask for their tensors one by one')
    },
    view(name) {
      const weight = held.get(name)
      return weight ? writtenOut(weight) : plain.view(name)
    },
    place(name) {
      if (held.has(name)) throw new Error(`"${name}" is held in 8 bits`)
      return plain.place(name)
    },
    held: (name) => held.get(name),
  }
}

type Sizes = Pick<EightBitMatrix, 'inner' | 'columns'>

/** What would be held, without its numbers. */
export const unwrittenInEightBits = (
  spec: ParameterSpec,
  wayRound: WayRound,
): ReadonlyMap<string, HeldWeight> =>
  heldWeights(spec, wayRound, (sizes) => ({
    ...sizes,
    blocks: Math.ceil(sizes.inner / BLOCK),
    numbers: new Uint8Array(0),
    scales: new Float32Array(0),
  }))

function heldWeights(
  spec: ParameterSpec,
  wayRound: WayRound,
  make: (sizes: Sizes) => EightBitMatrix,
): ReadonlyMap<string, HeldWeight> {
  return new Map(
    Object.entries(spec).flatMap(([name, shape]) => {
      const way = wayRound(name, shape)
      if (!way) return []
      const [first = 0, second = 0] = shape
      const isTransposed = way === 'out-in'
      const sizes = isTransposed ? { inner: second, columns: first } : { inner: first, columns: second }
      return [[name, { matrix: make(sizes), isTransposed }] as const]
    }),
  )
}

/** Bytes of parameters some of which are held in 8 bits. */
export const bytesHeld = (spec: ParameterSpec, wayRound: WayRound): number =>
  Object.entries(spec).reduce(
    (sum, [name, shape]) => sum + sizeOf(shape) * (wayRound(name, shape) ? 1 + BYTES / BLOCK : BYTES),
    0,
  )

const known = new WeakMap<Parameters, ReadonlyMap<string, HeldWeight>>()

/** All that is held in 8 bits, by name. */
export function heldIn(parameters: Parameters): ReadonlyMap<string, HeldWeight> {
  const found =
    known.get(parameters) ??
    new Map(
      Object.keys(parameters.spec).flatMap((name) => {
        const weight = parameters.held(name)
        return weight ? [[name, weight] as const] : []
      }),
    )
  known.set(parameters, found)
  return found
}
