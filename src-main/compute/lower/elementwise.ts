/**
 * Kernels that work number by number: one operand, two that broadcast, or a choice between two.
 */
import { inputOf, splat, type DataType, type Node, type Value } from '../graph/graph'
import { elementTypes, type ElementType } from './onnx'
import type { Emitter } from './emitter'
import { cosine, sine } from './periodic'
import { appendOne, broadcastShape, castTo, dtypeCode, type Append, type Row, type Table } from './row'

type Lowering = NonNullable<Row['lower']>

/** A function of float32. Of integers TensorFlow.js either takes none, or cuts the result to an integer. */
function floatFunction(lower: Lowering): Row {
  return {
    record: ({ kernel, input }, append) =>
      appendOne(append, kernel, [float(input('x'))], {}, { shape: input('x').shape, dtype: 'float32' }),
    lower,
  }
}

/** A function that keeps the type of what it is given. */
function sameType(lower: Lowering): Row {
  return {
    record: ({ kernel, input }, append) =>
      appendOne(
        append,
        kernel,
        [number(input('x'))],
        {},
        { shape: input('x').shape, dtype: input('x').dtype },
      ),
    lower,
  }
}

/** Rounding: nothing to do on integers. */
function rounding(op: string): Row {
  return {
    record: ({ kernel, input }, append) =>
      input('x').dtype === 'float32'
        ? appendOne(append, kernel, [input('x')], {}, { shape: input('x').shape, dtype: 'float32' })
        : input('x'),
    lower: oneOp(op),
  }
}

function oneOp(op: string): Lowering {
  return (node, emit) =>
    emit.node(
      op,
      node.inputs.map((value) => emit.of(value)),
    )
}

function float(value: Value): Value {
  if (value.dtype !== 'float32')
    throw new Error(`a tensor of type ${value.dtype} is used as one of float32: cast it first`)
  return value
}

function number(value: Value): Value {
  if (value.dtype === 'bool') throw new Error('a bool tensor is used as a number: cast it first')
  return value
}

/**
 * Two operands that broadcast.
 * @param of what the operands become before they meet
 * @param gives the type of the result; by default the operands'
 */
