/**
 * What the metadata of a GGUF file says of a network, in the words of config.json: whoever reads Hugging Face's
 * folders reads it then. Source: llama.cpp, gguf-py/gguf/constants.py; convert_hf_to_gguf.py.
 */
import type { GgufFile } from '../weights/gguf'
import type { GgufMetadata } from '../weights/gguf-metadata'
import type { JsonObject } from '../weights/json-file'
import { refuse } from '../weights/refusal'

/** The metadata under the name of its architecture. */
export interface GgufFields {
  number(name: string): number
  optionalNumber(name: string): number | undefined
  optionalText(name: string): string | undefined
  optionalFlag(name: string): boolean | undefined
  /** One for all blocks, or one a block. */
  eachNumber(name: string): readonly number[] | undefined
}

export function fieldsOf(metadata: GgufMetadata): GgufFields {
  const key = (name: string) => `${metadata.text('general.architecture')}.${name}`
  return {
    number: (name) => metadata.number(key(name)),
    optionalNumber: (name) => metadata.optionalNumber(key(name)),
    optionalFlag: (name) => metadata.optionalFlag(key(name)),
    optionalText: (name) => metadata.optionalText(key(name)),
    eachNumber: (name) => metadata.eachNumber(key(name)),
  }
}

/** The heads of keys and values, which llama.cpp may say for each block: 0 where a block has none. */
export function keyValueHeadsIn(fields: GgufFields): number {
  const heads = new Set((fields.eachNumber('attention.head_count_kv') ?? []).filter((each) => each > 0))
  if (heads.size > 1) refuse('its blocks have different numbers of heads of keys and values')
  return [...heads][0] ?? fields.number('attention.head_count')
}

/** @throws WeightsError */
export function refuseExperts(fields: GgufFields): void {
  if ((fields.optionalNumber('expert_count') ?? 0) > 0)
    refuse('it is a mixture of experts, which this version does not know')
}

/** Rows of the embedding. @throws WeightsError */
export const vocabularyOf = ({ tensors }: GgufFile): number =>
  tensors.get('token_embd.weight')?.shape[0] ?? refuse('the tensor "token_embd.weight" is missing')

/** What nearly all networks have. @throws WeightsError */
export function sizesJson(fields: GgufFields, file: GgufFile): JsonObject {
  refuseExperts(fields)
  const width = fields.number('embedding_length')
  const heads = fields.number('attention.head_count')
  const headWidth = fields.optionalNumber('attention.key_length') ?? width / heads
  const rotated = fields.optionalNumber('rope.dimension_count') ?? headWidth
  const epsilon = fields.optionalNumber('attention.layer_norm_rms_epsilon')
  const base = fields.optionalNumber('rope.freq_base')
  return {
    num_hidden_layers: fields.number('block_count'),
    hidden_size: width,
    num_attention_heads: heads,
    num_key_value_heads: keyValueHeadsIn(fields),
    head_dim: headWidth,
    intermediate_size: fields.number('feed_forward_length'),
    max_position_embeddings: fields.number('context_length'),
    vocab_size: vocabularyOf(file),
    ...(epsilon === undefined
      ? { layer_norm_eps: fields.optionalNumber('attention.layer_norm_epsilon') }
      : { rms_norm_eps: epsilon, norm_eps: epsilon }),
    rope_theta: base ?? 10_000,
    ...(rotated !== headWidth && { partial_rotary_factor: rotated / headWidth }),
    tie_word_embeddings: !file.tensors.has('output.weight'),
  }
}
