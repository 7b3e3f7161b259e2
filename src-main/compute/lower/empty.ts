/**
 * Calls that move or make no numbers. They are answered while recording: ONNX Runtime's operators fail on
 * empty tensors, or each makes something else of them.
 */
import { splat, type Attributes, type Shape, type TensorType, type Value } from '../graph/graph'
import { sizeOf } from '../parameters'

const isEmpty = ({ shape }: TensorType) => sizeOf(shape) === 0

/** Kernels that add up: of nothing they make zeros. */
const sums: ReadonlySet<string> = new Set(['Sum', 'BatchMatMul', 'UnsortedSegmentSum'])

/**
 * @returns the results, or undefined when there are numbers to work on
 * @throws when numbers are asked for and there is nothing to make them of
 */
export function resultsOfNothing(
  kernel: string,
  inputs: readonly Value[],
  attributes: Attributes,
  types: readonly TensorType[],
): readonly Value[] | undefined {
  if (types.every(isEmpty)) return types.map(({ shape, dtype }) => splat(shape, dtype, 0))
  const [type] = types
  const full = inputs.filter((input) => !isEmpty(input))
  const [first] = full
  if (!type || full.length === inputs.length) return undefined
  if (sums.has(kernel)) return [splat(type.shape, type.dtype, 0)]
  if (kernel === 'Concat' && first && full.length === 1) return [first]
  if (kernel === 'Concat') return undefined
  if (kernel === 'PadV2') return [splat(type.shape, type.dtype, Number(attributes['value']))]
  throw new Error(`of no numbers it makes none: its input has shape [${shapeOfEmpty(inputs).join(', ')}]`)
}

function shapeOfEmpty(inputs: readonly Value[]): Shape {
  return inputs.find(isEmpty)?.shape ?? []
}
