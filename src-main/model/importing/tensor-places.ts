/** Where each tensor of a model comes from: which stored tensor, and how it lies there. */
import type { Parameters, ParameterSpec } from '../../compute/parameters'
import { specOf } from '../trunk-parameters'
import type { DescribedModel } from './hugging-face-config'
import type { ReadLayout } from '../weights/layout'
import { refuse, refusingFile } from '../weights/refusal'
import { roomFor } from '../weights/room'
import { elementTypeOf, readNumbers, readTransposed, type StoredTensor } from '../weights/stored-tensor'

export interface Place extends ReadLayout {
  readonly tensor: StoredTensor
}

/** Which tensors of a model may be missing, and are zero then: what no other library has. */
const isOurs = (name: string): boolean => name === 'score.bias'

/**
 * Finds every tensor of the model.
 * @param layoutOf    of each of our names
 * @param isLeftOver  of a name in the file that is none of the model's: whether it may stand there
 * @throws WeightsError naming the first tensor that is missing, of the wrong shape or type, or that does not
 *   belong to the model
 */
export function placesOf(
  { kind, config }: DescribedModel,
  stored: ReadonlyMap<string, StoredTensor>,
  layoutOf: (name: string) => ReadLayout,
  isLeftOver: (name: string) => boolean,
): ReadonlyMap<string, Place> {
  if (config.layers > stored.size)
    refuse(`the configuration speaks of ${config.layers} layers, and there are only ${stored.size} tensors`)
  return placesIn(specOf(kind, config), stored, layoutOf, (name) =>
    isLeftOver(name) ? undefined : `does not belong to a ${kind} of this configuration`,
  )
}

/**
 * The same of any tensors.
 * @param strangerTo what is wrong with a tensor that is none of them; undefined when it may stand there.
 * @throws WeightsError
 */
export function placesIn(
  spec: ParameterSpec,
  stored: ReadonlyMap<string, StoredTensor>,
  layoutOf: (name: string) => ReadLayout,
  strangerTo: (name: string) => string | undefined,
): ReadonlyMap<string, Place> {
  const places = new Map<string, Place>()
  for (const [name, shape] of Object.entries(spec)) {
    const layout = layoutOf(name)
    const tensor = stored.get(layout.name)
    if (!tensor && isOurs(name)) continue
    if (!tensor)
      return refuse(
        `the tensor "${layout.name}" is missing; it should have the shape [${storedShape(shape, layout)}]`,
      )
    const wanted = storedShape(shape, layout)
    if (tensor.shape.join() !== wanted.join())
      refuse(`the tensor "${layout.name}" has the shape [${tensor.shape}] where [${wanted}] is wanted`)
    elementTypeOf(tensor)
    places.set(name, { ...layout, tensor })
  }
  const used = new Set([...places.values()].map(({ tensor }) => tensor))
  for (const [name, tensor] of stored) {
    const problem = used.has(tensor) ? undefined : strangerTo(name)
    if (problem !== undefined) refuse(`the tensor "${name}" ${problem}`)
  }
  return places
}

const storedShape = (ours: readonly number[], { isTransposed, shape }: ReadLayout): readonly number[] =>
  shape ?? (isTransposed ? [...ours].reverse() : ours)

/**
 * All numbers, tensor by tensor.
 * @param before is called before each, and may throw to stop
 * @throws StudioFailure `refused-file` when one is none, or when there are more than fit
 */
export async function readPlaces(
  spec: ParameterSpec,
  places: ReadonlyMap<string, Place>,
  before: () => void,
): Promise<Parameters> {
  const [first] = places.values()
  const parameters = await refusingFile(first?.tensor.file.name ?? '', async () => roomFor(spec))
  for (const [name, place] of places) {
    before()
    await refusingFile(place.tensor.file.name, () => readPlace(place, parameters.view(name)))
  }
  return parameters
}

async function readPlace(
  { tensor, isTransposed, rowAt, shift = 0 }: Place,
  into: Float32Array,
): Promise<void> {
  if (isTransposed) await readTransposed(tensor, into, rowAt)
  else if (rowAt) await readReordered(tensor, into, rowAt)
  else await readNumbers(tensor, into)
  if (shift !== 0) for (let i = 0; i < into.length; i++) into[i]! -= shift
}

/** Rows, or the numbers of a bias, each where it belongs. */
async function readReordered(
  tensor: StoredTensor,
  into: Float32Array,
  rowAt: (row: number) => number,
): Promise<void> {
  const read = new Float32Array(into.length)
  await readNumbers(tensor, read)
  const [rows = 1] = tensor.shape
  const width = into.length / rows
  for (let row = 0; row < rows; row++)
    into.set(read.subarray(row * width, (row + 1) * width), rowAt(row) * width)
}
