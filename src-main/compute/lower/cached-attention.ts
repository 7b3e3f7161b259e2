/**
 * Attention of one new position a row to a memory of keys and values that takes the new ones in. Called by `fused.ts`.
 */
import { inputOf, type Node, type Shape } from '../graph'
import { sizeOf } from '../parameters'
import type { Emitter } from './emitter'
import { lengthAt, type Table } from './row'

/** Sizes as the memory has them: [rows, keyValueHeads, positions, width]; of the queries, `group` heads share one of keys and values. */
function sizesOf(node: Node) {
  const [rows, keyValueHeads, positions, width] = inputOf(node, 3).shape as [number, number, number, number]
  return { rows, keyValueHeads, positions, width, group: lengthAt(inputOf(node, 0).shape, 1) / (keyValueHeads * width) }
}

/** ONNX Runtime's own operator: where the memory that goes in is the one that comes out, it is written in place. */
function groupQueryAttention(node: Node, emit: Emitter): readonly string[] {
  const { rows, keyValueHeads, positions, width, group } = sizesOf(node)
  const asOneToken = (index: number) => emit.node('Reshape', [emit.input(node, index), emit.integers([rows, 1, sizeOf(inputOf(node, index).shape) / rows])])
  const [attended = '', keys = '', values = ''] = emit.nodes('GroupQueryAttention', [
    asOneToken(0), asOneToken(1), asOneToken(2), emit.input(node, 3), emit.input(node, 4), emit.input(node, 5), emit.scalar('int32', positions),
  ], 3, { num_heads: keyValueHeads * group, kv_num_heads: keyValueHeads, scale: { float: 1 / Math.sqrt(width) } }, 'com.microsoft')
  return [emit.node('Reshape', [attended, emit.integers(inputOf(node, 0).shape)]), keys, values]
}

/** It takes heads whose width is a multiple of this. */
const WIDTHS = 8

/** The same in operators that every provider has. */
function inSteps(node: Node, emit: Emitter): readonly string[] {
  const { rows, keyValueHeads, positions, width, group } = sizesOf(node)
  const shaped = (name: string, shape: Shape) => emit.node('Reshape', [name, emit.integers(shape)])
  const all = emit.constant('int32', [positions], Int32Array.from({ length: positions }, (_, at) => at)), own = shaped(emit.input(node, 5), [rows, 1, 1, 1])
  const isOwn = emit.node('Equal', [shaped(all, [positions, 1]), own])
  const taken = (index: number, memory: number) => emit.node('Where', [isOwn, shaped(emit.input(node, index), [rows, keyValueHeads, 1, width]), emit.input(node, memory)])
  const keys = taken(1, 3), values = taken(2, 4)
  const queries = emit.node('Mul', [shaped(emit.input(node, 0), [rows, keyValueHeads, group, width]), emit.scalar('float32', 1 / Math.sqrt(width))])
  const scores = emit.node('MatMul', [queries, emit.node('Transpose', [keys], { perm: [0, 1, 3, 2] })])
  const seen = emit.node('Where', [emit.node('Less', [own, all]), emit.scalar('float32', HIDDEN), scores])
  return [shaped(emit.node('MatMul', [emit.node('Softmax', [seen], { axis: -1 }), values]), inputOf(node, 0).shape), keys, values]
}

/** e to its power is 0 in float32. */
const HIDDEN = -1e9

export const memoryKernels: Table = {
  /**
   * q [rows, heads·width], k and v [rows, keyValueHeads·width], keys and values [rows, keyValueHeads, positions, width], at int32 [rows]: where the new
   * ones go → attended like q, and keys and values with the new ones
   */
  CachedAttention: {
    record: ({ kernel, input }, append) => {
      const q = input('q'), keys = input('keys'), values = input('values')
      return append(kernel, [q, input('k'), input('v'), keys, values, input('at')], {}, q, keys, values)
    },
    lower: (node, emit) => (emit.has('GroupQueryAttention') && sizesOf(node).width % WIDTHS === 0 ? groupQueryAttention(node, emit) : inSteps(node, emit)),
  },
}
