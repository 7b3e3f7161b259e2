/** A GGUF file of a GPT-NeoX or Pythia, as llama.cpp's conversion writes it: what its metadata says. */
import type { GgufForm } from '../importing/gguf-form'
import { fieldsOf, vocabularyOf } from '../importing/gguf-json'
import { ropeFactors } from '../importing/gguf-rope-factors'
import { scalingIn } from '../importing/gguf-scaling'
import { neoxGguf } from './neox-gguf'
import type { NeoxConfig } from './neox-config'

export const neoxGgufForm: GgufForm<NeoxConfig> = {
  names: ['gptneox'],
  read(metadata, file) {
    const fields = fieldsOf(metadata)
    const width = fields.number('embedding_length')
    const heads = fields.number('attention.head_count')
    return {
      architecture: 'neox',
      layers: fields.number('block_count'),
      heads,
      width,
      contextTokens: fields.number('context_length'),
      vocabulary: vocabularyOf(file),
      rotatedWidth: fields.optionalNumber('rope.dimension_count') ?? width / heads,
      innerWidth: fields.number('feed_forward_length'),
      normEpsilon: fields.number('attention.layer_norm_epsilon'),
      ropeBase: fields.optionalNumber('rope.freq_base') ?? 10_000,
      ropeScaling: { type: 'none' },
      isParallel: fields.optionalFlag('use_parallel_residual') ?? true,
      // the file does not say which GELU; Pythia's is exact
      hasExactGelu: true,
      hasAttentionBiases: file.tensors.has('blk.0.attn_qkv.bias'),
      isTied: !file.tensors.has('output.weight'),
    }
  },
  completed: async (config, metadata, file) => ({
    ...config,
    ropeScaling: await scalingIn({ ...config, headWidth: config.rotatedWidth }, metadata, file),
  }),
  layout: neoxGguf.layout,
  isLeftOver: (name) => name === ropeFactors,
}
