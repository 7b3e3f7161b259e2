/**
 * Layers that ONNX Runtime has as one operator and TensorFlow.js has not. Called by `fused.ts`.
 */
import { appendOne, type Table } from './row'

export const layerKernels: Table = {
  /** x [rows, width], gain and bias [width] → normalised [rows, width], mean [rows, 1], 1/deviation [rows, 1] */
  LayerNormalization: {
    record: ({ kernel, input, attributes }, append) => {
      const x = input('x'), perRow = { shape: [...x.shape.slice(0, -1), 1], dtype: 'float32' } as const
      return append(kernel, [x, input('gain'), input('bias')], { epsilon: Number(attributes['epsilon']) }, { shape: x.shape, dtype: 'float32' }, perRow, perRow)
    },
    lower: (node, emit) => emit.nodes('LayerNormalization', node.inputs.map(value => emit.of(value)), 3, { axis: -1, epsilon: { float: Number(node.attributes['epsilon']) } }),
  },
  /** GELU in its tanh form, of any shape */
  FastGelu: {
    record: ({ kernel, input }, append) => appendOne(append, kernel, [input('x')], {}, { shape: input('x').shape, dtype: 'float32' }),
    lower: (node, emit) => emit.node('FastGelu', [emit.input(node, 0)], {}, 'com.microsoft'),
  },
}
