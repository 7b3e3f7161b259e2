/**
 * What rows write again and again: one operator, a cast, a choice; and what they take for operands.
 */
import type { Value } from '../graph/graph'
import type { Emitter } from './emitter'
import { elementTypes, type ElementType } from './onnx'
import type { Row } from './row'

export type Lowering = NonNullable<Row['lower']>

export function oneOp(op: string): Lowering {
  return (node, emit) =>
    emit.node(
      op,
      node.inputs.map((value) => emit.name(value)),
    )
}

export function number(value: Value): Value {
  if (value.dtype === 'bool') throw new Error('a bool tensor is used as a number: cast it first')
  return value
}

export function cast(emit: Emitter, name: string, to: ElementType): string {
  return emit.node('Cast', [name], { to: elementTypes[to] })
}

/**
 * Cut towards zero. What no int32 is near becomes 0, as TensorFlow.js has it for infinities and not-a-number;
 * a bare Cast gives something else on every device.
 */
export function toInteger(emit: Emitter, x: string, from: 'float32' | 'float64'): string {
  const number = (value: number) =>
    from === 'float64' ? emit.constant('float64', [], Float64Array.of(value)) : emit.scalar('float32', value)
  const fits = emit.node('Less', [emit.node('Abs', [x]), number(2 ** 31)])
  return cast(emit, emit.node('Where', [fits, x, number(0)]), 'int32')
}

/**
 * Not-a-number is the only number that is not itself. A GPU's compiler may believe that there is none: then
 * this is false everywhere.
 */
export function isNaN(emit: Emitter, x: string): string {
  return emit.has('IsNaN') ? emit.node('IsNaN', [x]) : emit.node('Not', [emit.node('Equal', [x, x])])
}

/** a ∨ b = ¬(¬a ∧ ¬b) */
export function or(emit: Emitter, a: string, b: string): string {
  return emit.has('Or')
    ? emit.node('Or', [a, b])
    : emit.node('Not', [emit.node('And', [emit.node('Not', [a]), emit.node('Not', [b])])])
}
