/**
 * A transformer of two layers, small enough for TensorFlow.js's cpu backend, with every layer the real models
 * have.
 */
import type { HostBatch, Int2D, OptimizerSettings, Weights } from '../engine'
import { attention, gelu, linear, logProbsOf } from '../recording/fused'
import { layerNorm } from '../recording/fused-norms'
import { allocate, type Parameters, type ParameterSpec } from '../parameters'
import * as tf from '../tf'
import { uniform } from './case'

const LAYERS = 2
const HEADS = 2
const WIDTH = 16
const TIME = 6
const VOCABULARY = 11
const ROWS = 3

const layerSpec = {
  gain1: [WIDTH],
  bias1: [WIDTH],
  qkv: [WIDTH, 3 * WIDTH],
  qkvBias: [3 * WIDTH],
  out: [WIDTH, WIDTH],
  outBias: [WIDTH],
  gain2: [WIDTH],
  bias2: [WIDTH],
  up: [WIDTH, 4 * WIDTH],
  upBias: [4 * WIDTH],
  down: [4 * WIDTH, WIDTH],
  downBias: [WIDTH],
}
export const spec: ParameterSpec = {
  tokens: [VOCABULARY, WIDTH],
  positions: [TIME, WIDTH],
  ...Object.fromEntries(
    Array.from({ length: LAYERS }, (_, layer) =>
      Object.entries(layerSpec).map(([name, shape]) => [`${layer}.${name}`, shape]),
    ).flat(),
  ),
  gain: [WIDTH],
  bias: [WIDTH],
}

export const adamw: OptimizerSettings = {
  beta1: 0.9,
  beta2: 0.95,
  epsilon: 1e-8,
  weightDecay: 0.1,
  isDecayed: (_, shape) => shape.length === 2,
  clipNorm: 1,
}

/** Always the same draw. */
export function initial(): Parameters {
  const parameters = allocate(spec)
  for (const name of Object.keys(spec)) parameters.view(name).fill(/gain/.test(name) ? 1 : 0)
  const random = uniform(1)
  parameters.flat.forEach((value, index) => {
    parameters.flat[index] = value + 0.6 * (random() - 0.5)
  })
  return parameters
}

/** [ROWS, TIME]: `next` are the tokens that follow those of `ids`. */
export type Texts = { readonly ids: Int2D; readonly next: Int2D }

/** Ids that repeat within a batch, another batch for every seed. */
export function batch(seed: number, rows = ROWS): HostBatch<Texts> {
  const random = uniform(1000 + seed)
  const ids = () => Int32Array.from({ length: rows * TIME }, () => Math.floor(random() * VOCABULARY))
  return { ids: { shape: [rows, TIME], data: ids() }, next: { shape: [rows, TIME], data: ids() } }
}

const w = (weights: Weights, name: string) => weights[name] as tf.Tensor
const matrix = (weights: Weights, name: string) => weights[name] as tf.Tensor2D
const vector = (weights: Weights, name: string) => weights[name] as tf.Tensor1D

export function logits(weights: Weights, ids: tf.Tensor): tf.Tensor2D {
  const rows = ids.shape[0] as number
  const places = rows * TIME
  const headWidth = WIDTH / HEADS
  const mask = tf.tensor2d(
    Float32Array.from({ length: TIME * TIME }, (_, i) => (i % TIME > Math.floor(i / TIME) ? -1e9 : 0)),
    [TIME, TIME],
  )
  const embedded = tf.add(
    tf.gather(w(weights, 'tokens'), tf.cast(ids, 'int32') as tf.Tensor2D),
    w(weights, 'positions'),
  )
  let x = tf.reshape(embedded, [places, WIDTH]) as tf.Tensor2D
  for (let layer = 0; layer < LAYERS; layer++) {
    const of = (name: string) => `${layer}.${name}`
    const normal = layerNorm(x, vector(weights, of('gain1')), vector(weights, of('bias1')))
    const qkv = tf.reshape(linear(normal, matrix(weights, of('qkv')), vector(weights, of('qkvBias'))), [
      rows,
      TIME,
      3,
      HEADS,
      headWidth,
    ])
    const [q, k, v] = tf.unstack(
      tf.reshape(tf.transpose(qkv, [2, 0, 3, 1, 4]), [3, rows * HEADS, TIME, headWidth]),
    ) as [tf.Tensor, tf.Tensor, tf.Tensor]
    const seen = tf.transpose(
      tf.reshape(attention(q, k, v, mask), [rows, HEADS, TIME, headWidth]),
      [0, 2, 1, 3],
    )
    x = tf.add(
      x,
      linear(tf.reshape(seen, [places, WIDTH]), matrix(weights, of('out')), vector(weights, of('outBias'))),
    )
    const inner = gelu(
      linear(
        layerNorm(x, vector(weights, of('gain2')), vector(weights, of('bias2'))),
        matrix(weights, of('up')),
        vector(weights, of('upBias')),
      ),
    )
    x = tf.add(x, linear(inner, matrix(weights, of('down')), vector(weights, of('downBias'))))
  }
  return tf.matMul(
    layerNorm(x, vector(weights, 'gain'), vector(weights, 'bias')),
    matrix(weights, 'tokens'),
    false,
    true,
  )
}

export function lossOf(weights: Weights, { ids, next }: Texts) {
  const logProbs = logProbsOf(logits(weights, ids), tf.reshape(next, [next.size]))
  return { loss: tf.neg(tf.mean(logProbs)) as tf.Scalar, worst: tf.min(logProbs) as tf.Scalar }
}
