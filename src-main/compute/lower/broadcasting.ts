/**
 * Kernels of two operands that broadcast, and the choice between two.
 */
import type { BroadcastingKernel } from '../graph/elementwise'
import { inputOf, type DataType, type Node, type Value } from '../graph/graph'
import type { Emitter } from './emitter'
import { cast, number, oneOp, or, toInteger } from './expressions'
import { appendOne, broadcastShape, castTo, type Append, type Row } from './row'

/**
 * Two operands that broadcast.
 * @param operand what the operands become before they meet
 * @param gives the type of the result; by default the operands'
 */
function binary(op: string, operand: (value: Value, append: Append) => Value, gives?: DataType): Row {
  return {
    record: ({ kernel, input }, append) => {
      const a = operand(input('a'), append)
      const b = operand(input('b'), append)
      return appendOne(
        append,
        kernel,
        [a, b],
        {},
        { shape: broadcastShape(a.shape, b.shape), dtype: gives ?? a.dtype },
      )
    },
    lower: oneOp(op),
  }
}

const asFloat = (value: Value, append: Append) => castTo(append, value, 'float32')
const orderable = (value: Value, append: Append) =>
  value.dtype === 'bool' ? castTo(append, value, 'int32') : value
const asIs = (value: Value) => value

/**
 * ⌊a / b⌋ as int32, by way of float64, which holds every int32: ONNX's own division of integers cuts towards
 * zero.
 */
function floorDivide(node: Node, emit: Emitter): string {
  const [a, b] = [emit.input(node, 0), emit.input(node, 1)]
  const quotient = emit.node('Div', [cast(emit, a, 'float64'), cast(emit, b, 'float64')])
  return toInteger(emit, emit.node('Floor', [quotient]), 'float64')
}

/**
 * aᵇ. Where the exponent is not finite or not a number, ±1 has no power (ECMAScript; C says 1). Integers go
 * by way of float64: what has no integer becomes 0.
 */
function power(node: Node, emit: Emitter): string {
  const [a, b] = [emit.input(node, 0), emit.input(node, 1)]
  const exponent = inputOf(node, 1)
  if (node.outputs[0]?.dtype === 'int32')
    return toInteger(emit, emit.node('Pow', [cast(emit, a, 'float64'), cast(emit, b, 'float64')]), 'float64')
  const power = emit.node('Pow', [a, b])
  if (exponent.kind === 'splat' && Number.isFinite(exponent.value)) return power
  const isOne = emit.node('Equal', [emit.node('Abs', [a]), emit.scalar('float32', 1)])
  const isFinite = emit.node('Less', [emit.node('Abs', [b]), emit.scalar('float32', Infinity)])
  return emit.node('Where', [
    emit.node('And', [isOne, emit.node('Not', [isFinite])]),
    emit.scalar('float32', NaN),
    power,
  ])
}

export const broadcasting: Readonly<Record<BroadcastingKernel, Row>> = {
  Add: binary('Add', number),
  Sub: binary('Sub', number),
  Multiply: binary('Mul', number),
  RealDiv: binary('Div', asFloat),
  Maximum: binary('Max', number),
  Minimum: binary('Min', number),
  Pow: { ...binary('', number), lower: power },
  FloorDiv: { ...binary('', number, 'int32'), lower: floorDivide },
  Greater: binary('Greater', orderable, 'bool'),
  GreaterEqual: binary('GreaterOrEqual', orderable, 'bool'),
  Less: binary('Less', orderable, 'bool'),
  LessEqual: binary('LessOrEqual', orderable, 'bool'),
  Equal: binary('Equal', asIs, 'bool'),
  LogicalAnd: binary('And', asIs, 'bool'),
  LogicalOr: {
    ...binary('Or', asIs, 'bool'),
    lower: (node, emit) => or(emit, emit.input(node, 0), emit.input(node, 1)),
  },
  Select: {
    record: ({ kernel, input }, append) => {
      const [condition, t, e] = [input('condition'), input('t'), input('e')]
      if (condition.shape.length !== t.shape.length)
        throw new Error('where() with a condition of another rank is not recorded: reshape the condition')
      return appendOne(append, kernel, [condition, t, e], {}, { shape: t.shape, dtype: t.dtype })
    },
    lower: (node, emit) => {
      const [condition, t, e] = [emit.input(node, 0), emit.input(node, 1), emit.input(node, 2)]
      if (node.outputs[0]?.dtype !== 'bool') return emit.node('Where', [condition, t, e])
      return cast(
        emit,
        emit.node('Where', [condition, cast(emit, t, 'int32'), cast(emit, e, 'int32')]),
        'bool',
      )
    },
  },
}
