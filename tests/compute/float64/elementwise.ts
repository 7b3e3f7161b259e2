/** What kernels mean that work number by number. */
import { at, each, outputShape, shapeOf, spread, truth, two, type Kernel, type Numbers } from './numbers'

/**
 * The error function, by the series whose terms are all of one sign (Abramowitz & Stegun 1972, 7.1.6): nothing
 * cancels, however large x is. Beyond 6 it is ±1 in float64.
 */
function erf(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x)
  let term = x
  let total = x
  for (let n = 1; n < 200; n++) {
    term *= (2 * x * x) / (2 * n + 1)
    total += term
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * total
}

const root = Math.sqrt(2 / Math.PI)

export const elementwise: Readonly<Record<string, Kernel>> = {
  Exp: each(Math.exp),
  Log: each(Math.log),
  Log1p: each(Math.log1p),
  Expm1: each(Math.expm1),
  Sqrt: each(Math.sqrt),
  Rsqrt: each((x) => 1 / Math.sqrt(x)),
  Reciprocal: each((x) => 1 / x),
  Tanh: each(Math.tanh),
  Sigmoid: each((x) => 1 / (1 + Math.exp(-x))),
  Softplus: each((x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))),
  Erf: each(erf),
  Sin: each(Math.sin),
  Cos: each(Math.cos),
  Neg: each((x) => -x),
  Abs: each(Math.abs),
  Sign: each(Math.sign),
  Square: each((x) => x * x),
  Relu: each((x) => Math.max(x, 0)),
  Floor: each(Math.floor),
  Ceil: each(Math.ceil),
  Round: each((x) => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x))),
  LogicalNot: each((x) => Number(x === 0)),
  Step: (node, [x]) => (x as Numbers).map((value) => (value > 0 ? 1 : Number(node.attributes['alpha']))),
  ClipByValue: (node, [x]) =>
    (x as Numbers).map((value) =>
      Math.min(Number(node.attributes['most']), Math.max(Number(node.attributes['least']), value)),
    ),
  Cast: (node, [x]) =>
    (x as Numbers).map(
      node.outputs[0]?.dtype === 'bool'
        ? (value) => Number(value !== 0)
        : node.outputs[0]?.dtype === 'int32'
          ? Math.trunc
          : (value) => value,
    ),
  FastGelu: each((x) => (x / 2) * (1 + Math.tanh(root * (x + 0.044715 * x ** 3)))),
  Add: two((a, b) => a + b),
  Sub: two((a, b) => a - b),
  Multiply: two((a, b) => a * b),
  RealDiv: two((a, b) => a / b),
  FloorDiv: two((a, b) => Math.floor(a / b)),
  Pow: two((a, b) => a ** b),
  Maximum: two(Math.max),
  Minimum: two(Math.min),
  Greater: truth((a, b) => a > b),
  GreaterEqual: truth((a, b) => a >= b),
  Less: truth((a, b) => a < b),
  LessEqual: truth((a, b) => a <= b),
  Equal: truth((a, b) => a === b),
  LogicalAnd: truth((a, b) => a * b !== 0),
  LogicalOr: truth((a, b) => a !== 0 || b !== 0),
  Select: (node, inputs) => {
    const [condition, t, e] = inputs.map((x, index) =>
      spread(x, shapeOf(node, index), outputShape(node)),
    ) as [Numbers, Numbers, Numbers]
    return condition.map((value, index) => at(value !== 0 ? t : e, index))
  },
  AddN: (_, inputs) => inputs.reduce((total, x) => total.map((value, index) => value + at(x, index))),
}
