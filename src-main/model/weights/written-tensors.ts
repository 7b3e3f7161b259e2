/** Parameters as a safetensors file in Hugging Face's layout: one tensor at a time is in memory twice. */
import { join } from 'node:path'
import type { Parameters } from '../../compute/parameters'
import { encodeHeader } from './safetensors'
import { scatterRows } from './stored-tensor'
import type { Layout } from './layout'
import { writeWhole } from './whole-file'

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

/** The metadata says that the numbers are as PyTorch has them, which `transformers` asks for. */
export async function writeTensors(
  folder: string,
  file: string,
  tensors: readonly WrittenTensor[],
): Promise<void> {
  await writeWhole(join(folder, file), pieces(tensors))
}

function* pieces(tensors: readonly WrittenTensor[]): Generator<Uint8Array> {
  yield encodeHeader(
    tensors.map(({ name, shape, isTransposed }) => [name, isTransposed ? [...shape].reverse() : shape]),
    { format: 'pt' },
  )
  for (const { shape, data, isTransposed } of tensors) {
    const stored = isTransposed ? transposed(data, shape) : data
    yield new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength)
  }
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
