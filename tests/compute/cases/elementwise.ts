import * as tf from '../../../src-main/compute/tf'
import type { Case } from '../differential'

const unary = (kernel: string, body: (x: tf.Tensor) => tf.Tensor, [least, most]: readonly [number, number] = [-3, 3], hasGradient = true): Case => ({
  kernel,
  says: `${kernel} of floats from ${least} to ${most}`,
  hasGradient,
  make: draw => ({ inputs: [draw.floats(draw.shape(0, 4), least, most)], body: body as (...inputs: tf.Tensor[]) => tf.Tensor }),
})

const ofIntegers = (kernel: string, body: (x: tf.Tensor) => tf.Tensor): Case => ({
  kernel,
  says: `${kernel} of integers`,
  make: draw => ({ inputs: [draw.integers(draw.shape(0, 3), -4, 4)], body: body as (...inputs: tf.Tensor[]) => tf.Tensor }),
})

const ofSpecialNumbers = (kernel: string, body: (x: tf.Tensor) => tf.Tensor): Case => ({
  kernel,
  says: `${kernel} of zeros, infinities and not-a-number`,
  make: () => ({ inputs: [{ shape: [7], data: Float32Array.of(0, -0, Infinity, -Infinity, NaN, 1e-20, -1) }], body: body as (...inputs: tf.Tensor[]) => tf.Tensor }),
})

type Binary = (a: tf.Tensor, b: tf.Tensor) => tf.Tensor

const binary = (kernel: string, body: Binary, hasGradient = true): Case => ({
  kernel,
  says: `${kernel} of floats that broadcast`,
  hasGradient,
  make: draw => {
    const [a, b] = draw.broadcastShapes()
    return { inputs: [draw.floats(a, -2, 2), draw.floats(b, 0.5, 3)], body: body as (...inputs: tf.Tensor[]) => tf.Tensor }
  },
})

/** Some of TensorFlow.js's gradients do not reduce what was broadcast, and throw. */
const sameShape = (kernel: string, body: Binary): Case => ({
  kernel,
  says: `${kernel} of floats of one shape`,
  hasGradient: true,
  make: draw => {
    const shape = draw.shape(0, 4)
    return { inputs: [draw.floats(shape), draw.floats(shape)], body: body as (...inputs: tf.Tensor[]) => tf.Tensor }
  },
})

const ofTwoIntegers = (kernel: string, body: Binary, least = -4): Case => ({
  kernel,
  says: `${kernel} of integers that broadcast`,
  make: draw => {
    const [a, b] = draw.broadcastShapes()
    return { inputs: [draw.integers(a, -9, 9), draw.integers(b, least, 4)], body: body as (...inputs: tf.Tensor[]) => tf.Tensor }
  },
})

const withOneNumber = (kernel: string, body: (x: tf.Tensor) => tf.Tensor): Case => ({
  kernel,
  says: `${kernel} with one number`,
  hasGradient: true,
  make: draw => ({ inputs: [draw.floats(draw.shape(0, 3), 0.5, 3)], body: body as (...inputs: tf.Tensor[]) => tf.Tensor }),
})

const isPositive = (x: tf.Tensor) => tf.greater(x, 0)

