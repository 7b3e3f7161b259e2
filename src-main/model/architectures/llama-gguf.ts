/** A GGUF file of a Llama or Qwen2, as llama.cpp's conversion writes it: what its metadata says. */
import type { GgufForm } from '../importing/gguf-form'
import { fieldsOf, keyValueHeadsIn, refuseExperts, vocabularyOf } from '../importing/gguf-json'
import { ropeFactors } from '../importing/gguf-rope-factors'
import { scalingIn } from '../importing/gguf-scaling'
import type { GgufFile } from '../weights/gguf'
import type { GgufMetadata } from '../weights/gguf-metadata'
import { refuse } from '../weights/refusal'
import { llamaGgufNetwork } from './llama-gguf-network'
import type { LlamaConfig } from './llama-parameters'

function read(metadata: GgufMetadata, file: GgufFile): LlamaConfig {
  const fields = fieldsOf(metadata)
  refuseExperts(fields)
  const width = fields.number('embedding_length')
  const heads = fields.number('attention.head_count')
  const headWidth = fields.optionalNumber('attention.key_length') ?? width / heads
  const rotated = fields.optionalNumber('rope.dimension_count') ?? headWidth
  if (rotated !== headWidth)
    refuse(`${rotated} of each head’s ${headWidth} numbers are rotated; only whole heads are rotated here`)
  const isQwen2 = metadata.text('general.architecture') === 'qwen2'
  return {
    architecture: 'llama',
    layers: fields.number('block_count'),
    heads,
    keyValueHeads: keyValueHeadsIn(fields),
    headWidth,
    width,
    innerWidth: fields.number('feed_forward_length'),
    contextTokens: fields.number('context_length'),
    vocabulary: vocabularyOf(file),
    normEpsilon: fields.number('attention.layer_norm_rms_epsilon'),
    ropeBase: fields.optionalNumber('rope.freq_base') ?? 10_000,
    ropeScaling: { type: 'none' },
    isTied: !file.tensors.has('output.weight'),
    hasBiases: isQwen2 || file.tensors.has('blk.0.attn_q.bias'),
    hasOutputBias: file.tensors.has('blk.0.attn_output.bias'),
    hasInnerBiases: file.tensors.has('blk.0.ffn_up.bias'),
  }
}

export const llamaGguf: GgufForm<LlamaConfig> = {
  names: ['llama', 'qwen2'],
  read,
  completed: async (config, metadata, file) => ({
    ...config,
    ropeScaling: await scalingIn(config, metadata, file),
  }),
  layout: (config, name) => llamaGgufNetwork.layout(config, name),
  isLeftOver: (name) => name === ropeFactors,
}
