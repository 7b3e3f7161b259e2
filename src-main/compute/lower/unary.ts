/**
 * Kernels of one operand that work number by number.
 */
import type { UnaryKernel } from '../graph/elementwise'
import type { Node, Value } from '../graph/graph'
import type { Emitter } from './emitter'
import { isNaN, number, oneOp, or, type Lowering } from './expressions'
import { cosine, sine } from './periodic'
import { appendOne, castTo, type Row } from './row'

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

function float(value: Value): Value {
  if (value.dtype !== 'float32')
    throw new Error(`a tensor of type ${value.dtype} is used as one of float32: cast it first`)
  return value
}

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

export const unary: Readonly<Record<UnaryKernel, Row>> = {
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
