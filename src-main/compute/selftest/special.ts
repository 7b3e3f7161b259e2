/**
 * What becomes of zeros, infinities and not-a-number: a device that hides one of them hides that a run has
 * gone wrong.
 */
import type { HostTensor } from '../engine'
import * as tf from '../tf'
import type { Body, Case } from './case'

const SPECIAL = [
  0,
  -0,
  Infinity,
  -Infinity,
  NaN,
  1e-20,
  -1e-20,
  1e-40,
  -1,
  1,
  0.5,
  2.5,
  -2.5,
  100,
  -100,
  1e20,
  -1e20,
  3e38,
]
const SOME = [0, -0, Infinity, -Infinity, NaN, -1, 1, 2, -2.5, 1e6, 0.5]
/** Far from where a product or a power overflows: what an overflow gives is not defined. */
const INTEGERS = [0, 1, -1, 2, -2, 7, -7, 9]

const floats = (...values: number[]): HostTensor => ({
  shape: [values.length],
  data: Float32Array.from(values),
})
const integers = (...values: number[]): HostTensor => ({
  shape: [values.length],
  data: Int32Array.from(values),
})
const left = (values: readonly number[]) => values.flatMap((a) => values.map(() => a))
const right = (values: readonly number[]) => values.flatMap(() => values)

const isPositive = (x: tf.Tensor) => tf.greater(x, 0)

const unary: Readonly<Record<string, (x: tf.Tensor) => tf.Tensor>> = {
  Exp: tf.exp,
  Log: tf.log,
  Log1p: tf.log1p,
  Expm1: tf.expm1,
  Sqrt: tf.sqrt,
  Rsqrt: tf.rsqrt,
  Reciprocal: tf.reciprocal,
  Tanh: tf.tanh,
  Sigmoid: tf.sigmoid,
  Softplus: tf.softplus,
  Erf: tf.erf,
  Neg: tf.neg,
  Abs: tf.abs,
  Sign: tf.sign,
  Square: tf.square,
  Relu: tf.relu,
  Floor: tf.floor,
  Ceil: tf.ceil,
  Round: tf.round,
  Step: (x) => tf.step(x, 0.25),
  ClipByValue: (x) => tf.clipByValue(x, -0.5, 1.5),
  LogicalNot: (x) => tf.logicalNot(isPositive(x)),
  Cast: (x) => tf.cast(x, 'bool'),
  Identity: tf.clone,
  Cumsum: (x) => tf.cumsum(x),
  AddN: (x) => tf.addN([x, x, x]),
  Select: (x) => tf.where(isPositive(x), x, tf.neg(x)),
}

type Binary = (a: tf.Tensor, b: tf.Tensor) => tf.Tensor
const binary: Readonly<Record<string, Binary>> = {
  Add: tf.add,
  Sub: tf.sub,
  Multiply: tf.mul,
  RealDiv: tf.div,
  Maximum: tf.maximum,
  Minimum: tf.minimum,
  Pow: tf.pow,
  FloorDiv: tf.floorDiv,
  SquaredDifference: tf.squaredDifference,
  Greater: tf.greater,
  GreaterEqual: tf.greaterEqual,
  Less: tf.less,
  LessEqual: tf.lessEqual,
  Equal: tf.equal,
  NotEqual: tf.notEqual,
}

const { RealDiv: _, ...ofIntegers } = binary // of integers TensorFlow.js makes it a FloorDiv

/** Rows that each hide something. */
const ROWS: HostTensor = {
  shape: [7, 3],
  data: Float32Array.of(
    1,
    NaN,
    3,
    NaN,
    NaN,
    NaN,
    Infinity,
    1,
    2,
    -Infinity,
    -Infinity,
    -Infinity,
    Infinity,
    -Infinity,
    0,
    1e30,
    -1e30,
    88,
    NaN,
    Infinity,
    -Infinity,
  ),
}
const overRows: Readonly<Record<string, Body>> = {
  Sum: (x) => tf.sum(x, 1),
  Mean: (x) => tf.mean(x, 1),
  Max: (x) => [tf.max(x, 1), tf.max(x, 0), tf.max(x)],
  Min: (x) => [tf.min(x, 1), tf.min(x, 0), tf.min(x)],
  ArgMax: (x) => tf.argMax(x, 1),
  ArgMin: (x) => tf.argMin(x, 1),
  Softmax: (x) => tf.softmax(x),
  Transpose: (x) => tf.transpose(x),
  Concat: (x) => tf.concat([x, x], 1),
  Any: (x) => tf.any(isPositive(x), 1),
  All: (x) => tf.all(isPositive(x), 1),
  LogicalAnd: (x) => tf.logicalAnd(isPositive(x), isPositive(tf.neg(x))),
}

const cases =
  (kind: string, inputs: readonly HostTensor[]) =>
  ([kernel, body]: readonly [string, Body]): Case => ({
    kernel,
    says: `${kernel} of ${kind}`,
    make: () => ({ inputs, body }),
  })

export const specialCases: readonly Case[] = [
  ...Object.entries(unary).map(cases('zeros, infinities and not-a-number', [floats(...SPECIAL)])),
  ...Object.entries(binary).map(
    cases('any two of zeros, infinities and not-a-number', [floats(...left(SOME)), floats(...right(SOME))]),
  ),
  ...Object.entries(ofIntegers).map(
    cases('any two of some integers', [integers(...left(INTEGERS)), integers(...right(INTEGERS))]),
  ),
  ...Object.entries(overRows).map(cases('rows with infinities and not-a-number', [ROWS])),
  cases('infinities and not-a-number, which have no integer and become 0', [
    floats(NaN, Infinity, -Infinity, 0.9, -0.9, 2e9, -2e9),
  ])(['Cast', (x) => tf.cast(x, 'int32')]),
  cases('not-a-number times zero, and infinities of both signs', [
    { shape: [2, 2], data: Float32Array.of(0, 1, NaN, 0) },
    { shape: [2, 2], data: Float32Array.of(Infinity, 1, 0, -Infinity) },
  ])(['BatchMatMul', (a, b) => tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D)]),
  cases('rows that are not finite', [
    { shape: [4, 2], data: Float32Array.of(1, NaN, 3, 4, 5, 6, Infinity, 8) },
    integers(0, 2, 0, 2),
  ])(['UnsortedSegmentSum', (x, ids) => tf.unsortedSegmentSum(x, ids as tf.Tensor1D, 3)]),
]
