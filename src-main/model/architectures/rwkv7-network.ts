/**
 * RWKV-7 (Peng et al. 2025): a recurrent network whose memory is one matrix a head, which each position
 * changes by what it reads there: it fades, takes out what stands under its own key, and writes its value (a
 * delta rule with a decay, a learning rate and a key to remove of their own a channel).
 */
import { squaredRelu } from '../../compute/recording/fused'
import { layerNorm } from '../../compute/recording/fused-norms'
import type { Tensors, Weights } from '../../compute/engine'
import * as tf from '../../compute/tf'
import { wkv7, wkv7Step, type Wkv7Inputs } from '../../maths/wkv7'
import { splitHeads } from '../layers/attention'
import { dropOf, keepAll } from '../layers/dropout'
import { namedNorm } from '../layers/norms'
import { project } from '../layers/projection'
import { checkLength, weight, type Network } from '../network'
import { nameIn } from './rwkv'
import { embedNormed, lastOf, recurrent, shifted, statePart, type Keep } from './rwkv-network'
import type { Rwkv7Config } from './rwkv7-config'

export function rwkv7Network(config: Rwkv7Config): Network {
  const { layers, width, headWidth } = config
  const shape = {
    ...statePart(layers, 'att', width),
    ...statePart(layers, 'ffn', width),
    ...statePart(layers, 'state', width * headWidth),
  }
  return recurrent<Past>(shape, width, {
    blocks: (weights, past, ids, added) => blocks(config, weights, past, ids, added),
    wholeText: (ids, lengths, keep) => wholeText(config, ids, lengths, keep),
    fromMemory: (batch, keep) => fromMemory(config, batch, keep),
  })
}

/** Of every position, [N, C] each, heads side by side. */
type StateInputs = Readonly<Record<keyof Wkv7Inputs, tf.Tensor2D>>

/** What a layer learns of the positions before: of a whole text, or from a memory. */
interface Past {
  /** What this part of the layer read one position before: [N, C] → [N, C]. */
  before(x: tf.Tensor2D, part: 'att' | 'ffn', layer: number): tf.Tensor2D
  /** What each position reads of the state that it has changed itself: [N, C]. */
  state(inputs: StateInputs, layer: number): tf.Tensor2D
}

/** The residual stream of tokens int32 through all blocks and the last norm: [N, C]. */
function blocks(
  config: Rwkv7Config,
  weights: Weights,
  past: Past,
  ids: tf.Tensor,
  added?: tf.Tensor3D,
): tf.Tensor2D {
  const drop = dropOf(weights) ?? keepAll
  let x = embedNormed(weights, ids, drop, added)
  let firstValues: tf.Tensor2D | undefined
  for (let layer = 0; layer < config.layers; layer++) {
    const read = namedNorm(weights, nameIn(layer, 'ln1'), x)
    const { mixed, values } = timeMixing(config, layerOf(weights, layer), past, read, firstValues)
    firstValues ??= values
    x = tf.add(x, drop(mixed))
    x = tf.add(
      x,
      drop(channelMixing(layerOf(weights, layer), past, namedNorm(weights, nameIn(layer, 'ln2'), x))),
    )
  }
  return namedNorm(weights, 'ln_out', x)
}

/** One layer's tensors by their names in it. */
interface Layer {
  readonly place: number
  of(name: string): tf.Tensor
  through(x: tf.Tensor2D, name: string): tf.Tensor2D
}

const layerOf = (weights: Weights, place: number): Layer => ({
  place,
  of: (name) => weight(weights, nameIn(place, name)),
  through: (x, name) => project(weights, nameIn(place, name), x),
})

/** log w = −e^−½·σ(…): a channel keeps at least 0.545 of its state (Peng et al. 2025, Eq. 12). */
const fastestDecay = Math.exp(-0.5)
const headNormEpsilon = 64e-5
const leastSquare = 1e-24

/**
 * @returns what is added to the stream, and the layer's values: those of the first layer enter all others
 *   (Zhou et al. 2024, "Value Residual Learning")
 */