export const elementwiseCases: readonly Case[] = [
  unary('Exp', tf.exp), unary('Log', tf.log, [0.1, 5]), unary('Sqrt', tf.sqrt, [0.1, 5]), unary('Rsqrt', tf.rsqrt, [0.1, 5]),
  unary('Reciprocal', tf.reciprocal, [0.2, 4]), unary('Tanh', tf.tanh), unary('Sigmoid', tf.sigmoid), unary('Softplus', tf.softplus, [-20, 20]),
  unary('Erf', tf.erf), unary('Sin', tf.sin), unary('Cos', tf.cos), unary('Neg', tf.neg), unary('Abs', tf.abs), unary('Sign', tf.sign),
  unary('Square', tf.square), unary('Relu', tf.relu), unary('Floor', tf.floor), unary('Ceil', tf.ceil), unary('Round', tf.round),
  unary('Log1p', tf.log1p, [-0.5, 3]), unary('Log1p', tf.log1p, [-1e-6, 1e-6]), unary('Expm1', tf.expm1), unary('Expm1', tf.expm1, [-1e-6, 1e-6]),
  unary('Expm1', tf.expm1, [-40, 40], false), unary('Step', x => tf.step(x), [-1, 1], false), unary('Step', x => tf.step(x, -0.5), [-1, 1], false),
  unary('ClipByValue', x => tf.clipByValue(x, -0.5, 1.5)), unary('LogicalNot', x => tf.logicalNot(isPositive(x)), [-1, 1], false),
  ofIntegers('Exp', tf.exp), ofIntegers('Neg', tf.neg), ofIntegers('Abs', tf.abs), ofIntegers('Sign', tf.sign), ofIntegers('Square', tf.square), ofIntegers('Relu', tf.relu),
  ofIntegers('Neg', x => tf.neg(tf.round(x))),
  ofIntegers('ClipByValue', x => tf.clipByValue(x, -2, 3)),
  ofSpecialNumbers('Log', tf.log), ofSpecialNumbers('Exp', tf.exp), ofSpecialNumbers('Sqrt', tf.sqrt), ofSpecialNumbers('Step', x => tf.step(x)),
  ofSpecialNumbers('Log1p', tf.log1p), ofSpecialNumbers('Expm1', tf.expm1), ofSpecialNumbers('Tanh', tf.tanh), ofSpecialNumbers('Sigmoid', tf.sigmoid),
  binary('Add', tf.add), binary('Sub', tf.sub), binary('Multiply', tf.mul), binary('RealDiv', tf.div), binary('Maximum', tf.maximum, false), binary('Minimum', tf.minimum, false),
  binary('Square', tf.squaredDifference, false), sameShape('Maximum', tf.maximum), sameShape('Minimum', tf.minimum), sameShape('Square', tf.squaredDifference),
  binary('FloorDiv', tf.floorDiv, false),
  binary('Greater', tf.greater, false), binary('GreaterEqual', tf.greaterEqual, false), binary('Less', tf.less, false), binary('LessEqual', tf.lessEqual, false),
  ofTwoIntegers('Add', tf.add), ofTwoIntegers('Sub', tf.sub), ofTwoIntegers('Multiply', tf.mul), ofTwoIntegers('Maximum', tf.maximum), ofTwoIntegers('Minimum', tf.minimum),
  ofTwoIntegers('FloorDiv', tf.floorDiv, 1), ofTwoIntegers('Greater', tf.greater), ofTwoIntegers('GreaterEqual', tf.greaterEqual), ofTwoIntegers('Less', tf.less),
  ofTwoIntegers('LessEqual', tf.lessEqual), ofTwoIntegers('Equal', tf.equal), ofTwoIntegers('LogicalNot', tf.notEqual),
  ofTwoIntegers('LogicalAnd', (a, b) => tf.logicalAnd(isPositive(a), isPositive(b))), ofTwoIntegers('LogicalOr', (a, b) => tf.logicalOr(isPositive(a), isPositive(b))),
  ofTwoIntegers('Equal', (a, b) => tf.equal(isPositive(a), isPositive(b))), ofTwoIntegers('Greater', (a, b) => tf.greater(tf.cast(a, 'bool'), tf.cast(b, 'bool'))),
  ofTwoIntegers('RealDiv', (a, b) => tf.div(tf.cast(a, 'float32'), b), 1),
  {
    kernel: 'FloorDiv',
    says: 'FloorDiv rounds down, also below zero and for integers float32 does not hold',
    make: () => ({
      inputs: [{ shape: [6], data: Int32Array.of(-7, 7, -8, 2_147_483_647, -2_147_483_647, 16_777_217) }, { shape: [6], data: Int32Array.of(2, -2, 4, 2, 2, 1) }],
      body: ((a: tf.Tensor, b: tf.Tensor) => tf.floorDiv(a, b)) as (...inputs: tf.Tensor[]) => tf.Tensor,
    }),
  },
  {
    kernel: 'Pow',
    says: 'Pow of positive floats that broadcast',
    hasGradient: true,
    make: draw => {
      const [a, b] = draw.broadcastShapes()
      return { inputs: [draw.floats(a, 0.2, 3), draw.floats(b, -2, 2)], body: ((a: tf.Tensor, b: tf.Tensor) => tf.pow(a, b)) as (...inputs: tf.Tensor[]) => tf.Tensor }
    },
  },
  withOneNumber('Pow', x => tf.pow(x, 2)), withOneNumber('Add', x => tf.add(x, 1.5)), withOneNumber('Multiply', x => tf.mul(0.25, x)), withOneNumber('Sub', x => tf.sub(1, x)),
  withOneNumber('RealDiv', x => tf.div(1, x)), withOneNumber('Maximum', x => tf.maximum(x, 1)), withOneNumber('Minimum', x => tf.minimum(2, x)),
  {
    kernel: 'AddN',
    says: 'AddN of three floats',
    hasGradient: true,
    make: draw => {
      const shape = draw.shape(0, 3)
      return { inputs: [draw.floats(shape), draw.floats(shape), draw.floats(shape)], body: (...inputs) => tf.addN(inputs) }
    },
  },
  {
    kernel: 'AddN',
    says: 'AddN of three integers',
    make: draw => {
      const shape = draw.shape(0, 3)
      return { inputs: [draw.integers(shape, -5, 5), draw.integers(shape, -5, 5), draw.integers(shape, -5, 5)], body: (...inputs) => tf.addN(inputs) }
    },
  },
  {
    kernel: 'Select',
    says: 'Select between floats that broadcast',
    hasGradient: true,
    make: draw => {
      const [a, b] = draw.broadcastShapes()
      const body = (c: tf.Tensor, x: tf.Tensor, y: tf.Tensor) => tf.where(isPositive(c), x, y)
      return { inputs: [draw.integers(a, -1, 1), draw.floats(a), draw.floats(b)], body: body as (...inputs: tf.Tensor[]) => tf.Tensor }
    },
  },
  {
    kernel: 'Select',
    says: 'Select between a float and one number',
    hasGradient: true,
    make: draw => {
      const shape = draw.shape(0, 3), body = (c: tf.Tensor, x: tf.Tensor) => tf.where(isPositive(c), x, tf.scalar(-5))
      return { inputs: [draw.integers(shape, -1, 1), draw.floats(shape)], body: body as (...inputs: tf.Tensor[]) => tf.Tensor }
    },
  },
  {
    kernel: 'Select',
    says: 'Select between integers, and between bools',
    make: draw => {
      const shape = draw.shape(0, 3)
      const body = (c: tf.Tensor, x: tf.Tensor, y: tf.Tensor) => [tf.where(isPositive(c), x, y), tf.where(isPositive(c), isPositive(x), isPositive(y))]
      return { inputs: [draw.integers(shape, -1, 1), draw.integers(shape, -9, 9), draw.integers(shape, -9, 9)], body: body as (...inputs: tf.Tensor[]) => tf.Tensor[] }
    },
  },
  {
    kernel: 'Cast',
    says: 'Cast between all types',
    make: draw => {
      const shape = draw.shape(0, 3)
      const body = (x: tf.Tensor, n: tf.Tensor) => [tf.cast(x, 'int32'), tf.cast(n, 'float32'), tf.cast(n, 'bool'), tf.cast(isPositive(x), 'float32'), tf.cast(isPositive(x), 'int32')]
      return { inputs: [draw.floats(shape), draw.integers(shape, -1, 1)], body: body as (...inputs: tf.Tensor[]) => tf.Tensor[] }
    },
  },
]
