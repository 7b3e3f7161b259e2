/**
 * The layers of a transformer as single operators with gradients of their own. While a program is recorded
 * they use what ONNX Runtime has; on an eager device each is its plain formula, which says what it means.
 */
import { kernel, withGradient } from './custom-gradient'
import * as tf from '../tf'
import { isRecording } from './trace'

const ROOT = Math.sqrt(2 / Math.PI)
const CUBIC = 0.044715

/**
 * Gaussian error linear unit in its tanh form: x/2 · (1 + tanh(√(2/π)·(x + 0.044715·x³))). Hendrycks & Gimpel
 * 2016, §2.
 * @param x any shape but a scalar's
 */
export function gelu<T extends tf.Tensor>(x: T): T {
  if (isRecording()) return recordedGelu(x) as T
  const inner = tf.mul(tf.add(x, tf.mul(tf.mul(tf.square(x), x), CUBIC)), ROOT)
  return tf.mul(tf.mul(x, 0.5), tf.add(tf.tanh(inner), 1)) as T
}

const recordedGelu = withGradient(([input], save) => {
  const x = input as tf.Tensor
  const y = kernel('FastGelu', { x })
  save([x, y])
  return { value: y, gradFunc: (dy, [x, y]) => [geluGradient(dy, x as tf.Tensor, y as tf.Tensor)] }
})

/** y = x·s with s = σ(2u), u the inner polynomial: dx = dy·(s + y·2u′·(1 − s)). */
function geluGradient(dy: tf.Tensor, x: tf.Tensor, y: tf.Tensor): tf.Tensor {
  const square = tf.square(x)
  const s = tf.sigmoid(tf.mul(x, tf.add(tf.mul(square, 2 * ROOT * CUBIC), 2 * ROOT)))
  const t = tf.mul(y, tf.add(tf.mul(square, 6 * ROOT * CUBIC), 2 * ROOT))
  return tf.mul(dy, tf.add(tf.mul(s, tf.sub(1, t)), t))
}

/** max(0, x)², whose derivative is 2·max(0, x): So et al. 2021, "Primer", §4.1. @param x any shape */
export const squaredRelu = withGradient(([input], save) => {
  const positive = tf.relu(input as tf.Tensor)
  save([positive])
  return {
    value: tf.square(positive),
    gradFunc: (dy, [positive]) => [tf.mul(dy, tf.mul(positive as tf.Tensor, 2))],
  }
}) as <T extends tf.Tensor>(x: T) => T

/**
 * x·w + bias.
 * @param x [rows, in]
 * @param w [in, out]
 * @param bias [out]
 * @returns [rows, out]
 */
export function linear(x: tf.Tensor2D, w: tf.Tensor2D, bias: tf.Tensor1D): tf.Tensor2D {
  return (isRecording() ? recordedLinear(x, w, bias) : tf.add(tf.matMul(x, w), bias)) as tf.Tensor2D
}

const recordedLinear = withGradient(([x, w, bias], save) => {
  save([x, w] as tf.Tensor[])
  return {
    value: kernel('Linear', { x, w, bias } as tf.NamedTensorMap),
    gradFunc: (dy, saved) => {
      const [x, w] = saved as [tf.Tensor, tf.Tensor]
      return [tf.matMul(dy, w, false, true), tf.matMul(x, dy, true, false), tf.sum(dy, 0)]
    },
  }
})

/**
 * The feed-forward layer of a transformer: gelu(x·up + upBias)·down + downBias. Vaswani et al. 2017, Eq. 2,
 * with GELU for ReLU.
 * @param x [rows, width]
 * @param up [width, inner]
 * @param upBias [inner]
 * @param down [inner, width]
 * @param downBias [width]
 * @returns [rows, width]
 */
export function feedForward(
  x: tf.Tensor2D,
  up: tf.Tensor2D,
  upBias: tf.Tensor1D,
  down: tf.Tensor2D,
  downBias: tf.Tensor1D,
): tf.Tensor2D {
  return (
    isRecording()
      ? recordedFeedForward(x, up, upBias, down, downBias)
      : linear(gelu(linear(x, up, upBias)), down, downBias)
  ) as tf.Tensor2D
}

/**
 * Numbers in the inner activations of one piece of rows: a megabyte, which a core's cache holds from one
 * operator to the next.
 */
const PIECE_NUMBERS = 262_144
/** Fewer rows would make the products slower than the cache makes the rest faster. */
const FEWEST_PIECE_ROWS = 256