function binary(op: string, of: (value: Value, append: Append) => Value, gives?: DataType): Row {
  return {
    record: ({ kernel, input }, append) => {
      const a = of(input('a'), append)
      const b = of(input('b'), append)
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
 * The logarithm of what has none is not-a-number; a GPU may say anything, such as that of its absolute value.
 */
function logarithm(emit: Emitter, x: string): string {
  const log = emit.node('Log', [x])
  return emit.isPrecise('Log')
    ? log
    : emit.node('Where', [
        emit.node('GreaterOrEqual', [x, emit.scalar('float32', 0)]),
        log,
        emit.scalar('float32', NaN),
      ])
}

/**
 * log(1 + x) that keeps its digits near 0: with u = fl(1 + x), log(u)·(x/(u − 1)) (Goldberg 1991, theorem 4).
 */
function log1p(node: Node, emit: Emitter): string {
  const x = emit.input(node, 0)
  const one = emit.scalar('float32', 1)
  const u = emit.node('Add', [x, one])
  const corrected = emit.node('Mul', [logarithm(emit, u), emit.node('Div', [x, emit.node('Sub', [u, one])])])
  const isExact = emit.node('Equal', [u, one])
  const isInfinite = emit.node('Equal', [u, emit.scalar('float32', Infinity)])
  return emit.node('Where', [or(emit, isExact, isInfinite), x, corrected])
}

/** eˣ − 1 that keeps its digits near 0: there 2·tanh(x/2)/(1 − tanh(x/2)). */
function expm1(node: Node, emit: Emitter): string {
  const x = emit.input(node, 0)
  const one = emit.scalar('float32', 1)
  const half = emit.node('Tanh', [emit.node('Mul', [x, emit.scalar('float32', 0.5)])])
  const near = emit.node('Div', [emit.node('Add', [half, half]), emit.node('Sub', [one, half])])
  const far = emit.node('Sub', [emit.node('Exp', [x]), one])
  return emit.node('Where', [
    emit.node('Less', [emit.node('Abs', [x]), emit.scalar('float32', 0.5)]),
    near,
    far,
  ])
}

/** 1 above zero, `alpha` elsewhere; not-a-number stays. */
function step(node: Node, emit: Emitter): string {
  const x = emit.input(node, 0)
  const steps = emit.node('Where', [
    emit.node('Greater', [x, emit.scalar('float32', 0)]),
    emit.scalar('float32', 1),
    emit.scalar('float32', Number(node.attributes['alpha'])),
  ])
  return emit.node('Where', [isNaN(emit, x), x, steps])
}

/**
 * ⌊a / b⌋ as int32, by way of float64, which holds every int32: ONNX's own division of integers cuts towards
 * zero.
 */
function floorDivide(node: Node, emit: Emitter): string {
  const [a, b] = [emit.input(node, 0), emit.input(node, 1)]
  const quotient = emit.node('Div', [cast(emit, a, 'float64'), cast(emit, b, 'float64')])
  return toInteger(emit, emit.node('Floor', [quotient]), 'float64')
}

/** 1 above zero, −1 below, 0 at zero and of not-a-number. */
function sign(node: Node, emit: Emitter): string {
  const x = emit.input(node, 0)
  const type = node.outputs[0]?.dtype ?? 'float32'
  const zero = emit.scalar(type, 0)
  const one = emit.scalar(type, 1)
  const minusOne = emit.scalar(type, -1)
  if (!emit.has('Sign'))
    return emit.node('Where', [
      emit.node('Greater', [x, zero]),
      one,
      emit.node('Where', [emit.node('Less', [x, zero]), minusOne, zero]),
    ])
  const signs = emit.node('Sign', [x])
  return type === 'float32' ? emit.node('Where', [isNaN(emit, x), zero, signs]) : signs
}

/** a ∨ b = ¬(¬a ∧ ¬b) */
function or(emit: Emitter, a: string, b: string): string {
  return emit.has('Or')
    ? emit.node('Or', [a, b])
    : emit.node('Not', [emit.node('And', [emit.node('Not', [a]), emit.node('Not', [b])])])
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

/**
 * Cut towards zero. What no int32 is near becomes 0, as TensorFlow.js has it for infinities and not-a-number;
 * a bare Cast gives something else on every device.
 */
function toInteger(emit: Emitter, x: string, from: 'float32' | 'float64'): string {
  const fits = emit.node('Less', [
    emit.node('Abs', [x]),
    from === 'float64'
      ? emit.constant('float64', [], Float64Array.of(2 ** 31))
      : emit.scalar('float32', 2 ** 31),
  ])
  return cast(
    emit,
    emit.node('Where', [
      fits,
      x,
      from === 'float64' ? emit.constant('float64', [], Float64Array.of(0)) : emit.scalar('float32', 0),
    ]),
    'int32',
  )
}

/**
 * Not-a-number is the only number that is not itself. A GPU's compiler may believe that there is none: then
 * this is false everywhere.
 */
function isNaN(emit: Emitter, x: string): string {
  return emit.has('IsNaN') ? emit.node('IsNaN', [x]) : emit.node('Not', [emit.node('Equal', [x, x])])
}

export function cast(emit: Emitter, name: string, to: ElementType): string {
  return emit.node('Cast', [name], { to: elementTypes[to] })
}

const castTypes: readonly DataType[] = ['float32', 'int32', 'bool']

const unary: Table = {
  Exp: {
    record: ({ kernel, input }, append) =>
      appendOne(
        append,
        kernel,
        [castTo(append, input('x'), 'float32')],
        {},
        { shape: input('x').shape, dtype: 'float32' },
      ),
    lower: oneOp('Exp'),
  },
  Log: floatFunction((node, emit) => logarithm(emit, emit.input(node, 0))),
  Log1p: floatFunction(log1p),
  Expm1: floatFunction(expm1),
  Sqrt: floatFunction(oneOp('Sqrt')),
  Rsqrt: floatFunction((node, emit) => emit.node('Reciprocal', [emit.node('Sqrt', [emit.input(node, 0)])])),
  Reciprocal: floatFunction(oneOp('Reciprocal')),
  Tanh: floatFunction(oneOp('Tanh')),
  Sigmoid: floatFunction(oneOp('Sigmoid')),
  Softplus: floatFunction(oneOp('Softplus')),
  Erf: floatFunction(oneOp('Erf')),
  Sin: floatFunction((node, emit) =>
    emit.isPrecise('Sin') ? emit.node('Sin', [emit.input(node, 0)]) : sine(emit, emit.input(node, 0)),
  ),
  Cos: floatFunction((node, emit) =>
    emit.isPrecise('Cos') ? emit.node('Cos', [emit.input(node, 0)]) : cosine(emit, emit.input(node, 0)),
  ),
  Neg: sameType(oneOp('Neg')),
  Abs: sameType(oneOp('Abs')),
  Sign: sameType(sign),
  Square: sameType((node, emit) => emit.node('Mul', [emit.input(node, 0), emit.input(node, 0)])),
  Relu: sameType((node, emit) =>
    emit.node('Max', [emit.input(node, 0), emit.scalar(node.outputs[0]?.dtype ?? 'float32', 0)]),
  ),
  Floor: rounding('Floor'),
  Ceil: rounding('Ceil'),
  Round: rounding('Round'),
  LogicalNot: {
    record: ({ kernel, input }, append) =>
      appendOne(append, kernel, [input('x')], {}, { shape: input('x').shape, dtype: 'bool' }),
    lower: oneOp('Not'),
  },
  Step: {
    record: ({ kernel, input, attributes }, append) => {
      const x = float(input('x'))
      return appendOne(
        append,
        kernel,
        [x],
        { alpha: Number(attributes['alpha'] ?? 0) },
        { shape: x.shape, dtype: 'float32' },
      )
    },
    lower: step,
  },
}

const broadcasting: Table = {
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
      const names = node.inputs.map((value) => emit.of(value))
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

/** Kernels whose operands may be left smaller than the result. */
export const broadcastingKernels: ReadonlySet<string> = new Set(Object.keys(broadcasting))
/** Kernels of one operand that may as well be applied before a broadcast. */
export const unaryKernels: ReadonlySet<string> = new Set(Object.keys(unary))
