/**
 * Runs a body on an engine, and says where two engines differ.
 */
import type { Batch, Engine, HostTensor, Tensors } from '../engine'
import { allocate, type Parameters } from '../parameters'
import * as tf from '../tf'
import type { Body } from './case'

/** How far two numbers may be apart, relative above 1 and absolute below. */
export const TOLERANCE = 2e-5

let none: Parameters | undefined
/** Made when somebody runs something: even an empty memory reserves gigabytes of addresses. */
const noParameters = () => (none ??= allocate({}))

function batchOf(inputs: readonly HostTensor[]): Batch {
  return Object.fromEntries(inputs.map((input, index) => [`x${index}`, input]))
}

/** @returns the outputs of each run, by `y0`, `y1`, … */
export async function runOn(
  engine: Engine,
  body: Body,
  inputs: readonly HostTensor[],
  times = 1,
): Promise<Readonly<Record<string, HostTensor>>[]> {
  const program = engine.program((_, batch: Tensors) => {
    const outputs = [body(...inputs.map((_, index) => batch[`x${index}`] as tf.Tensor))].flat()
    return Object.fromEntries(outputs.map((output, index) => [`y${index}`, output]))
  })
  try {
    const results: Record<string, HostTensor>[] = []
    for (let time = 0; time < times; time++) results.push(await program.run(noParameters(), batchOf(inputs)))
    return results
  } finally {
    program.dispose()
  }
}

/** Σ body(x)·w, with weights w that tell positions apart: a scalar. */
export function weightedSumOf(body: Body): (...inputs: tf.Tensor[]) => tf.Tensor {
  const weighted = (output: tf.Tensor) =>
    tf.sum(
      tf.mul(
        output,
        tf.tensor(
          Float32Array.from({ length: output.size }, (_, i) => 1 + Math.sin(i)),
          output.shape,
        ),
      ),
    )
  return (...inputs) => tf.addN([body(...inputs)].flat().map(weighted))
}

/** Gradients of `weightedSumOf` for every float input. */
export function gradientsOf(body: Body): Body {
  const total = weightedSumOf(body)
  return (...inputs) =>
    tf.engine().gradients(
      () => total(...inputs),
      inputs.filter((input) => input.dtype === 'float32'),
      undefined,
      true,
    ).grads
}

/** @returns the first number that differs, in words */
export function differenceOf(
  actual: Readonly<Record<string, HostTensor>>,
  expected: Readonly<Record<string, HostTensor>>,
  tolerance = TOLERANCE,
): string | undefined {
  for (const [name, right] of Object.entries(expected)) {
    const left = actual[name]
    if (!left) return `${name} is missing`
    if (left.shape.join('x') !== right.shape.join('x'))
      return `${name} has shape [${left.shape.join(', ')}], TensorFlow.js says [${right.shape.join(', ')}]`
    if (left.data.constructor !== right.data.constructor)
      return `${name} is a ${left.data.constructor.name}, TensorFlow.js says ${right.data.constructor.name}`
    const index = right.data.findIndex((value, at) => !isClose(left.data[at] as number, value, tolerance))
    if (index >= 0) return `${name}[${index}] is ${left.data[index]}, TensorFlow.js says ${right.data[index]}`
  }
  return undefined
}

/** Not-a-number is only close to itself, and an infinity to the same one. */
function isClose(actual: number, expected: number, tolerance: number): boolean {
  return (
    Object.is(actual, expected) ||
    actual === expected ||
    Math.abs(actual - expected) <= tolerance * (1 + Math.abs(expected))
  )
}