/** Rows in pieces of nearly one size. */
function piecesOf(x: tf.Tensor, inner: number): tf.Tensor[] {
  const [rows] = x.shape as [number]
  const count = Math.ceil(rows / Math.max(FEWEST_PIECE_ROWS, Math.floor(PIECE_NUMBERS / inner)))
  const sizes = Array.from(
    { length: count },
    (_, piece) => Math.floor(((piece + 1) * rows) / count) - Math.floor((piece * rows) / count),
  )
  return tf.split(x, sizes, 0)
}

/** Each piece of rows goes through the whole layer, and later through its whole gradient, before the next. */
const recordedFeedForward = withGradient(([x, up, upBias, down, downBias], save) => {
  const inner = (upBias as tf.Tensor).size
  const xs = piecesOf(x as tf.Tensor, inner)
  const hidden = xs.map((x) => kernel('Linear', { x, w: up as tf.Tensor, bias: upBias as tf.Tensor }))
  const active = hidden.map((x) => kernel('FastGelu', { x }))
  const ys = active.map((x) => kernel('Linear', { x, w: down as tf.Tensor, bias: downBias as tf.Tensor }))
  save([up as tf.Tensor, down as tf.Tensor, ...xs, ...hidden, ...active])
  return {
    value: tf.concat(ys, 0),
    gradFunc: (dy, [up, down, ...saved]) => {
      const count = saved.length / 3
      const piece = (kind: number, index: number) => saved[kind * count + index] as tf.Tensor
      const dys = piecesOf(dy, inner)
      const dHidden = dys.map((dy, i) =>
        geluGradient(tf.matMul(dy, down as tf.Tensor, false, true), piece(1, i), piece(2, i)),
      )
      const dx = dHidden.map((d) => tf.matMul(d, up as tf.Tensor, false, true))
      const dUp = dHidden.map((d, i) => tf.matMul(piece(0, i), d, true, false))
      const dDown = dys.map((dy, i) => tf.matMul(piece(2, i), dy, true, false))
      return [
        tf.concat(dx, 0),
        total(dUp),
        total(dHidden.map((d) => tf.sum(d, 0))),
        total(dDown),
        tf.sum(dy, 0),
      ]
    },
  }
})

/** One after the other, so that a piece can be let go when it is added. */
function total(terms: readonly tf.Tensor[]): tf.Tensor {
  return terms.reduce((sum, term) => tf.add(sum, term))
}

/**
 * Scaled dot-product attention: softmax(q·kᵀ/√width + mask)·v. Vaswani et al. 2017, Eq. 1.
 * @param q [..., queries, width]
 * @param k [..., keys, width]
 * @param v [..., keys, width]
 * @param mask added to the scores: 0 where a query may look, a large negative number where not; broadcasts to
 *   [..., queries, keys]; no gradient
 * @returns [..., queries, width]
 */
export function attention<T extends tf.Tensor>(q: T, k: T, v: T, mask: tf.Tensor): T {
  const scale = 1 / Math.sqrt(q.shape.at(-1) ?? 1)
  if (isRecording()) return recordedAttention(mask, scale)(q, k, v) as T
  return tf.matMul(tf.softmax(tf.add(tf.mul(tf.matMul(q, k, false, true), scale), mask)), v) as T
}

/**
 * With p the weights and o the result: dv = pᵀ·do; ds = p·(do·vᵀ − Σ do·o); dq = ds·k, dk = dsᵀ·q, both times
 * the scale (Dao et al. 2022, App. B.4).
 */
function recordedAttention(mask: tf.Tensor, scale: number) {
  return withGradient(([q, k, v], save) => {
    const scores = scaledProduct(q as tf.Tensor, k as tf.Tensor, { transposeB: true, scale })
    const p = tf.softmax(tf.add(scores, mask))
    const o = tf.matMul(p, v as tf.Tensor)
    save([q, k, v, p, o] as tf.Tensor[])
    return {
      value: o,
      gradFunc: (dO, saved) => {
        const [q, k, v, p, o] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor]
        const ds = tf.mul(p, tf.sub(tf.matMul(dO, v, false, true), tf.sum(tf.mul(dO, o), -1, true)))
        return [
          scaledProduct(ds, k, { scale }),
          scaledProduct(ds, q, { transposeA: true, scale }),
          tf.matMul(p, dO, true, false),
        ]
      },
    }
  })
}

/** Keys and values that were read before, [rows, keyValueHeads, positions, width] each. */
export interface ReadKeys {
  readonly keys: tf.Tensor4D
  readonly values: tf.Tensor4D
}

interface Attending {
  readonly q: tf.Tensor2D
  readonly k: tf.Tensor2D
  readonly v: tf.Tensor2D
}
export interface Attended extends ReadKeys {
  readonly attended: tf.Tensor2D
}

