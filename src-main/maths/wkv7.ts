/**
 * The state of RWKV-7, one matrix a head, of a whole text at once and one position after another.
 *
 *   Sₜ = Sₜ₋₁·(diag(wₜ) + aₜ·bₜᵀ) + vₜ·kₜᵀ,   yₜ = Sₜ·rₜ
 *
 * Source: Peng et al. 2025, "RWKV-7 Goose with Expressive Dynamic State Evolution", Eq. 16–19, where a = −κ̂
 * and b = κ̂ ⊙ a.
 *
 * A whole text is cut into chunks. With Pₜ the product of a chunk's decays up to t and uᵢ = Sᵢ₋₁·aᵢ, which is
 * what a position takes out,
 *
 *   Sₜ = (S₀ + Σ_{i≤t} (vᵢ·(kᵢ/Pᵢ)ᵀ + uᵢ·(bᵢ/Pᵢ)ᵀ))·diag(Pₜ)
 *
 * so all u of a chunk solve one triangular system (the WY form of Bischof & Van Loan 1987; chunked as in Yang
 * et al. 2024, "Parallelizing Linear Transformers with the Delta Rule over Sequence Length", §3). Everything
 * but the step from one chunk's state to the next is one batched product.
 */
import * as tf from '../compute/tf'

/** Of every head of every text: [N, T, D] each. */
export interface Wkv7Inputs {
  readonly r: tf.Tensor3D
  /** log w, between −e^−½ and 0: so small that no quotient of decays within a chunk leaves float32. */
  readonly logDecay: tf.Tensor3D
  readonly k: tf.Tensor3D
  readonly v: tf.Tensor3D
  readonly a: tf.Tensor3D
  readonly b: tf.Tensor3D
}

/**
 * Positions of a chunk, a power of two, by measurement: 16, 32 and 64 take 496, 445 and 495 ms a training
 * step of 1.0M parameters on 8 texts of 512 tokens (449, 414, 436 ms on 64 of 64), where the GPT of that size
 * takes 340 (197).
 */
const chunk = 32

/** @returns `read` [N, T, D], and the `state` after the last position [N, D (of v), D (of k)] */
export function wkv7(inputs: Wkv7Inputs): { readonly read: tf.Tensor3D; readonly state: tf.Tensor3D } {
  const [heads, length, width] = inputs.r.shape
  const count = Math.ceil(length / chunk)
  const missing = count * chunk - length
  const cut = (x: tf.Tensor3D): tf.Tensor3D =>
    tf.reshape(
      missing > 0
        ? tf.pad(x, [
            [0, 0],
            [0, missing],
            [0, 0],
          ])
        : x,
      [heads * count, chunk, width],
    )
  const parts = chunkParts({
    r: cut(inputs.r),
    logDecay: cut(inputs.logDecay),
    k: cut(inputs.k),
    v: cut(inputs.v),
    a: cut(inputs.a),
    b: cut(inputs.b),
  })
  const { before, last } = passStates(parts, heads, count)
  const read = tf.add(parts.own, tf.matMul(parts.ofState, before, false, true)) // [N·chunks, Q, D]
  const whole = tf.reshape(read, [heads, count * chunk, width])
  return {
    read: (missing > 0 ? tf.slice(whole, [0, 0, 0], [heads, length, width]) : whole) as tf.Tensor3D,
    state: last,
  }
}

/** What a chunk is, whatever the state before it. */
interface ChunkParts {
  /** What its positions read of each other: [N·chunks, Q, D]. */
  readonly own: tf.Tensor
  /** With what they read the state before: y = own + ofState·S₀ᵀ. */
  readonly ofState: tf.Tensor
  /** The state after it: S₀·turn + gain, [N·chunks, D, D] each. */
  readonly turn: tf.Tensor
  readonly gain: tf.Tensor
}

