/**
 * The weighted key-value average of RWKV-4, of a whole text at once and one position after another.
 *
 *   wkvₜ = (Σ_{i<t} e^(−(t−1−i)·w + kᵢ)·vᵢ + e^(u + kₜ)·vₜ) / (Σ_{i<t} e^(−(t−1−i)·w + kᵢ) + e^(u + kₜ))
 *
 * Source: Peng et al. 2023, "RWKV: Reinventing RNNs for the Transformer Era", Eq. 16; numerically safe as in
 * App. D, Eq. 25–28.
 *
 * What was read is kept as the mean m of its values and the logarithm p of their weight: wkv is then the mean
 * moved towards the newest value by σ(u + k − p). A whole text is cut into chunks; inside one, the sums of
 * all positions are one product with a [chunk × chunk] matrix a channel.
 */
import * as tf from '../compute/tf'

/** Mean of the values read so far and logarithm of their weight, seen from the next position. */
export interface Wkv4State {
  readonly mean: tf.Tensor
  readonly logWeight: tf.Tensor
}

/** Logarithm of the weight of nothing. */
export const noWeight = -1e30

/**
 * Positions that are summed in one product, by measurement: 16, 32 and 64 take 341, 332 and 367 ms a training
 * step of 0.9M parameters on 8 texts of 512 tokens (271, 271, 279 ms on 64 of 64), where the GPT of that size
 * takes 340 (197). A loop over positions would be as many small operators as the text is long, twice. The
 * matrices cost channels · chunk² numbers.
 */
const chunk = 32

/**
 * A key this far below the largest of its chunk counts as this far below: beside e^80 it is nothing, and
 * alone it still gives its value.
 */
const deepest = -80

/**
 * @param k     logarithms of weights — shape [B, T, C], as v
 * @param decay w > 0: what a position loses of the logarithm of its weight a position later — shape [C]
 * @param first u, added to the newest position's — shape [C]
 * @returns [B, T, C]
 */
export function wkv4(k: tf.Tensor3D, v: tf.Tensor3D, decay: tf.Tensor1D, first: tf.Tensor1D): tf.Tensor3D {
  const [rows, length, width] = k.shape
  const sizes = Array.from({ length: Math.ceil(length / chunk) }, (_, place) =>
    Math.min(chunk, length - place * chunk),
  )
  const channelsFirst = (x: tf.Tensor3D): tf.Tensor =>
    tf.reshape(tf.transpose(tf.reshape(x, [rows * length, width])), [width, rows, length])
  const cut = (x: tf.Tensor): tf.Tensor[] => (sizes.length === 1 ? [x] : tf.split(x, sizes, 2))
  const keys = cut(channelsFirst(k))
  const values = cut(channelsFirst(v))
  const parts: tf.Tensor[] = []
  let state: Wkv4State | undefined
  for (const [place, size] of sizes.entries()) {
    const { read, next } = readChunk(keys[place]!, values[place]!, chunkWeights(decay, first, size), state)
    parts.push(read)
    state = next
  }
  return tf.reshape(tf.transpose(tf.reshape(tf.concat(parts, 2), [width, rows * length])), [
    rows,
    length,
    width,
  ])
}

interface ChunkWeights {
  /**
   * Of position i (column) as position t (row) sees it; the last row is the next chunk's first: [C, Q + 1,
   * Q].
   */
  readonly within: tf.Tensor
  /** Of what came before the chunk: [C, 1, Q + 1]. */
  readonly before: tf.Tensor
}

function chunkWeights(decay: tf.Tensor1D, first: tf.Tensor1D, size: number): ChunkWeights {
  const perChannel = (x: tf.Tensor1D): tf.Tensor3D => tf.reshape(x, [x.size, 1, 1])
  const table = (of: (t: number, i: number) => number): tf.Tensor =>
    tf.tensor2d(
      Float32Array.from({ length: (size + 1) * size }, (_, at) => of(Math.floor(at / size), at % size)),
      [size + 1, size],
    )
  const steps = table((t, i) => (i < t ? i - (t - 1) : 0))
  const isBefore = table((t, i) => (i < t ? 1 : 0))
  const isOwn = table((t, i) => (i === t ? 1 : 0))
  const passed = tf.tensor2d(
    Float32Array.from({ length: size + 1 }, (_, t) => -t),
    [1, size + 1],
  )
  return {
    within: tf.add(
      tf.mul(tf.exp(tf.mul(steps, perChannel(decay))), isBefore),
      tf.mul(isOwn, tf.exp(perChannel(first))),
    ),
    before: tf.exp(tf.mul(passed, perChannel(decay))),
  }
}

