/**
 * Kernels of the package's TensorFlow backend that do otherwise than TensorFlow.js does elsewhere, mended so
 * that one program means one thing on every device. Each was found by running the differential cases on
 * TensorFlow 2.21.
 */
import * as tf from '../tf'

type Kernel = (args: {
  readonly inputs: Readonly<Record<string, tf.Tensor>>
  readonly attrs?: tf.NamedAttrMap
  readonly backend: unknown
}) => tf.TensorInfo

/** Replaces the kernels. @param backend the name they are registered under */
export function mendKernels(backend: string): void {
  const mend = (kernelName: string, mended: (original: Kernel) => Kernel) => {
    const { kernelFunc } = tf.getKernel(kernelName, backend)
    tf.unregisterKernel(kernelName, backend)
    tf.registerKernel({
      kernelName,
      backendName: backend,
      kernelFunc: mended(kernelFunc as unknown as Kernel) as unknown as tf.KernelFunc,
    })
  }
  for (const comparison of [tf.Greater, tf.GreaterEqual, tf.Less, tf.LessEqual])
    mend(comparison, comparisonOfBools)
  mend(tf.Round, roundOfIntegers)
  mend(tf.FloorDiv, wholeQuotient)
  mend(tf.Pow, powerOfIntegers)
  mend(tf.Select, selectFromNothing)
  mend(tf.UnsortedSegmentSum, sumsAsFloats)
}

/** TensorFlow orders numbers only. */
const comparisonOfBools =
  (original: Kernel): Kernel =>
  ({ inputs: { a, b }, ...rest }) =>
    tf.tidy(() => original({ inputs: { a: numbers(a!), b: numbers(b!) }, ...rest }) as tf.Tensor)

const numbers = (x: tf.Tensor): tf.Tensor => (x.dtype === 'bool' ? tf.cast(x, 'int32') : x)

/** TensorFlow 2.21 rounds every integer to 0. */
const roundOfIntegers =
  (original: Kernel): Kernel =>
  (args) =>
    args.inputs['x']!.dtype === 'int32' ? tf.clone(args.inputs['x']!) : original(args)

/**
 * TensorFlow answers floats with floats, and refuses to divide integers by zero; TensorFlow.js answers with
 * integers, and with 0.
 */
const wholeQuotient =
  (original: Kernel): Kernel =>
  ({ inputs: { a, b }, ...rest }) =>
    tf.tidy(() => {
      if (b!.dtype !== 'int32')
        return tf.cast(original({ inputs: { a: a!, b: b! }, ...rest }) as tf.Tensor, 'int32')
      const isZero = tf.equal(b!, 0)
      const quotient = original({
        inputs: { a: a!, b: tf.where(isZero, tf.onesLike(b!), b!) },
        ...rest,
      }) as tf.Tensor
      return tf.where(isZero, tf.zerosLike(quotient), quotient)
    })

/**
 * TensorFlow refuses negative powers of integers; TensorFlow.js cuts what comes out to an integer, 0 where it
 * is infinite.
 */
const powerOfIntegers =
  (original: Kernel): Kernel =>
  ({ inputs: { a, b }, ...rest }) => {
    if (b!.dtype !== 'int32') return original({ inputs: { a: a!, b: b! }, ...rest })
    return tf.tidy(() => {
      const power = original({ inputs: { a: a!, b: tf.maximum(b!, tf.zerosLike(b!)) }, ...rest }) as tf.Tensor
      // 0 to a negative power: as of 2, cut to 0
      const base = tf.cast(tf.where(tf.equal(a!, 0), tf.fill(a!.shape, 2, 'int32'), a!), 'float32')
      return tf.where(tf.less(b!, 0), tf.cast(tf.pow(base, tf.cast(b!, 'float32')), 'int32'), power)
    })
  }

/** TensorFlow does not broadcast a number to no numbers. */
const selectFromNothing =
  (original: Kernel): Kernel =>
  (args) => {
    const { condition, t, e } = args.inputs
    return condition!.size === 0
      ? tf.zeros(condition!.shape, tf.upcastType(t!.dtype, e!.dtype))
      : original(args)
  }

/** TensorFlow adds integers to integers; TensorFlow.js says floats. */
const sumsAsFloats =
  (original: Kernel): Kernel =>
  ({ inputs: { x, ...others }, ...rest }) =>
    tf.tidy(() => original({ inputs: { x: tf.cast(x!, 'float32'), ...others }, ...rest }) as tf.Tensor)
