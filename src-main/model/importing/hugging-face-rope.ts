/**
 * Rotary positions in config.json: since version 5 of Hugging Face's library all in `rope_parameters`, before
 * in `rope_theta` and `rope_scaling`.
 */
import type { RopeScaling } from '../layers/rope-scaling'
import { isObject, shown, type JsonObject } from '../weights/json-file'
import { refuse } from '../weights/refusal'

export interface Rope {
  /** θ of the rotary positions. */
  readonly ropeBase: number
  readonly ropeScaling: RopeScaling
}

const defaultBase = 10_000

/**
 * @param otherwise θ, and the share, where the file says nothing
 * @returns how positions are rotated, and which share of each head is
 * @throws WeightsError when the positions are scaled in a way that is not known here
 */
export function readRope(
  json: JsonObject,
  contextTokens: number,
  otherwise: { readonly base?: number; readonly share?: number } = {},
): Rope & { readonly rotatedShare: number } {
  const found = ofAllLayers(json['rope_parameters'] ?? json['rope_scaling'] ?? {})
  if (!isObject(found)) return refuse(`its rope_scaling is ${shown(found)}, no object`)
  const base = found['rope_theta'] ?? json['rope_theta'] ?? otherwise.base ?? defaultBase
  if (typeof base !== 'number' || !(base > 1) || !Number.isFinite(base))
    return refuse(`its rope_theta is ${shown(base)}, no number above 1`)
  const rotatedShare = found['partial_rotary_factor'] ?? json['partial_rotary_factor'] ?? otherwise.share ?? 1
  if (typeof rotatedShare !== 'number' || !(rotatedShare > 0 && rotatedShare <= 1))
    return refuse(`its partial_rotary_factor is ${shown(rotatedShare)}, no share of a head`)
  return { ropeBase: base, ropeScaling: scalingIn(found, json, contextTokens), rotatedShare }
}

/** Since version 5 of the library each kind of layer may have its own. @throws WeightsError when they differ */
function ofAllLayers(said: unknown): unknown {
  if (!isObject(said)) return said
  const kinds = Object.entries(said).filter(([kind, of]) => kind.endsWith('_attention') && of !== null)
  const [first, ...others] = kinds
  if (!first) return said
  const other = others.find(([, of]) => JSON.stringify(of) !== JSON.stringify(first[1]))
  return other === undefined
    ? first[1]
    : refuse(
        `its layers rotate differently: ${first[0]} by ${shown(first[1])}, ${other[0]} by ${shown(other[1])}`,
      )
}

/** For a network whose heads are rotated whole. @throws WeightsError */
export function refusePartial(rotatedShare: number): void {
  if (rotatedShare !== 1)
    refuse(`its partial_rotary_factor is ${shown(rotatedShare)}; only whole heads are rotated here`)
}

/** What is read of a scaling: its fields, and what they are where nothing is said. */
interface FoundScaling {
  readonly found: JsonObject
  readonly factor: number
  readonly originalContextTokens: number
  number(name: string, otherwise: number): number
}

/** By `rope_type`. Numbers are checked with the configuration, all at once. */
const scalings: Readonly<Record<string, (scaling: FoundScaling) => RopeScaling>> = {
  default: () => ({ type: 'none' }),
  linear: ({ factor }) => ({ type: 'linear', factor }),
  dynamic: ({ factor }) => ({ type: 'dynamic', factor }),
  llama3: ({ factor, originalContextTokens, number }) => ({
    type: 'llama3',
    factor,
    originalContextTokens,
    lowFrequencyFactor: number('low_freq_factor', NaN),
    highFrequencyFactor: number('high_freq_factor', NaN),
  }),
  yarn: ({ found, factor, originalContextTokens, number }) => ({
    type: 'yarn',
    factor,
    originalContextTokens,
    attentionFactor: number('attention_factor', yarnAttentionOf(found, factor)),
    betaFast: number('beta_fast', 32),
    betaSlow: number('beta_slow', 1),
    ...(found['truncate'] === false && { isTruncated: false }),
  }),
  longrope,
  su: longrope,
}

