/**
 * Low-rank adapters (Hu et al. 2021): beside a frozen projection x·W two narrow matrices that alone are
 * trained,
 *
 *   y = x·W + s · x·A·B,   A [in, rank], B [rank, out],   s = α / rank (Hu et al. 2021, §4.1) or α / √rank
 *   (Kalajdzievski 2023, Theorem 3.2)
 *
 * A is drawn uniformly within ±1/√in (He et al. 2015 with a = √5, as in PEFT), B is zero: a new adapter
 * changes nothing. Its tensors stand among the model's parameters under names of their own
 * (`adapterTensors`); `project` finds them there. The model with some adapters off is the same parameters
 * without their names.
 */
import type { Batch } from '../../compute/engine'
import { allocate, overlay, partOf, type Parameters, type ParameterSpec } from '../../compute/parameters'
import { fillUniform, type Random } from '../../maths/random'
import { adapterTensors, isAdapterTensor } from './adapter-names'
import { isStoredBack } from './adapter-targets'
import type { RowsDrawn } from '../layers/dropout'
import type { Adapter, Model, ModelConfig } from '../model'
import { trunkSpec } from '../trunk-parameters'

export const scaleOf = ({ rank, alpha, scaling }: Pick<Adapter, 'rank' | 'alpha' | 'scaling'>): number =>
  scaling === 'by-rank' ? alpha / rank : alpha / Math.sqrt(rank)

/** Names and shapes of an adapter's matrices, one pair a projection. */
export function adapterSpec(
  config: ModelConfig,
  { name, rank, projections }: Pick<Adapter, 'name' | 'rank' | 'projections'>,
): ParameterSpec {
  const trunk = trunkSpec(config)
  return Object.fromEntries(
    projections.flatMap((projection) => {
      const [inside, outside] = sizesOf(trunk, projection)
      const { A, B } = adapterTensors(projection, name)
      return [
        [A, [inside, rank]],
        [B, [rank, outside]],
      ]
    }),
  )
}

/** Inputs and outputs of a projection. @throws Error when the model has no such projection */
function sizesOf(trunk: ParameterSpec, projection: string): readonly [number, number] {
  const [first, second] = trunk[`${projection}.weight`] ?? []
  if (first === undefined || second === undefined)
    throw new Error(`the model has no projection "${projection}"`)
  return isStoredBack(projection) ? [second, first] : [first, second]
}

/** Gives an adapter its first values. */
export function initialiseAdapter(
  parameters: Parameters,
  { name, projections }: Adapter,
  random: Random,
): void {
  for (const projection of projections) {
    const { A, B } = adapterTensors(projection, name)
    const [inside] = parameters.spec[A] as readonly [number, number]
    fillUniform(parameters.view(A), 1 / Math.sqrt(inside), random)
    parameters.view(B).fill(0)
  }
}

/**
 * Parameters with adapters on top, each from `own`: their scales lie below it, frozen.
 * @param own adapters' matrices, and whatever else is trained
 */
export function withAdapters(frozen: Parameters, adapters: readonly Adapter[], own: Parameters): Parameters {
  const scales = allocate(
    Object.fromEntries(adapters.map(({ name }) => [adapterTensors('', name).scale, []])),
  )
  for (const adapter of adapters) scales.view(adapterTensors('', adapter.name).scale).fill(scaleOf(adapter))
  return overlay(overlay(frozen, scales), own)
}

/** The same model with some of its adapters off, all unless they are named; nothing is copied. */
export function withoutAdapters<M extends Model>(
  model: M,
  off: readonly string[] = (model.adapters ?? []).map(({ name }) => name),
): M {
  const isOff = (name: string): boolean =>
    off.some(
      (each) =>
        isAdapterTensor(name) &&
        (name.endsWith(`.${each}.weight`) || name === adapterTensors('', each).scale),
    )
  return {
    ...model,
    parameters: partOf(model.parameters, (name) => !isOff(name)),
    adapters: (model.adapters ?? []).filter(({ name }) => !off.includes(name)),
  }
}

/** The same model without adapters, in parameters of its own: W + s·A·B in the place of each W. */
export function merged<M extends Model>(model: M): M {
  const base = ownCopy(withoutAdapters(model))
  for (const adapter of model.adapters ?? []) {
    for (const projection of adapter.projections) {
      const { A, B } = adapterTensors(projection, adapter.name)
      addProduct(
        base.parameters.view(`${projection}.weight`),
        model.parameters.view(A),
        model.parameters.view(B),
        { rank: adapter.rank, scale: scaleOf(adapter), isBack: isStoredBack(projection) },
      )
    }
  }
  return base
}

/** A model with parameters of its own, in one layer. */
function ownCopy<M extends Model>(model: M): M {
  const parameters = allocate(model.parameters.spec)
  for (const name of Object.keys(parameters.spec)) parameters.view(name).set(model.parameters.view(name))
  return { ...model, parameters }
}

/** W += scale · A·B, in double precision; of a matrix that is stored [out, in] its transpose. */
export function addProduct(
  w: Float32Array,
  a: Float32Array,
  b: Float32Array,
  { rank, scale, isBack }: { readonly rank: number; readonly scale: number; readonly isBack: boolean },
): void {
  const inside = a.length / rank
  const outside = b.length / rank
  const row = new Float64Array(outside)
  for (let i = 0; i < inside; i++) {
    row.fill(0)
    for (let r = 0; r < rank; r++) {
      const factor = scale * a[i * rank + r]!
      for (let o = 0; o < outside; o++) row[o]! += factor * b[r * outside + o]!
    }
    for (let o = 0; o < outside; o++) w[isBack ? o * inside + i : i * outside + o]! += row[o]!
  }
}

/**
 * Which inputs of each adapter's projection some rows of one update leave out: the same for a row whatever it
 * is computed with.
 * @param draws randomness of each row of the batch
 * @returns `mask` tensors [rows · time, in] by name: 0, or 1 / (1 − dropout)
 */
export function dropoutMasks(
  config: ModelConfig,
  { name, dropout, projections }: Adapter,
  { rows, time, first }: RowsDrawn,
  draws: (row: number) => Random,
): Batch {
  const trunk = trunkSpec(config)
  const kept = 1 / (1 - dropout)
  const randoms = Array.from({ length: rows }, (_, row) => draws(first + row))
  return Object.fromEntries(
    projections.map((projection) => {
      const [inside] = sizesOf(trunk, projection)
      const data = new Float32Array(rows * time * inside)
      for (let i = 0; i < data.length; i++)
        if (randoms[Math.floor(i / (time * inside))]!() >= dropout) data[i] = kept
      return [adapterTensors(projection, name).mask, { shape: [rows * time, inside], data }]
    }),
  )
}
