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
  const embedded = tf.add(
    tf.gather(w(weights, 'tokens'), tf.cast(ids, 'int32') as tf.Tensor2D),
    w(weights, 'positions'),
  )
  let x = tf.reshape(embedded, [rows * TIME, WIDTH]) as tf.Tensor2D
  const mask = causalMask()
  for (let layer = 0; layer < LAYERS; layer++) {
    x = tf.add(x, attended(weights, layer, x, mask))
    x = tf.add(x, throughMlp(weights, layer, x))
  }
  const last = layerNorm(x, vector(weights, 'gain'), vector(weights, 'bias'))
  return tf.matMul(last, matrix(weights, 'tokens'), false, true)
}

const causalMask = (): tf.Tensor2D =>
  tf.tensor2d(
    Float32Array.from({ length: TIME * TIME }, (_, i) => (i % TIME > Math.floor(i / TIME) ? -1e9 : 0)),
    [TIME, TIME],
  )

/** What attention adds to the stream. x, result [rows · TIME, WIDTH] */
function attended(weights: Weights, layer: number, x: tf.Tensor2D, mask: tf.Tensor2D): tf.Tensor2D {
  const rows = x.shape[0] / TIME
  const width = WIDTH / HEADS
  const named = (name: string) => `${layer}.${name}`
  const normal = layerNorm(x, vector(weights, named('gain1')), vector(weights, named('bias1')))
  const qkv = tf.reshape(linear(normal, matrix(weights, named('qkv')), vector(weights, named('qkvBias'))), [
    rows,
    TIME,
    3,
    HEADS,
    width,
  ])
  const [q, k, v] = tf.unstack(
    tf.reshape(tf.transpose(qkv, [2, 0, 3, 1, 4]), [3, rows * HEADS, TIME, width]),
  ) as [tf.Tensor, tf.Tensor, tf.Tensor]
  const byHead = tf.reshape(attention(q, k, v, mask), [rows, HEADS, TIME, width])
  const seen = tf.reshape(tf.transpose(byHead, [0, 2, 1, 3]), [rows * TIME, WIDTH]) as tf.Tensor2D
  return linear(seen, matrix(weights, named('out')), vector(weights, named('outBias')))
}

/** What the feed-forward layer adds to the stream. x, result [rows · TIME, WIDTH] */
function throughMlp(weights: Weights, layer: number, x: tf.Tensor2D): tf.Tensor2D {
  const named = (name: string) => `${layer}.${name}`
  const normal = layerNorm(x, vector(weights, named('gain2')), vector(weights, named('bias2')))
  const inner = gelu(linear(normal, matrix(weights, named('up')), vector(weights, named('upBias'))))
  return linear(inner, matrix(weights, named('down')), vector(weights, named('downBias')))
}

export function lossOf(weights: Weights, { ids, next }: Texts) {
  const logProbs = logProbsOf(logits(weights, ids), tf.reshape(next, [next.size]))
  return { loss: tf.neg(tf.mean(logProbs)) as tf.Scalar, worst: tf.min(logProbs) as tf.Scalar }
}