/**
 * Attention of one new position a row to what the row has read and to itself, in groups of heads that share
 * keys and values (Ainslie et al. 2023, §2.2). The new keys and values go into the memory; what stands there
 * after them is not looked at, and may be anything. No gradient.
 * @param q  [rows, heads·width]
 * @param k  [rows, keyValueHeads·width], as v
 * @param at int32 [rows]: the new position, from 0; less than the memory has
 * @returns the attended values like q, and the memory with the new ones
 */
export function cachedAttention({ q, k, v }: Attending, read: ReadKeys, at: tf.Tensor1D): Attended {
  return isRecording()
    ? recordedCachedAttention({ q, k, v, ...read, at } as unknown as tf.NamedTensorMap)
    : plainCachedAttention({ q, k, v }, read, at)
}

/**
 * The same of queries, keys and values side by side, as one projection makes them: [rows, (heads +
 * 2·keyValueHeads)·width].
 */
export function packedCachedAttention(qkv: tf.Tensor2D, read: ReadKeys, at: tf.Tensor1D): Attended {
  if (isRecording()) return recordedCachedAttention({ q: qkv, ...read, at } as unknown as tf.NamedTensorMap)
  const [, heads, , width] = read.keys.shape
  const shared = heads * width
  const [q, k, v] = tf.split(qkv, [qkv.shape[1] - 2 * shared, shared, shared], 1) as [
    tf.Tensor2D,
    tf.Tensor2D,
    tf.Tensor2D,
  ]
  return plainCachedAttention({ q, k, v }, read, at)
}

function recordedCachedAttention(inputs: tf.NamedTensorMap): Attended {
  const [attended, keys, values] = tf.engine().runKernel<tf.Tensor[]>('CachedAttention', inputs) as [
    tf.Tensor2D,
    tf.Tensor4D,
    tf.Tensor4D,
  ]
  return { attended, keys, values }
}

function plainCachedAttention({ q, k, v }: Attending, read: ReadKeys, at: tf.Tensor1D): Attended {
  const [rows, heads, positions, width] = read.keys.shape
  const all = tf.range(0, positions, 1, 'int32')
  const own = tf.reshape(at, [rows, 1, 1, 1])
  const isOwn = tf.cast(tf.equal(tf.reshape(all, [positions, 1]), own), 'float32') // [rows, 1, positions, 1]
  const taken = (x: tf.Tensor2D, memory: tf.Tensor4D): tf.Tensor4D =>
    tf.add(tf.mul(memory, tf.sub(1, isOwn)), tf.mul(tf.reshape(x, [rows, heads, 1, width]), isOwn))
  const keys = taken(k, read.keys)
  const values = taken(v, read.values)
  const scores = tf.mul(
    tf.matMul(tf.reshape(q, [rows, heads, -1, width]), keys, false, true),
    1 / Math.sqrt(width),
  )
  const hidden = tf.mul(tf.cast(tf.greater(all, own), 'float32'), -1e9) // [rows, 1, 1, positions]
  return {
    attended: tf.reshape(tf.matMul(tf.softmax(tf.add(scores, hidden)), values), q.shape),
    keys,
    values,
  }
}

function scaledProduct(
  a: tf.Tensor,
  b: tf.Tensor,
  how: { readonly transposeA?: boolean; readonly transposeB?: boolean; readonly scale: number },
): tf.Tensor {
  return kernel('ScaledMatMul', { a, b }, { ...how })
}

/**
 * Log-probability of each row's own token: log softmax(logits)[id].
 * @param logits [rows, vocabulary], vocabulary ≥ 2
 * @param ids int32 [rows]
 * @returns [rows], nats
 */
export function logProbsOf(logits: tf.Tensor2D, ids: tf.Tensor1D): tf.Tensor1D {
  if (isRecording()) return recordedLogProbs(ids)(logits) as tf.Tensor1D
  return tf.sum(tf.mul(tf.logSoftmax(logits), tf.oneHot(ids, logits.shape[1], 1, 0, 'float32')), -1)
}

/** dlogits = dy·(onehot(id) − softmax). */
function recordedLogProbs(ids: tf.Tensor1D) {
  return withGradient(([logits], save) => {
    const logProbs = kernel('LogSoftmax', { logits: logits as tf.Tensor })
    save([logProbs])
    return {
      value: kernel('PickColumn', { x: logProbs, ids }),
      gradFunc: (dy, saved) => {
        const [logProbs] = saved as [tf.Tensor]
        const spread = tf.neg(tf.mul(tf.exp(logProbs), tf.expandDims(dy, 1)))
        return [kernel('AddToColumn', { x: spread, ids, values: dy })]
      },
    }
  })
}
