/** A GGUF file of a GPT-2, as llama.cpp's conversion writes it: what its metadata says. */
import type { GgufForm } from '../importing/gguf-form'
import { fieldsOf, vocabularyOf } from '../importing/gguf-json'
import { refuse } from '../weights/refusal'
import { gptGguf } from './gpt-gguf'
import type { GptConfig } from './gpt-parameters'

const EPSILON = 1e-5

export const gptGgufForm: GgufForm<GptConfig> = {
  names: ['gpt2'],
  read(metadata, file) {
    const fields = fieldsOf(metadata)
    const width = fields.number('embedding_length')
    const inner = fields.optionalNumber('feed_forward_length') ?? 4 * width
    const epsilon = fields.optionalNumber('attention.layer_norm_epsilon') ?? EPSILON
    if (inner !== 4 * width) refuse(`its feed-forward is ${inner} wide, not four times ${width}`)
    if (epsilon !== EPSILON) refuse(`its norms add ${epsilon} to the variance, not ${EPSILON}`)
    return {
      architecture: 'gpt',
      layers: fields.number('block_count'),
      heads: fields.number('attention.head_count'),
      width,
      contextTokens: fields.number('context_length'),
      vocabulary: vocabularyOf(file),
      isTied: !file.tensors.has('output.weight'),
    }
  },
  completed: async (config) => config,
  layout: gptGguf.layout,
  isLeftOver: (name) => /^blk\.\d+\.attn\.(bias|masked_bias)$/.test(name),
}
