/**
 * The one way through a linear layer, whatever the architecture: its matrix, its bias if it has one, and the
 * adapters that stand on it.
 *
 *   y = x·W + b + Σ s · dropout(x)·A·B
 *
 * Source: Hu et al. 2021, "LoRA", Eq. 3, where W₀ = Wᵀ and A, B are the other way round. An adapter is there
 * when its tensors are among the weights.
 */
import { feedForward, gelu, linear } from '../../compute/recording/fused'
import type { Tensors, Weights } from '../../compute/engine'
import * as tf from '../../compute/tf'
import { adapterTensors } from '../adapters/adapter-names'
import { weight } from '../network'

/** The weights with what a batch says is dropped. */
export const withDropout = (weights: Weights, batch: Tensors): Weights => ({
  ...weights,
  ...Object.fromEntries(Object.entries(batch).filter(([name]) => name.includes('.lora_mask.'))),
})

/**
 * @param name of the layer: its matrix is `name.weight` [in, out], its bias `name.bias` [out]
 * @param x    [N, in]
 * @returns [N, out]
 */
export function project(weights: Weights, name: string, x: tf.Tensor2D): tf.Tensor2D {
  const matrix = weight(weights, `${name}.weight`) as tf.Tensor2D
  const bias = weights[`${name}.bias`] as tf.Tensor1D | undefined
  return adapted(weights, name, x, bias ? linear(x, matrix, bias) : tf.matMul(x, matrix))
}

/** The same with a matrix [out, in], as output matrices are stored. */
export function projectBack(weights: Weights, name: string, x: tf.Tensor2D): tf.Tensor2D {
  return adapted(
    weights,
    name,
    x,
    tf.matMul(x, weight(weights, `${name}.weight`) as tf.Tensor2D, false, true),
  )
}

/** gelu(x·up)·down, both with biases: as a single operator where no adapter stands in it. [N, C] → [N, C] */
export function projectThroughGelu(weights: Weights, up: string, down: string, x: tf.Tensor2D): tf.Tensor2D {
  if (isAdapted(weights, up) || isAdapted(weights, down))
    return project(weights, down, gelu(project(weights, up, x)))
  const matrix = (name: string) => weight(weights, `${name}.weight`) as tf.Tensor2D
  const bias = (name: string) => weight(weights, `${name}.bias`) as tf.Tensor1D
  return feedForward(x, matrix(up), bias(up), matrix(down), bias(down))
}

function adapted(weights: Weights, name: string, x: tf.Tensor2D, plain: tf.Tensor2D): tf.Tensor2D {
  return adaptersOn(weights, name).reduce<tf.Tensor2D>((y, adapter) => {
    const { A, B, scale, mask } = adapterTensors(name, adapter)
    const kept: tf.Tensor2D = weights[mask] ? tf.mul(x, weights[mask]) : x
    const narrow: tf.Tensor2D = tf.mul(
      tf.matMul(kept, weight(weights, A) as tf.Tensor2D),
      weight(weights, scale),
    ) // [N, rank]
    return tf.add(y, tf.matMul(narrow, weight(weights, B) as tf.Tensor2D))
  }, plain)
}

const isAdapted = (weights: Weights, name: string): boolean => adaptersOn(weights, name).length > 0

/**
 * Names of the adapters on a projection, in the order of the weights: the order in which they were put on.
 */
const adaptersOn = (weights: Weights, name: string): readonly string[] => {
  const known = indices.get(weights) ?? indexOf(weights)
  indices.set(weights, known)
  return known.get(name) ?? []
}

const indices = new WeakMap<Weights, ReadonlyMap<string, readonly string[]>>()

function indexOf(weights: Weights): ReadonlyMap<string, readonly string[]> {
  const index = new Map<string, string[]>()
  for (const each of Object.keys(weights)) {
    const [, projection, adapter] = /^(.+)\.lora_A\.([^.]+)\.weight$/.exec(each) ?? []
    if (projection === undefined || adapter === undefined) continue
    index.set(projection, [...(index.get(projection) ?? []), adapter])
  }
  return index
}
