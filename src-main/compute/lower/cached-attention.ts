/**
 * Attention of one new position a row to a memory of keys and values that takes the new ones in. Called by
 * `fused.ts`.
 */
import { inputOf, type Node, type Shape } from '../graph/graph'
import { sizeOf } from '../parameters'
import type { Emitter } from './emitter'
import { lengthAt, type Table } from './row'

/**
 * Sizes as the memory has them: [rows, keyValueHeads, positions, width]; of the queries, `group` heads share
 * one of keys and values.
 */
function sizesOf(node: Node) {
  const [rows, keyValueHeads, positions, width] = inputOf(node, KEYS).shape as [
    number,
    number,
    number,
    number,
  ]
  const all = lengthAt(inputOf(node, 0).shape, 1) / width
  const heads = isPacked(node) ? all - 2 * keyValueHeads : all
  return { rows, keyValueHeads, positions, width, heads, group: heads / keyValueHeads }
}

/**
 * Where the inputs stand: the memory, the new positions, and what asks: queries, keys and values as one or as
 * three.
 */
const KEYS = 1
const VALUES = 2
const AT = 3
const OWN_KEYS = 4
const OWN_VALUES = 5
const isPacked = (node: Node) => node.inputs.length === OWN_KEYS

/** It takes heads whose width is a multiple of this. */
const WIDTHS = 8

/**
 * ONNX Runtime's own operator: where the memory that goes in is the one that comes out, it is written in
 * place.
 */
function groupQueryAttention(node: Node, emit: Emitter): readonly string[] {
  const { rows, keyValueHeads, positions, width, heads } = sizesOf(node)
  const asOneToken = (index: number) =>
    emit.node('Reshape', [
      emit.input(node, index),
      emit.integers([rows, 1, sizeOf(inputOf(node, index).shape) / rows]),
    ])
  const asking = isPacked(node)
    ? [asOneToken(0), '', '']
    : [asOneToken(0), asOneToken(OWN_KEYS), asOneToken(OWN_VALUES)]
  const [attended = '', keys = '', values = ''] = emit.nodes(
    'GroupQueryAttention',
    [
      ...asking,
      emit.input(node, KEYS),
      emit.input(node, VALUES),
      emit.input(node, AT),
      emit.scalar('int32', positions),
    ],
    3,
    { num_heads: heads, kv_num_heads: keyValueHeads, scale: { float: 1 / Math.sqrt(width) } },
    'com.microsoft',
  )
  return [emit.node('Reshape', [attended, emit.integers([rows, heads * width])]), keys, values]
}

/** The same in operators that every provider has. */
function inSteps(node: Node, emit: Emitter): readonly string[] {
  const { rows, keyValueHeads, positions, width, heads, group } = sizesOf(node)
  const shaped = (name: string, shape: Shape) => emit.node('Reshape', [name, emit.integers(shape)])
  const split = () =>
    emit.nodes(
      'Split',
      [emit.input(node, 0), emit.integers([heads * width, keyValueHeads * width, keyValueHeads * width])],
      3,
      { axis: 1 },
    )
  const [q = '', k = '', v = ''] = isPacked(node)
    ? split()
    : [emit.input(node, 0), emit.input(node, OWN_KEYS), emit.input(node, OWN_VALUES)]
  const all = emit.constant(
    'int32',
    [positions],
    Int32Array.from({ length: positions }, (_, at) => at),
  )
  const own = shaped(emit.input(node, AT), [rows, 1, 1, 1])
  const isOwn = emit.node('Equal', [shaped(all, [positions, 1]), own])
  const taken = (x: string, memory: number) =>
    emit.node('Where', [isOwn, shaped(x, [rows, keyValueHeads, 1, width]), emit.input(node, memory)])
  const keys = taken(k, KEYS)
  const values = taken(v, VALUES)
  const queries = emit.node('Mul', [
    shaped(q, [rows, keyValueHeads, group, width]),
    emit.scalar('float32', 1 / Math.sqrt(width)),
  ])
  const scores = emit.node('MatMul', [queries, emit.node('Transpose', [keys], { perm: [0, 1, 3, 2] })])
  const seen = emit.node('Where', [emit.node('Less', [own, all]), emit.scalar('float32', HIDDEN), scores])
  return [
    shaped(emit.node('MatMul', [emit.node('Softmax', [seen], { axis: -1 }), values]), [rows, heads * width]),
    keys,
    values,
  ]
}

/** e to its power is 0 in float32. */
const HIDDEN = -1e9

export const memoryKernels: Table = {
  /**
   * q [rows, heads·width], k and v [rows, keyValueHeads·width] (or all three side by side in q), keys and
   * values [rows, keyValueHeads, positions, width], at int32 [rows]: where the new ones go → attended [rows,
   * heads·width], and keys and values with the new ones
   */
  CachedAttention: {
    record: ({ kernel, inputs, input }, append) => {
      const q = input('q')
      const keys = input('keys')
      const values = input('values')
      const isWhole = inputs.length === OWN_KEYS
      const [rows = 0, keyValueHeads = 0, , width = 0] = keys.shape
      const attended = {
        shape: [rows, lengthAt(q.shape, 1) - (isWhole ? 2 * keyValueHeads * width : 0)],
        dtype: 'float32',
      } as const
      return append(
        kernel,
        [q, keys, values, input('at'), ...(isWhole ? [] : [input('k'), input('v')])],
        {},
        attended,
        keys,
        values,
      )
    },
    lower: (node, emit) =>
      emit.has('GroupQueryAttention') && sizesOf(node).width % WIDTHS === 0
        ? groupQueryAttention(node, emit)
        : inSteps(node, emit),
  },
}
