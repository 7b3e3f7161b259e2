/**
 * The network of every decoder that `DecoderDesign` describes: Llama (Touvron et al. 2023), Qwen2 and 3, Mistral,
 * SmolLM3, Granite, OLMo 2, Gemma 2 and 3, StableLM, Phi, GPT-Neo, OPT, LFM2.
 */
import type { Tensors, Weights } from '../../compute/engine'
import * as tf from '../../compute/tf'
import {
  attendCached,
  attendCausally,
  capped,
  causalMask,
  lookCached,
  splitHeads,
  type Looking,
} from '../layers/attention'
import { dropOf } from '../layers/dropout'
import { projectBack } from '../layers/projection'
import {
  rotate,
  rotateHeads,
  rotationAt,
  rotations,
  rotationsAsWritten,
  type Rotation,
} from '../layers/rotary'
import { checkLength, weight, type Network, type WholeReading, writtenContext } from '../network'
import { convolutionState, convolveStep, convolveWhole } from './decoder-convolution'
import { blocks, type Mixing } from './decoder-block'
import type { DecoderConfig, LayerKind } from './decoder-config'
import { namesOf } from './decoder-names'
import { embedded, transformer, type TransformerParts } from './transformer'

export function decoderNetwork(config: DecoderConfig): Network {
  const { width, isTied, design } = config
  const names = namesOf(config.family)
  const attending = design.layers.flatMap((kind, layer) => (kind === 'convolution' ? [] : [layer]))
  const parts: TransformerParts = {
    readWhole: (weights, ids, reading) => readWhole(config, weights, ids, reading),
    readToken(weights, batch, read) {
      const stream = entering(config, weights, weight(batch, 'ids'), {
        positions: weight(batch, 'positions'),
      })
      return blocks(config, weights, stream, cachedMixing(config, batch, read))
    },
    unembed(weights, states) {
      const plain = projectBack(weights, isTied ? names.tokens : 'lm_head', states)
      const biased: tf.Tensor2D = weights['lm_head.bias'] ? tf.add(plain, weights['lm_head.bias']) : plain
      return capped(scaled(biased, 1 / design.logitDivisor), design.logitCap)
    },
  }
  return transformer({ ...config, attending }, width, parts, convolutionState(config))
}

const scaled = <T extends tf.Tensor>(x: T, by: number): T => (by === 1 ? x : tf.mul(x, by))

/** How a block of a kind looks. */
const lookingOf = ({ design }: DecoderConfig, kind: LayerKind): Looking => ({
  window: kind === 'window' ? design.window : 0,
  cap: design.scoreCap,
})

/** Tokens as they enter the first block, [N, C], with learned positions if there are any. */
function entering(
  { width, design, family }: DecoderConfig,
  weights: Weights,
  ids: tf.Tensor,
  { positions, added }: { readonly positions?: tf.Tensor; readonly added?: tf.Tensor3D | undefined },
): tf.Tensor2D {
  const names = namesOf(family)
  const tokens = scaled(embedded(weights, `${names.tokens}.weight`, ids), design.embeddingScale)
  const stream: tf.Tensor2D = added ? tf.add(tokens, tf.reshape(added, tokens.shape)) : tokens
  if (design.positions.type === 'rotary') return stream
  const { offset } = design.positions
  const table = weight(weights, `${names.positions}.weight`)
  if (positions)
    return tf.add(
      stream,
      tf.gather(table, offset === 0 ? positions : tf.add(positions, tf.scalar(offset, 'int32'))),
    )
  const [rows, length] = ids.shape as [number, number]
  const all = tf.add(tf.reshape(stream, [rows, length, width]), tf.slice(table, [offset, 0], [length, width]))
  return tf.reshape(all, [rows * length, width])
}

/** The rotations that blocks of each kind use; undefined where nothing is rotated. */
function rotationsOf(
  { design }: DecoderConfig,
  tables: (settings: Parameters<typeof rotations>[0]) => Rotation,
): (kind: LayerKind) => Rotation | undefined {
  const { positions } = design
  if (positions.type === 'learned') return () => undefined
  const { rotatedWidth: headWidth, ropeBase, ropeScaling, windowBase } = positions
  const usual = tables({ headWidth, ropeBase, ropeScaling })
  const near =
    windowBase === undefined
      ? usual
      : tables({ headWidth, ropeBase: windowBase, ropeScaling: { type: 'none' } })
  return (kind) => (kind === 'unrotated' ? undefined : kind === 'window' ? near : usual)
}

/** Queries so that what divides their scores by √D has the design's scale. */
const asked = ({ design, headWidth }: DecoderConfig, q: tf.Tensor2D): tf.Tensor2D => {
  const factor = design.scoreScale * Math.sqrt(headWidth)
  return scaled(q, Math.abs(factor - 1) < 1e-12 ? 1 : factor)
}

/** All positions at once, int32 [B, T] → [B·T, C]. */
function readWhole(
  config: DecoderConfig,
  weights: Weights,
  ids: tf.Tensor,
  reading: WholeReading,
): tf.Tensor2D {
  const { heads, keyValueHeads, design } = config
  const [rows, length] = ids.shape as [number, number]
  checkLength(length, config.contextTokens)
  const rotationFor = rotationsOf(config, (settings) => rotations(settings, length))
  const full = causalMask(config, length)
  const near = design.layers.includes('window') ? causalMask(config, length, design.window) : full
  const drop = dropOf(weights)
  const mixing: Mixing = {
    attend(q, k, v, layer) {
      const kind = design.layers[layer]!
      const rotation = rotationFor(kind)
      const turned = (x: tf.Tensor2D, count: number): tf.Tensor3D => {
        const apart = splitHeads(x, rows, count)
        return rotation ? rotate(apart, rotation) : apart
      }
      const queries = turned(asked(config, q), heads)
      const keys = turned(k, keyValueHeads)
      const values = splitHeads(v, rows, keyValueHeads)
      reading.keep?.(layer, keys, values)
      const mask = kind === 'window' ? near : full
      return attendCausally(config, { queries, keys, values }, mask, drop, design.scoreCap)
    },
    convolve: (x, kernel, layer) => convolveWhole(x, kernel, layer, rows, reading),
  }
  return blocks(config, weights, entering(config, weights, ids, reading), mixing, drop)
}

/** One position a row on top of a memory. */
function cachedMixing(config: DecoderConfig, batch: Tensors, read: Record<string, tf.Tensor>): Mixing {
  const { heads, keyValueHeads, contextTokens, design } = config
  const positions = weight(batch, 'positions')
  const rotationFor = rotationsOf(config, (settings) =>
    rotationAt(rotationsAsWritten(settings, writtenContext(contextTokens)), positions),
  )
  return {
    attend(q, k, v, layer) {
      const kind = design.layers[layer]!
      const rotation = rotationFor(kind)
      const turned = (x: tf.Tensor2D, count: number): tf.Tensor2D =>
        rotation ? rotateHeads(x, count, rotation) : x
      const asks = { q: turned(asked(config, q), heads), k: turned(k, keyValueHeads), v }
      const looking = lookingOf(config, kind)
      return looking.window === 0 && looking.cap === 0
        ? attendCached(batch, layer, asks, read)
        : lookCached(batch, layer, asks, read, looking)
    },
    convolve: (x, kernel, layer) => convolveStep(x, kernel, layer, batch, read),
  }
}
