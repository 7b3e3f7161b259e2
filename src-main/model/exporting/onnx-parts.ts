/** Parts of ONNX graphs that several architectures are written from. Names stand for tensors. */
import { frequenciesAsWritten, type RopeScaling } from '../layers/rope-scaling'
import type { OnnxBuilder } from './onnx-builder'
import type { CachedHeads } from './onnx-form'

/** [B, T, heads·D] → [B, heads, T, D] */
export const splitHeads = (build: OnnxBuilder, x: string, heads: number, headWidth: number): string =>
  build.node('Transpose', [build.node('Reshape', [x, build.integers([0, 0, heads, headWidth])])], {
    perm: [0, 2, 1, 3],
  })

/** LayerNorm with gain and bias: [B, T, C] → [B, T, C]. */
export const layerNorm = (build: OnnxBuilder, x: string, name: string): string =>
  build.node('LayerNormalization', [x, build.weight(`${name}.weight`), build.weight(`${name}.bias`)], {
    axis: -1,
    epsilon: { float: 1e-5 },
  })

/** RMSNorm with a gain: [B, T, C] → [B, T, C]. */
export function rmsNorm(build: OnnxBuilder, x: string, name: string, epsilon: number): string {
  const square = build.node('Mul', [x, x])
  const mean = build.node('ReduceMean', [square, build.integers([-1])], { keepdims: 1 })
  const size = build.node('Sqrt', [build.node('Add', [mean, build.float(epsilon)])])
  return build.node('Mul', [build.node('Div', [x, size]), build.weight(`${name}.weight`)])
}

interface Rotary {
  readonly headWidth: number
  readonly ropeBase: number
  readonly ropeScaling: RopeScaling
  readonly contextTokens: number
}

/** Rotary positions of [B, heads, T, D]: a number is paired with the one half a head further. */
export function rotation(
  build: OnnxBuilder,
  { headWidth, ropeBase, ropeScaling, contextTokens }: Rotary,
): (x: string) => string {
  const frequenciesAt = frequenciesAsWritten(headWidth, ropeBase, ropeScaling)
  const half = headWidth / 2
  const table = (name: string, wave: (angle: number) => number): string => {
    const valueAt = (at: number): number => {
      const position = Math.floor(at / half)
      const { frequencies, magnitude } = frequenciesAt(position)
      return magnitude * wave(position * frequencies[at % half]!)
    }
    const values = Float32Array.from({ length: contextTokens * half }, (_, at) => valueAt(at))
    const rows = build.node('Gather', [build.floats(name, [contextTokens, half], values), 'position_ids'])
    return build.node('Unsqueeze', [rows, build.integers([1])])
  }
  const cosine = table('rotation.cosine', Math.cos)
  const sine = table('rotation.sine', Math.sin)
  const times = (a: string, b: string) => build.node('Mul', [a, b])
  return (x) => {
    const [first, second] = build.split(x, 2) as [string, string]
    const turned = [
      build.node('Sub', [times(first, cosine), times(second, sine)]),
      build.node('Add', [times(second, cosine), times(first, sine)]),
    ]
    return build.node('Concat', turned, { axis: -1 })
  }
}

interface Asked {
  /** [B, H, T, D] */
  readonly q: string
  /** [B, KV, T, D], as v */
  readonly k: string
  readonly v: string
  /** What is added to scores. */
  readonly mask: string
}

/**
 * Queries to what the cache holds and to themselves → [B, T, H·D]; a group's queries share its keys and values.
 */
export function attend(
  build: OnnxBuilder,
  { heads, keyValueHeads, headWidth }: CachedHeads,
  layer: number,
  { q, k, v, mask }: Asked,
): string {
  const keys = grown(build, layer, 'key', k)
  const values = grown(build, layer, 'value', v)
  const groups = build.integers([0, keyValueHeads, heads / keyValueHeads, -1, headWidth])
  const queries = build.node('Mul', [
    build.node('Reshape', [q, groups]),
    build.float(1 / Math.sqrt(headWidth)),
  ])
  const turned = build.node('Transpose', [keys], { perm: [0, 1, 2, 4, 3] })
  const scores = build.node('Add', [build.node('MatMul', [queries, turned]), mask])
  const attended = build.node('MatMul', [build.node('Softmax', [scores], { axis: -1 }), values])
  const inTime = build.node('Transpose', [attended], { perm: [0, 3, 1, 2, 4] })
  return build.node('Reshape', [inTime, build.integers([0, 0, heads * headWidth])])
}

/** A layer's cache with what is new: [B, KV, P, D] and [B, KV, T, D] → [B, KV, 1, P + T, D]. */
function grown(build: OnnxBuilder, layer: number, part: 'key' | 'value', own: string): string {
  const past = `past_key_values.${layer}.${part}`
  const whole = build.node('Concat', [past, own], { axis: 2 }, `present.${layer}.${part}`)
  return build.node('Unsqueeze', [whole, build.integers([2])])
}
