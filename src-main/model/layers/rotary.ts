/**
 * Rotary positions (Su et al. 2021, "RoFormer", Eq. 34) in the layout of Llama and GPT-NeoX: a number is paired
 * with the one half a head further.
 */
import * as tf from '../../compute/tf'
import {
  frequenciesAsWritten,
  rotaryFrequencies,
  type RopeScaling,
  type RotaryFrequencies,
} from './rope-scaling'

export interface Rotation {
  /** Of each position of a text or each row: [..., D/2], broadcast over heads. */
  readonly cosine: tf.Tensor
  readonly sine: tf.Tensor
}

export interface RotarySettings {
  /** How many numbers of a head are rotated. */
  readonly headWidth: number
  readonly ropeBase: number
  readonly ropeScaling: RopeScaling
}

/** Rotations of the positions 0 … count − 1 of a text of that length: [count, D/2]. */
export function rotations({ headWidth, ropeBase, ropeScaling }: RotarySettings, count: number): Rotation {
  const found = rotaryFrequencies(headWidth, ropeBase, ropeScaling, count)
  return tabled(count, headWidth / 2, () => found)
}

/** Those of the positions 0 … count − 1 where each is read when it is the last one: [count, D/2]. */
export const rotationsAsWritten = (
  { headWidth, ropeBase, ropeScaling }: RotarySettings,
  count: number,
): Rotation => tabled(count, headWidth / 2, frequenciesAsWritten(headWidth, ropeBase, ropeScaling))

/** @param at what each position is rotated by */
function tabled(count: number, half: number, at: (position: number) => RotaryFrequencies): Rotation {
  const table = (wave: (angle: number) => number): tf.Tensor => {
    const values = new Float32Array(count * half)
    for (let position = 0; position < count; position++) {
      const { frequencies, magnitude } = at(position)
      for (let i = 0; i < half; i++)
        values[position * half + i] = magnitude * wave(position * frequencies[i]!)
    }
    return tf.tensor2d(values, [count, half])
  }
  return { cosine: table(Math.cos), sine: table(Math.sin) }
}

/** Those of one position a row, for all its heads: positions int32 [B] → [B, 1, D/2]. */
export function rotationAt({ cosine, sine }: Rotation, positions: tf.Tensor): Rotation {
  const at = (table: tf.Tensor): tf.Tensor => tf.expandDims(tf.gather(table, positions), 1)
  return { cosine: at(cosine), sine: at(sine) }
}

/**
 * The first numbers of each head, as many as there are rotations for; others stay as they are.
 * @param x [B·H, T, D] with rotations [T, R/2], or [B, H, D] with rotations [B, 1, R/2]; R ≤ D
 */
export function rotate(x: tf.Tensor3D, rotation: Rotation): tf.Tensor3D {
  const rotated = 2 * rotation.cosine.shape.at(-1)!
  const rest = x.shape[2] - rotated
  if (rest === 0) return rotateWhole(x, rotation)
  const [first, others] = tf.split(x, [rotated, rest], 2) as [tf.Tensor3D, tf.Tensor3D]
  return tf.concat([rotateWhole(first, rotation), others], 2) as tf.Tensor3D
}

function rotateWhole(x: tf.Tensor3D, { cosine, sine }: Rotation): tf.Tensor3D {
  const [first, second] = tf.split(x, 2, 2) as [tf.Tensor3D, tf.Tensor3D]
  return tf.concat(
    [
      tf.sub(tf.mul(first, cosine), tf.mul(second, sine)),
      tf.add(tf.mul(second, cosine), tf.mul(first, sine)),
    ],
    2,
  ) as tf.Tensor3D
}

/** One position a row, its heads side by side: [B, H·D] → [B, H·D]. @param rotation of `rotationAt` */
export function rotateHeads(x: tf.Tensor2D, heads: number, rotation: Rotation): tf.Tensor2D {
  const [rows, width] = x.shape
  return tf.reshape(rotate(tf.reshape(x, [rows, heads, width / heads]), rotation), [rows, width])
}
