/**
 * Rotary positions that fade with distance (Sun et al. 2022, "A Length-Extrapolatable Transformer", Eq.
 * 12–13), as in PaLM-rlhf-pytorch.
 */
import * as tf from '../../compute/tf'
import { rotaryFrequencies } from './rope-scaling'
import type { Rotation } from './rotary'

export interface XposSettings {
  readonly headWidth: number
  readonly xposBase: number
  readonly contextTokens: number
}

const rotaryBase = 10_000

/**
 * Rotations of the positions 0 … count − 1: [count, D/2]. Queries are multiplied by ζᵢ^(t/base), keys divided
 * by it, where ζᵢ = (2i + 0.4·D)/(1.4·D), so that a score fades by ζᵢ^(distance/base). Positions count from
 * the middle of the context, which keeps the numbers near 1.
 */
export function xposRotations(
  { headWidth, xposBase, contextTokens }: XposSettings,
  count: number,
): { readonly queries: Rotation; readonly keys: Rotation } {
  const { frequencies } = rotaryFrequencies(headWidth, rotaryBase, { type: 'none' }, count)
  const half = headWidth / 2
  const table = (of: (angle: number) => number, sign: 1 | -1): tf.Tensor => {
    const values = new Float32Array(count * half)
    for (let position = 0; position < count; position++) {
      const power = (sign * (position - contextTokens / 2)) / xposBase
      for (let i = 0; i < half; i++)
        values[position * half + i] =
          ((2 * i + 0.4 * headWidth) / (1.4 * headWidth)) ** power * of(position * frequencies[i]!)
    }
    return tf.tensor2d(values, [count, half])
  }
  const rotation = (sign: 1 | -1): Rotation => ({
    cosine: table(Math.cos, sign),
    sine: table(Math.sin, sign),
  })
  return { queries: rotation(1), keys: rotation(-1) }
}