function chunkParts({ r, logDecay, k, v, a, b }: Wkv7Inputs): ChunkParts {
  const upTo = sumsUpTo(logDecay)
  const end = tf.sum(logDecay, 1, true)
  const grown = tf.exp(tf.neg(upTo))
  const toEnd = tf.exp(tf.sub(end, upTo))
  const keys = tf.mul(k, grown)
  const takers = tf.mul(b, grown)
  const asks = tf.mul(a, tf.exp(tf.sub(upTo, logDecay)))
  const reads = tf.mul(r, tf.exp(upTo))
  const before = triangle((t, i) => i < t)
  const upToNow = triangle((t, i) => i <= t)
  const product = (x: tf.Tensor, y: tf.Tensor, mask: tf.Tensor): tf.Tensor =>
    tf.mul(tf.matMul(x, y, false, true), mask)

  const solved = inverseOfOneMinus(product(asks, takers, before))
  const taken = tf.matMul(solved, asks)
  const takenOwn = tf.matMul(solved, tf.matMul(product(asks, keys, before), v)) // u = taken·S₀ᵀ + takenOwn
  const readTakers = product(reads, takers, upToNow)
  const left = tf.mul(b, toEnd)
  return {
    own: tf.add(tf.matMul(product(reads, keys, upToNow), v), tf.matMul(readTakers, takenOwn)),
    ofState: tf.add(reads, tf.matMul(readTakers, taken)),
    turn: tf.add(tf.mul(tf.eye(r.shape[2]), tf.exp(end)), tf.matMul(taken, left, true, false)),
    gain: tf.add(tf.matMul(v, tf.mul(k, toEnd), true, false), tf.matMul(takenOwn, left, true, false)),
  }
}

/**
 * Sums up to each position. TensorFlow.js's own gradient of `cumsum` is of the wrong shape for any axis but
 * the last.
 */
const sumsUpTo = (x: tf.Tensor3D): tf.Tensor3D =>
  tf.customGrad((given) => ({
    value: tf.cumsum(given as tf.Tensor3D, 1),
    gradFunc: (dy: tf.Tensor) => tf.cumsum(dy, 1, false, true),
  }))(x) as tf.Tensor3D

/**
 * The state before each chunk, [N·chunks, D, D], and after the last, [N, D, D]: the only part that goes one
 * after another.
 */
function passStates(
  { turn, gain }: ChunkParts,
  heads: number,
  count: number,
): { readonly before: tf.Tensor; readonly last: tf.Tensor3D } {
  const width = turn.shape[2]!
  const perChunk = (x: tf.Tensor): tf.Tensor3D[] =>
    tf.unstack(tf.reshape(x, [heads, count, width, width]), 1) as tf.Tensor3D[]
  const turns = perChunk(turn)
  const states: tf.Tensor3D[] = [tf.zeros([heads, width, width])]
  for (const [place, gained] of perChunk(gain).entries())
    states.push(place === 0 ? gained : tf.add(tf.matMul(states[place]!, turns[place]!), gained))
  return {
    before: tf.reshape(tf.stack(states.slice(0, count), 1), [heads * count, width, width]),
    last: states[count]!,
  }
}

const triangle = (isIn: (t: number, i: number) => boolean): tf.Tensor2D =>
  tf.tensor2d(
    Float32Array.from({ length: chunk * chunk }, (_, at) =>
      isIn(Math.floor(at / chunk), at % chunk) ? 1 : 0,
    ),
    [chunk, chunk],
  )

/**
 * (I − A)⁻¹ of strictly lower triangular A [M, Q, Q], by doubling: when X holds the inverses of blocks of s
 * along the diagonal, X + X·A′·X holds those of blocks of 2s, where A′ is what A has between the two halves
 * of each. As exact as solving row by row: each X is an inverse itself.
 */
function inverseOfOneMinus(a: tf.Tensor): tf.Tensor {
  const between = (size: number): tf.Tensor =>
    tf.mul(
      a,
      triangle((t, i) => Math.floor(t / size) % 2 === 1 && Math.floor(i / size) === Math.floor(t / size) - 1),
    )
  let inverse = tf.add(tf.eye(chunk), between(1))
  for (let size = 2; size < chunk; size *= 2)
    inverse = tf.add(inverse, tf.matMul(tf.matMul(inverse, between(size)), inverse))
  return inverse
}

/** One position on top of a state [N, D, D]; r, logDecay, k, v, a, b [N, D]. */
export function wkv7Step(
  state: tf.Tensor,
  { r, logDecay, k, v, a, b }: Readonly<Record<keyof Wkv7Inputs, tf.Tensor>>,
): { readonly read: tf.Tensor; readonly next: tf.Tensor } {
  const column = (x: tf.Tensor): tf.Tensor => tf.expandDims(x, 2)
  const row = (x: tf.Tensor): tf.Tensor => tf.expandDims(x, 1)
  const kept = tf.add(tf.mul(state, row(tf.exp(logDecay))), tf.mul(tf.matMul(state, column(a)), row(b)))
  const next = tf.add(kept, tf.mul(column(v), row(k)))
  return { read: tf.squeeze(tf.matMul(next, column(r)), [2]), next }
}
