/** Cases of kernels that work number by number, alone or two tensors at once. */
import * as tf from '../tf'
import type { Body, Case, Draw } from './case'

type Unary = (x: tf.Tensor) => tf.Tensor
type Binary = (a: tf.Tensor, b: tf.Tensor) => tf.Tensor

const unary = (
  kernel: string,
  body: Unary,
  [least, most]: readonly [number, number] = [-3, 3],
  hasGradient = true,
): Case => ({
  kernel,
  says: `${kernel} of floats from ${least} to ${most}`,
  hasGradient,
  make: (draw) => ({ inputs: [draw.floats(draw.shape(0, 4), least, most)], body }),
})

const ofIntegers = (kernel: string, body: Unary): Case => ({
  kernel,
  says: `${kernel} of integers`,
  make: (draw) => ({ inputs: [draw.integers(draw.shape(0, 3), -4, 4)], body }),
})

const binary = (kernel: string, body: Binary, hasGradient = true): Case => ({
  kernel,
  says: `${kernel} of floats that broadcast`,
  hasGradient,
  make: (draw) => {
    const [a, b] = draw.broadcastShapes()
    return { inputs: [draw.floats(a, -2, 2), draw.floats(b, 0.5, 3)], body }
  },
})

/** Some of TensorFlow.js's gradients do not reduce what was broadcast, and throw. */
const sameShape = (kernel: string, body: Binary): Case => ({
  kernel,
  says: `${kernel} of floats of one shape`,
  hasGradient: true,
  make: (draw) => {
    const shape = draw.shape(0, 4)
    return { inputs: [draw.floats(shape), draw.floats(shape)], body }
  },
})

const ofTwo = (kernel: string, what: string, body: Binary, [least, most] = [-4, 4]): Case => ({
  kernel,
  says: `${kernel} of ${what} that broadcast`,
  make: (draw) => {
    const [a, b] = draw.broadcastShapes()
    return { inputs: [draw.integers(a, -9, 9), draw.integers(b, least, most)], body }
  },
})
const ofTwoIntegers = (kernel: string, body: Binary, range?: [number, number]): Case =>
  ofTwo(kernel, 'integers', body, range)
const ofTwoBools = (kernel: string, body: Binary): Case =>
  ofTwo(kernel, 'bools', (a, b) => body(isPositive(a), isPositive(b)))

const withOneNumber = (kernel: string, says: string, body: Unary): Case => ({
  kernel,
  says: `${kernel}: ${says}`,
  hasGradient: true,
  make: (draw) => ({ inputs: [draw.floats(draw.shape(0, 3), 0.5, 3)], body }),
})

const drawn = (
  kernel: string,
  says: string,
  make: (draw: Draw) => { inputs: ReturnType<Case['make']>['inputs']; body: Body },
  hasGradient = false,
): Case => ({ kernel, says, make, hasGradient })

const isPositive = (x: tf.Tensor) => tf.greater(x, 0)

const unaryCases: readonly Case[] = [
  unary('Exp', tf.exp),
  unary('Log', tf.log, [0.1, 5]),
  unary('Sqrt', tf.sqrt, [0.1, 5]),
  unary('Rsqrt', tf.rsqrt, [0.1, 5]),
  unary('Reciprocal', tf.reciprocal, [0.2, 4]),
  unary('Tanh', tf.tanh),
  unary('Sigmoid', tf.sigmoid),
  unary('Softplus', tf.softplus, [-20, 20]),
  unary('Erf', tf.erf),
  unary('Sin', tf.sin),
  unary('Cos', tf.cos),
  unary('Neg', tf.neg),
  unary('Abs', tf.abs),
  unary('Sign', tf.sign),
  unary('Square', tf.square),
  unary('Relu', tf.relu),
  unary('Floor', tf.floor),
  unary('Ceil', tf.ceil),
  unary('Round', tf.round),
  unary('Log1p', tf.log1p, [-0.5, 3]),
  unary('Log1p', tf.log1p, [-1e-6, 1e-6]),
  unary('Log1p', tf.log1p, [1e30, 3e38]),
  unary('Expm1', tf.expm1),
  unary('Expm1', tf.expm1, [-1e-6, 1e-6]),
  unary('Expm1', tf.expm1, [-40, 40], false),
  unary('Step', (x) => tf.step(x), [-1, 1], false),
  unary('Step', (x) => tf.step(x, -0.5), [-1, 1], false),
  unary('ClipByValue', (x) => tf.clipByValue(x, -0.5, 1.5)),
  unary('LogicalNot', (x) => tf.logicalNot(isPositive(x)), [-1, 1], false),
  unary('Identity', tf.clone),
  ofIntegers('Exp', tf.exp),
  ofIntegers('Neg', tf.neg),
  ofIntegers('Abs', tf.abs),
  ofIntegers('Sign', tf.sign),
  ofIntegers('Square', tf.square),
  ofIntegers('Relu', tf.relu),
  ofIntegers('Neg', (x) => tf.neg(tf.round(x))),
  ofIntegers('Round', tf.round),
  ofIntegers('ClipByValue', (x) => tf.clipByValue(x, -2, 3)),
]