/**
 * Keys and values [C, B, Q]. Sums are relative to the largest weight there is, [C, B, 1]: it cancels in the
 * mean, so no gradient flows through it.
 */
function readChunk(
  k: tf.Tensor,
  v: tf.Tensor,
  weights: ChunkWeights,
  state: Wkv4State | undefined,
): { readonly read: tf.Tensor; readonly next: Wkv4State } {
  const top = tf.max(k, 2, true)
  const largest = tf.stopGradient(state ? tf.maximum(top, state.logWeight) : top)
  const share = tf.exp(tf.maximum(tf.sub(k, largest), deepest))
  let sums = tf.matMul(tf.concat([tf.mul(share, v), share], 1), weights.within, false, true) // [C, 2B, Q + 1]
  if (state) {
    const past = tf.exp(tf.sub(state.logWeight, largest))
    sums = tf.add(sums, tf.mul(tf.concat([tf.mul(past, state.mean), past], 1), weights.before))
  }
  const [valueSum, weightSum] = tf.split(sums, 2, 1) as [tf.Tensor, tf.Tensor]
  const [read, mean] = tf.split(tf.div(valueSum, weightSum), [k.shape[2]!, 1], 2) as [tf.Tensor, tf.Tensor]
  const [, total] = tf.split(weightSum, [k.shape[2]!, 1], 2) as [tf.Tensor, tf.Tensor]
  return { read, next: { mean, logWeight: tf.add(largest, tf.log(total)) } }
}

/** One position on top of a state; all [B, C], decay and first [C]. */
export function wkv4Step(
  k: tf.Tensor2D,
  v: tf.Tensor2D,
  { mean, logWeight }: Wkv4State,
  decay: tf.Tensor,
  first: tf.Tensor,
): { readonly read: tf.Tensor2D; readonly next: Wkv4State } {
  const newer = tf.sub(v, mean)
  const faded = tf.sub(logWeight, decay)
  const largest = tf.maximum(faded, k)
  const moved = (share: tf.Tensor): tf.Tensor2D => tf.add(mean, tf.mul(tf.sigmoid(share), newer))
  return {
    read: moved(tf.sub(tf.add(first, k), logWeight)),
    next: {
      mean: moved(tf.sub(k, faded)),
      logWeight: tf.add(largest, tf.log(tf.add(tf.exp(tf.sub(faded, largest)), tf.exp(tf.sub(k, largest))))),
    },
  }
}

/** The state after the first tokens of each text. @param lengths int32 [B], from 1 @returns [B, C] each */
export function wkv4StateAfter(
  k: tf.Tensor3D,
  v: tf.Tensor3D,
  decay: tf.Tensor1D,
  lengths: tf.Tensor,
): Wkv4State {
  const [rows, length] = k.shape
  const later = tf.sub(
    tf.reshape(tf.cast(lengths, 'float32'), [rows, 1, 1]),
    tf.reshape(tf.range(1, length + 1), [1, length, 1]),
  ) // tokens after this one
  const isRead = tf.cast(tf.greaterEqual(later, 0), 'float32')
  const logWeights = tf.add(
    tf.sub(k, tf.mul(tf.maximum(later, 0), decay)),
    tf.mul(tf.sub(1, isRead), noWeight),
  )
  const largest = tf.max(logWeights, 1, true)
  const share = tf.exp(tf.sub(logWeights, largest))
  const total = tf.sum(share, 1)
  return {
    mean: tf.div(tf.sum(tf.mul(share, v), 1), total),
    logWeight: tf.add(tf.squeeze(largest, [1]), tf.log(total)),
  }
}
