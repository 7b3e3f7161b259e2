/**
 * Kernels that work number by number: of one operand, of two that broadcast, and those that are more than
 * one.
 */
import { inputOf, splat, type DataType } from '../graph/graph'
import { broadcasting } from './broadcasting'
import { cast, number, toInteger } from './expressions'
import { appendOne, broadcastShape, castTo, dtypeCode, type Table } from './row'
import { unary } from './unary'

const castTypes: readonly DataType[] = ['float32', 'int32', 'bool']

export const elementwise: Table = {
  ...unary,
  ...broadcasting,
  NotEqual: {
    record: ({ input }, append) => {
      const shape = broadcastShape(input('a').shape, input('b').shape)
      return appendOne(
        append,
        'LogicalNot',
        [appendOne(append, 'Equal', [input('a'), input('b')], {}, { shape, dtype: 'bool' })],
        {},
        { shape, dtype: 'bool' },
      )
    },
  },
  SquaredDifference: {
    record: ({ input }, append) => {
      const a = number(input('a'))
      const shape = broadcastShape(a.shape, input('b').shape)
      return appendOne(
        append,
        'Square',
        [appendOne(append, 'Sub', [a, input('b')], {}, { shape, dtype: a.dtype })],
        {},
        { shape, dtype: a.dtype },
      )
    },
  },
  AddN: {
    record: ({ kernel, inputs }, append) => {
      const [first] = inputs
      return first
        ? appendOne(append, kernel, inputs.map(number), {}, { shape: first.shape, dtype: first.dtype })
        : splat([], 'float32', 0)
    },
    lower: (node, emit) => {
      const names = node.inputs.map((value) => emit.name(value))
      if (node.outputs[0]?.dtype === 'float32' && emit.has('Sum')) return emit.node('Sum', names)
      return names.reduce((sum, name) => emit.node('Add', [sum, name]))
    },
  },
  ClipByValue: {
    record: ({ kernel, input, attributes }, append) => {
      const limits = { least: Number(attributes['clipValueMin']), most: Number(attributes['clipValueMax']) }
      return appendOne(append, kernel, [number(input('x'))], limits, {
        shape: input('x').shape,
        dtype: input('x').dtype,
      })
    },
    lower: (node, emit) => {
      const limit = (name: string) =>
        emit.scalar(node.outputs[0]?.dtype ?? 'float32', Number(node.attributes[name]))
      return emit.node('Clip', [emit.input(node, 0), limit('least'), limit('most')])
    },
  },
  Cast: {
    record: ({ input, attributes }, append) => {
      const to = castTypes.find((dtype) => dtype === attributes['dtype'])
      if (!to) throw new Error(`a cast to ${String(attributes['dtype'])} is not recorded`)
      return castTo(append, input('x'), to)
    },
    lower: (node, emit) => {
      const to = castTypes.find((dtype) => dtypeCode[dtype] === node.attributes['to']) ?? 'float32'
      return to === 'int32' && inputOf(node, 0).dtype === 'float32'
        ? toInteger(emit, emit.input(node, 0), 'float32')
        : cast(emit, emit.input(node, 0), to)
    },
  },
}
