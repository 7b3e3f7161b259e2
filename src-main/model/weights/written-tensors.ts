/** Parameters as a safetensors file in another's layout: one tensor at a time is in memory twice. */
import { join } from 'node:path'
import type { Parameters } from '../../compute/parameters'
import { encodeHeader } from './safetensors'
import { scatterRows } from './stored-tensor'
import type { Layout } from './layout'
import { writeWhole } from './whole-file'
import { encodeNumbers } from './written-numbers'

/** A tensor of ours and how it is written. */
export interface WrittenTensor extends Layout {
  readonly shape: readonly number[]
  readonly data: Float32Array
}

/** The tensors that are wanted of a model. @param layoutOf undefined leaves a tensor out */
export const writtenTensors = (
  parameters: Parameters,
  layoutOf: (name: string) => Layout | undefined,
): readonly WrittenTensor[] =>
  Object.entries(parameters.spec).flatMap(([name, shape]) => {
    const layout = layoutOf(name)
    return layout ? [{ ...layout, shape, data: parameters.view(name) }] : []
  })

/** How numbers are stored in a safetensors file. */
export type SafetensorsNumbers = 'F32' | 'F16' | 'BF16'

/** The metadata says that the numbers are as PyTorch has them, which `transformers` asks for. */
export async function writeTensors(
  folder: string,
  file: string,
  tensors: readonly WrittenTensor[],
  numbers: SafetensorsNumbers = 'F32',
): Promise<void> {
  await writeWhole(join(folder, file), pieces(tensors, numbers))
}

function* pieces(tensors: readonly WrittenTensor[], numbers: SafetensorsNumbers): Generator<Uint8Array> {
  yield encodeHeader(
    tensors.map((tensor) => [tensor.name, writtenShape(tensor)]),
    { format: 'pt' },
    numbers,
  )
  for (const tensor of tensors) yield encodeNumbers(tensor.name, numbers, laidOut(tensor))
}

export const writtenShape = ({ shape, isTransposed }: WrittenTensor): readonly number[] =>
  isTransposed ? [...shape].reverse() : shape

/** The numbers as they are written: transposed, and rows in their order there. */
export function laidOut({ shape, data, isTransposed, rowAt }: WrittenTensor): Float32Array {
  const turned = isTransposed ? transposed(data, shape) : data
  if (!rowAt) return turned
  const rows = (isTransposed ? shape[1] : shape[0])!
  const width = data.length / rows
  const ordered = new Float32Array(data.length)
  for (let row = 0; row < rows; row++)
    ordered.set(turned.subarray(rowAt(row) * width, (rowAt(row) + 1) * width), row * width)
  return ordered
}

/** [rows, columns] → [columns, rows]. */
export function transposed(data: Float32Array, shape: readonly number[]): Float32Array {
  const [rows, columns] = shape as [number, number]
  const turned = new Float32Array(data.length)
  scatterRows(
    data,
    Array.from({ length: rows }, (_, row) => row),
    columns,
    turned,
    rows,
  )
  return turned
}
