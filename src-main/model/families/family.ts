/**
 * What a family of decoders is to the rest: how its config.json is read into the one description, and written
 * from it. A row of `families.ts`, in a file of its own.
 */
import type { DecoderConfig } from '../architectures/decoder-config'
import type { HuggingFaceNames } from '../importing/hugging-face-form'
import { readRope, writtenRope, type Rope } from '../importing/hugging-face-rope'
import { count, flag, isGiven, positive } from '../importing/json-fields'
import { isObject, shown, type JsonObject } from '../weights/json-file'
import { refuse } from '../weights/refusal'

/** All of a configuration but which it is. */
export type FamilyConfig = Omit<DecoderConfig, 'architecture' | 'family'>

export interface Family {
  /** Every `model_type` that is this family. */
  readonly modelTypes: readonly string[]
  readonly names: HuggingFaceNames
  /** @throws WeightsError when a field is missing or has a value that cannot be followed */
  read(json: JsonObject, modelType: string): FamilyConfig
  /** Its own fields of config.json. */
  written(config: DecoderConfig): JsonObject
}

/** What nearly all families say in the same words. */
export function readSizes(json: JsonObject, epsilon = 'rms_norm_eps', isTied = false) {
  const width = count(json, 'hidden_size')
  const heads = count(json, 'num_attention_heads')
  return {
    layers: count(json, 'num_hidden_layers'),
    width,
    contextTokens: count(json, 'max_position_embeddings'),
    vocabulary: count(json, 'vocab_size'),
    heads,
    keyValueHeads: isGiven(json, 'num_key_value_heads') ? count(json, 'num_key_value_heads') : heads,
    headWidth: isGiven(json, 'head_dim') ? count(json, 'head_dim') : width / heads,
    innerWidth: isGiven(json, 'intermediate_size') ? count(json, 'intermediate_size') : 4 * width,
    normEpsilon: isGiven(json, epsilon) ? positive(json, epsilon) : epsilon === 'rms_norm_eps' ? 1e-6 : 1e-5,
    isTied: flag(json, 'tie_word_embeddings', isTied),
  }
}

export const writtenSizes = (config: DecoderConfig, epsilon = 'rms_norm_eps'): JsonObject => ({
  num_hidden_layers: config.layers,
  num_attention_heads: config.heads,
  num_key_value_heads: config.keyValueHeads,
  head_dim: config.headWidth,
  hidden_size: config.width,
  intermediate_size: config.innerWidth,
  max_position_embeddings: config.contextTokens,
  [epsilon]: config.normEpsilon,
  tie_word_embeddings: config.isTied,
  attention_dropout: 0,
})

/** The rotary positions, and how many numbers of each head they rotate. @throws WeightsError */
export function readPositions(
  json: JsonObject,
  { headWidth, contextTokens }: Pick<FamilyConfig, 'headWidth' | 'contextTokens'>,
  otherwise: { readonly base?: number; readonly share?: number } = {},
): { readonly rope: Rope; readonly rotatedWidth: number } {
  const { rotatedShare, ...rope } = readRope(json, contextTokens, otherwise)
  const rotatedWidth = Math.floor(headWidth * rotatedShare)
  if (rotatedWidth < 2 || rotatedWidth % 2 !== 0)
    refuse(`${rotatedWidth} of each head’s ${headWidth} numbers are rotated; an even number from 2 is wanted`)
  return { rope, rotatedWidth }
}

/** @returns what stands in config.json of rotary positions; nothing of learned ones */
export function writtenPositions({ design: { positions }, headWidth }: DecoderConfig): JsonObject {
  if (positions.type === 'learned') return {}
  const { rope_parameters, ...rope } = writtenRope(positions)
  if (positions.rotatedWidth === headWidth) return { ...rope, rope_parameters }
  const share = shareOf(positions.rotatedWidth, headWidth)
  return {
    ...rope,
    partial_rotary_factor: share,
    rope_parameters: { ...Object(rope_parameters), partial_rotary_factor: share },
  }
}

/** The share that, times the width of a head and rounded down, is the width that is rotated. */
export function shareOf(rotatedWidth: number, headWidth: number): number {
  const plain = rotatedWidth / headWidth
  return Math.floor(headWidth * plain) === rotatedWidth ? plain : (rotatedWidth + 0.5) / headWidth
}

/** `layer_types`: which blocks have a window. @param otherwise where it is not said */
export function readLayerTypes(
  json: JsonObject,
  layers: number,
  otherwise: (layer: number) => 'full' | 'window',
): readonly ('full' | 'window')[] {
  const found = json['layer_types']
  if (found === undefined || found === null)
    return Array.from({ length: layers }, (_, layer) => otherwise(layer))
  if (!Array.isArray(found) || found.length !== layers)
    return refuse(`its layer_types are ${shown(found)}, not one for each of ${layers} layers`)
  return found.map((each) => {
    if (each === 'full_attention') return 'full'
    return each === 'sliding_attention' ? 'window' : refuse(`one of its layer_types is ${shown(each)}`)
  })
}

export const writtenLayerTypes = ({ design }: DecoderConfig): readonly string[] =>
  design.layers.map((kind) =>
    kind === 'convolution' ? 'conv' : kind === 'window' ? 'sliding_attention' : 'full_attention',
  )

/** A number that may be null or left out. @throws WeightsError when it is another thing */
export const optionalPositive = (json: JsonObject, name: string, otherwise: number): number =>
  !(name in json) ? otherwise : isGiven(json, name) ? positive(json, name) : 0

/** An object among the fields, or nothing. */
export const objectIn = (json: JsonObject, name: string): JsonObject | undefined => {
  const value = json[name]
  return isObject(value) ? value : undefined
}
