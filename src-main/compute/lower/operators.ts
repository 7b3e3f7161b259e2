/**
 * Layers that ONNX Runtime has as one operator and TensorFlow.js has not. Called by `fused.ts`.
 */
import type { Node } from '../graph/graph'
import type { Emitter } from './emitter'
import { appendOne, type Table } from './row'

function layerNormalization(node: Node, emit: Emitter, x: string): readonly string[] {
  return emit.nodes('LayerNormalization', [x, emit.input(node, 1), emit.input(node, 2)], 3, {
    axis: -1,
    epsilon: { float: Number(node.attributes['epsilon']) },
  })
}

/** Rows about zero lose no digits. */
function centredLayerNormalization(node: Node, emit: Emitter): readonly string[] {
  const x = emit.input(node, 0)
  const mean = emit.node('ReduceMean', [x, emit.integers([-1])], { keepdims: 1 })
  const [y = '', , scale = ''] = layerNormalization(node, emit, emit.node('Sub', [x, mean]))
  return [y, mean, scale]
}

export const layerKernels: Table = {
  /**
   * x [rows, width], gain and bias [width] → normalised [rows, width], mean [rows, 1], 1/deviation [rows, 1]
   */
  LayerNormalization: {
    record: ({ kernel, input, attributes }, append) => {
      const x = input('x')
      const perRow = { shape: [...x.shape.slice(0, -1), 1], dtype: 'float32' } as const
      return append(
        kernel,
        [x, input('gain'), input('bias')],
        { epsilon: Number(attributes['epsilon']) },
        { shape: x.shape, dtype: 'float32' },
        perRow,
        perRow,
      )
    },
    lower: (node, emit) =>
      emit.isPrecise('LayerNormalization')
        ? layerNormalization(node, emit, emit.input(node, 0))
        : centredLayerNormalization(node, emit),
  },
  /** GELU in its tanh form, of any shape */
  FastGelu: {
    record: ({ kernel, input }, append) =>
      appendOne(append, kernel, [input('x')], {}, { shape: input('x').shape, dtype: 'float32' }),
    lower: (node, emit) => emit.node('FastGelu', [emit.input(node, 0)], {}, 'com.microsoft'),
  },
}