const binaryCases: readonly Case[] = [
  binary('Add', tf.add),
  binary('Sub', tf.sub),
  binary('Multiply', tf.mul),
  binary('RealDiv', tf.div),
  binary('Maximum', tf.maximum, false),
  binary('Minimum', tf.minimum, false),
  binary('SquaredDifference', tf.squaredDifference, false),
  sameShape('Maximum', tf.maximum),
  sameShape('Minimum', tf.minimum),
  sameShape('SquaredDifference', tf.squaredDifference),
  binary('FloorDiv', tf.floorDiv, false),
  binary('Equal', tf.equal, false),
  binary('NotEqual', tf.notEqual, false),
  binary('Greater', tf.greater, false),
  binary('GreaterEqual', tf.greaterEqual, false),
  binary('Less', tf.less, false),
  binary('LessEqual', tf.lessEqual, false),
  ofTwoIntegers('Add', tf.add),
  ofTwoIntegers('Sub', tf.sub),
  ofTwoIntegers('Multiply', tf.mul),
  ofTwoIntegers('Maximum', tf.maximum),
  ofTwoIntegers('Minimum', tf.minimum),
  ofTwoIntegers('FloorDiv', tf.floorDiv),
  ofTwoIntegers('Pow', tf.pow),
  ofTwoIntegers('SquaredDifference', tf.squaredDifference),
  ofTwoIntegers('Greater', tf.greater),
  ofTwoIntegers('GreaterEqual', tf.greaterEqual),
  ofTwoIntegers('Less', tf.less),
  ofTwoIntegers('LessEqual', tf.lessEqual),
  ofTwoIntegers('Equal', tf.equal),
  ofTwoIntegers('NotEqual', tf.notEqual),
  ofTwoIntegers('RealDiv', (a, b) => tf.div(tf.cast(a, 'float32'), b), [1, 4]),
  ofTwoBools('LogicalAnd', tf.logicalAnd),
  ofTwoBools('LogicalOr', tf.logicalOr),
  ofTwoBools('Equal', tf.equal),
  ofTwoBools('NotEqual', tf.notEqual),
  ofTwoBools('Greater', tf.greater),
  ofTwoBools('GreaterEqual', tf.greaterEqual),
  ofTwoBools('Less', tf.less),
  ofTwoBools('LessEqual', tf.lessEqual),
  drawn('FloorDiv', 'FloorDiv rounds down, also below zero and for integers float32 does not hold', () => ({
    inputs: [
      { shape: [6], data: Int32Array.of(-7, 7, -8, 2_147_483_647, -2_147_483_647, 16_777_217) },
      { shape: [6], data: Int32Array.of(2, -2, 4, 2, 2, 1) },
    ],
    body: (a, b) => tf.floorDiv(a, b),
  })),
  drawn(
    'Pow',
    'Pow of positive floats that broadcast',
    (draw) => {
      const [a, b] = draw.broadcastShapes()
      return { inputs: [draw.floats(a, 0.2, 3), draw.floats(b, -2, 2)], body: (a, b) => tf.pow(a, b) }
    },
    true,
  ),
  withOneNumber('Pow', 'a square', (x) => tf.pow(x, 2)),
  withOneNumber('Add', 'x + 1.5', (x) => tf.add(x, 1.5)),
  withOneNumber('Multiply', 'x/4', (x) => tf.mul(0.25, x)),
  withOneNumber('Sub', '1 − x', (x) => tf.sub(1, x)),
  withOneNumber('RealDiv', '1/x', (x) => tf.div(1, x)),
  withOneNumber('Maximum', 'at least 1', (x) => tf.maximum(x, 1)),
  withOneNumber('Minimum', 'at most 2', (x) => tf.minimum(2, x)),
]

export const elementwiseCases: readonly Case[] = [
  ...unaryCases,
  ...binaryCases,
  drawn(
    'AddN',
    'AddN of three floats',
    (draw) => {
      const shape = draw.shape(0, 3)
      return {
        inputs: [draw.floats(shape), draw.floats(shape), draw.floats(shape)],
        body: (...inputs) => tf.addN(inputs),
      }
    },
    true,
  ),
  drawn('AddN', 'AddN of three integers', (draw) => {
    const shape = draw.shape(0, 3)
    return {
      inputs: [draw.integers(shape, -5, 5), draw.integers(shape, -5, 5), draw.integers(shape, -5, 5)],
      body: (...inputs) => tf.addN(inputs),
    }
  }),
  drawn(
    'Select',
    'Select between floats that broadcast',
    (draw) => {
      const [a, b] = draw.broadcastShapes().map((shape) => shape.map((length) => Math.max(1, length))) as [
        number[],
        number[],
      ] // TensorFlow.js does not broadcast to 0
      return {
        inputs: [draw.integers(a, -1, 1), draw.floats(a), draw.floats(b)],
        body: (c, x, y) => tf.where(isPositive(c), x, y),
      }
    },
    true,
  ),
  drawn(
    'Select',
    'Select between a float and one number',
    (draw) => {
      const shape = draw.shape(0, 3)
      return {
        inputs: [draw.integers(shape, -1, 1), draw.floats(shape)],
        body: (c, x) => tf.where(isPositive(c), x, tf.scalar(-5)),
      }
    },
    true,
  ),
  drawn('Select', 'Select between integers, and between bools', (draw) => {
    const shape = draw.shape(0, 3)
    return {
      inputs: [draw.integers(shape, -1, 1), draw.integers(shape, -9, 9), draw.integers(shape, -9, 9)],
      body: (c, x, y) => [
        tf.where(isPositive(c), x, y),
        tf.where(isPositive(c), isPositive(x), isPositive(y)),
      ],
    }
  }),
  drawn('Cast', 'Cast between all types', (draw) => {
    const shape = draw.shape(0, 3)
    return {
      inputs: [draw.floats(shape), draw.integers(shape, -1, 1)],
      body: (x, n) => [
        tf.cast(x, 'int32'),
        tf.cast(x, 'bool'),
        tf.cast(n, 'float32'),
        tf.cast(n, 'bool'),
        tf.cast(isPositive(x), 'float32'),
        tf.cast(isPositive(x), 'int32'),
      ],
    }
  }),
]
