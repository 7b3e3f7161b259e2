/**
 * Kernels that make tensors out of nothing. What is the same everywhere stays one number.
 */
import { splat, type Constant, type DataType } from '../graph/graph'
import { arrayOf } from './emitter'
import type { Table } from './row'

function typeOf(dtype: unknown): DataType {
  if (dtype === 'int32' || dtype === 'bool') return dtype
  if (dtype === undefined || dtype === 'float32') return 'float32'
  throw new Error(`a tensor of type ${String(dtype)} is not recorded`)
}

export const constants: Table = {
  Fill: {
    record: ({ attributes }) =>
      splat(attributes['shape'] as number[], typeOf(attributes['dtype']), Number(attributes['value'])),
  },
  ZerosLike: { record: ({ input }) => splat(input('x').shape, input('x').dtype, 0) },
  OnesLike: { record: ({ input }) => splat(input('x').shape, input('x').dtype, 1) },
  Range: {
    record: ({ attributes }) => {
      const start = Number(attributes['start'])
      const step = Number(attributes['step'])
      const dtype = typeOf(attributes['dtype'])
      const length = Math.max(0, Math.ceil((Number(attributes['stop']) - start) / step))
      const data = arrayOf(
        dtype,
        Array.from({ length }, (_, index) => start + index * step),
      )
      return { kind: 'constant', shape: [length], dtype, data } satisfies Constant
    },
  },
}