function timeMixing(
  { headWidth }: Rwkv7Config,
  { place, of, through }: Layer,
  past: Past,
  x: tf.Tensor2D,
  firstValues: tf.Tensor2D | undefined,
): { readonly mixed: tf.Tensor2D; readonly values: tf.Tensor2D } {
  const change = tf.sub(past.before(x, 'att', place), x)
  const [xr, xw, xk, xv, xa, xg] = ['r', 'w', 'k', 'v', 'a', 'g'].map((letter) =>
    tf.add(x, tf.mul(change, of(`att.x_${letter}`))),
  ) as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D, tf.Tensor2D, tf.Tensor2D, tf.Tensor2D]
  const perHead = (x: tf.Tensor2D): tf.Tensor2D => tf.reshape(x, [-1, headWidth])
  const merged = (each: tf.Tensor): tf.Tensor2D => tf.reshape(each, x.shape)
  const narrow = (x: tf.Tensor2D, name: string): tf.Tensor2D => tf.matMul(x, of(name) as tf.Tensor2D)
  const small = (
    x: tf.Tensor2D,
    letter: 'w' | 'a' | 'v',
    bend: (x: tf.Tensor2D) => tf.Tensor2D = (x) => x,
  ): tf.Tensor2D => tf.add(narrow(bend(narrow(x, `att.${letter}1`)), `att.${letter}2`), of(`att.${letter}0`))

  const r = through(xr, 'att.receptance')
  const plainKey = through(xk, 'att.key')
  const plainValue = through(xv, 'att.value')
  const logDecay: tf.Tensor2D = tf.mul(tf.sigmoid(small(xw, 'w', tf.tanh)), -fastestDecay)
  const rate = tf.sigmoid(small(xa, 'a'))
  const v: tf.Tensor2D = firstValues
    ? tf.add(plainValue, tf.mul(tf.sub(firstValues, plainValue), tf.sigmoid(small(xv, 'v'))))
    : plainValue
  const k: tf.Tensor2D = tf.mul(plainKey, tf.add(tf.mul(tf.sub(rate, 1), of('att.k_a')), 1))
  const toRemove = perHead(tf.mul(plainKey, of('att.k_k')))
  const removed = merged(unitRows(toRemove)) // of length 1 a head

  const read = past.state({ r, logDecay, k, v, a: tf.neg(removed), b: tf.mul(removed, rate) }, place)
  const normed = merged(
    layerNorm(perHead(read), tf.ones([headWidth]), tf.zeros([headWidth]), headNormEpsilon),
  )
  const scaled = tf.add(tf.mul(normed, of('att.ln_x.weight')), of('att.ln_x.bias'))
  // [N·H, 1]
  const own = tf.sum(perHead(tf.mul(tf.mul(r, k), tf.reshape(of('att.r_k'), [x.shape[1]]))), 1, true)
  const withOwn: tf.Tensor2D = tf.add(scaled, merged(tf.mul(own, perHead(v))))
  const gate = narrow(tf.sigmoid(narrow(xg, 'att.g1')), 'att.g2')
  return { mixed: through(tf.mul(withOwn, gate), 'att.output'), values: v }
}

/** Each row of length 1: [N, D] → [N, D]. */
const unitRows = (x: tf.Tensor2D): tf.Tensor2D =>
  tf.mul(x, tf.rsqrt(tf.maximum(tf.sum(tf.square(x), 1, true), leastSquare)))

function channelMixing({ place, of, through }: Layer, past: Past, x: tf.Tensor2D): tf.Tensor2D {
  const mixed: tf.Tensor2D = tf.add(x, tf.mul(tf.sub(past.before(x, 'ffn', place), x), of('ffn.x_k')))
  return through(squaredRelu(through(mixed, 'ffn.key')), 'ffn.value')
}

/**
 * All positions at once, int32 [B, T].
 * @param keep is given the state after the first `lengths` tokens of each text, part by part
 */
function wholeText(
  { width, headWidth, contextTokens }: Rwkv7Config,
  ids: tf.Tensor,
  lengths?: tf.Tensor,
  keep?: Keep,
): Past {
  const [rows, length] = ids.shape as [number, number]
  checkLength(length, contextTokens)
  const heads = width / headWidth
  const isRead = lengths && readPositions(lengths, length)
  /** A position that is not read changes no state: it neither fades nor takes nor writes. */
  const onlyRead = (x: tf.Tensor2D): tf.Tensor2D => (isRead ? tf.mul(x, isRead) : x)
  return {
    before(x, part, layer) {
      if (lengths) keep?.(`${part}.${layer}`, lastOf(x, lengths))
      return shifted(x, rows)
    },
    state({ r, logDecay, k, v, a, b }, layer) {
      const split = (x: tf.Tensor2D): tf.Tensor3D => splitHeads(x, rows, heads)
      const { read, state } = wkv7({
        r: split(r),
        logDecay: split(onlyRead(logDecay)),
        k: split(onlyRead(k)),
        v: split(v),
        a: split(a),
        b: split(onlyRead(b)),
      })
      keep?.(`state.${layer}`, tf.reshape(state, [rows, width * headWidth]))
      return tf.reshape(tf.transpose(tf.reshape(read, [rows, heads, length, headWidth]), [0, 2, 1, 3]), [
        rows * length,
        width,
      ])
    },
  }
}

/** 1 at the positions of each text that are read, 0 after: lengths int32 [B] → [B·T, 1]. */
function readPositions(lengths: tf.Tensor, length: number): tf.Tensor2D {
  const [rows] = lengths.shape as [number]
  const positions = tf.reshape(tf.range(0, length, 1, 'int32'), [1, length])
  const isBefore = tf.less(positions, tf.reshape(lengths, [rows, 1]))
  return tf.reshape(tf.cast(isBefore, 'float32'), [rows * length, 1])
}

/** One position on top of the memory's parts. @param keep is given the new ones */
function fromMemory({ width, headWidth }: Rwkv7Config, batch: Tensors, keep: Keep): Past {
  return {
    before(x, part, layer) {
      keep(`${part}.${layer}`, x)
      return weight(batch, `${part}.${layer}`) as tf.Tensor2D
    },
    state({ r, logDecay, k, v, a, b }, layer) {
      const split = (x: tf.Tensor2D): tf.Tensor => tf.reshape(x, [-1, headWidth])
      const before = tf.reshape(weight(batch, `state.${layer}`), [-1, headWidth, headWidth])
      const { read, next } = wkv7Step(before, {
        r: split(r),
        logDecay: split(logDecay),
        k: split(k),
        v: split(v),
        a: split(a),
        b: split(b),
      })
      keep(`state.${layer}`, tf.reshape(next, [-1, width * headWidth]))
      return tf.reshape(read, [-1, width])
    },
  }
}