function longrope({ found, factor, originalContextTokens, number }: FoundScaling): RopeScaling {
  return {
    type: 'longrope',
    originalContextTokens,
    attentionFactor: number('attention_factor', longropeAttention(factor, originalContextTokens)),
    shortFactors: found['short_factor'] as readonly number[],
    longFactors: found['long_factor'] as readonly number[],
  }
}

/**
 * @param json where the original context stood before it was among the others
 * @throws WeightsError when the positions are scaled in a way that is not known here
 */
function scalingIn(found: JsonObject, json: JsonObject, contextTokens: number): RopeScaling {
  const number = (name: string, otherwise: number): number => (found[name] ?? otherwise) as number
  const type = found['rope_type'] ?? found['type'] ?? 'default'
  const read = typeof type === 'string' && Object.hasOwn(scalings, type) ? scalings[type] : undefined
  if (!read)
    return refuse(`its rotary positions are scaled by ${shown(type)}, which this version does not know`)
  const original = 'original_max_position_embeddings'
  const originalContextTokens = number(original, (json[original] ?? contextTokens) as number)
  const isByOriginal = type === 'yarn' || type === 'longrope' || type === 'su'
  const factor = number('factor', isByOriginal ? contextTokens / originalContextTokens : NaN)
  return read({ found, factor, originalContextTokens, number })
}

/** Peng et al. 2023, Eq. 22: √(1/t) = 0.1·ln(s) + 1. @param share of the logarithm, as DeepSeek weighs it */
export const yarnAttention = (factor: number, share = 1): number =>
  factor <= 1 ? 1 : 0.1 * share * Math.log(factor) + 1

function yarnAttentionOf({ mscale, mscale_all_dim: all }: JsonObject, factor: number): number {
  return typeof mscale === 'number' && typeof all === 'number' && mscale !== 0 && all !== 0
    ? yarnAttention(factor, mscale) / yarnAttention(factor, all)
    : yarnAttention(factor)
}

/** Ding et al. 2024, as in transformers' `_compute_longrope_parameters`. */
const longropeAttention = (factor: number, original: number): number =>
  factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(original))

/** Both ways at once, so that older libraries find what they look for. */
export function writtenRope({ ropeBase, ropeScaling }: Rope): JsonObject {
  const scaling = writtenScaling(ropeScaling)
  return {
    rope_theta: ropeBase,
    rope_scaling: ropeScaling.type === 'none' ? null : scaling,
    rope_parameters: { rope_theta: ropeBase, ...scaling },
  }
}

function writtenScaling(scaling: RopeScaling): JsonObject {
  switch (scaling.type) {
    case 'none':
      return { rope_type: 'default' }
    case 'linear':
    case 'dynamic':
      return { rope_type: scaling.type, factor: scaling.factor }
    case 'llama3':
      return {
        rope_type: 'llama3',
        factor: scaling.factor,
        low_freq_factor: scaling.lowFrequencyFactor,
        high_freq_factor: scaling.highFrequencyFactor,
        original_max_position_embeddings: scaling.originalContextTokens,
      }
    case 'yarn':
      return {
        rope_type: 'yarn',
        factor: scaling.factor,
        original_max_position_embeddings: scaling.originalContextTokens,
        attention_factor: scaling.attentionFactor,
        beta_fast: scaling.betaFast,
        beta_slow: scaling.betaSlow,
        ...(scaling.isTruncated === false && { truncate: false }),
      }
    case 'longrope':
      return {
        rope_type: 'longrope',
        original_max_position_embeddings: scaling.originalContextTokens,
        attention_factor: scaling.attentionFactor,
        short_factor: scaling.shortFactors,
        long_factor: scaling.longFactors,
      }
  }
}
