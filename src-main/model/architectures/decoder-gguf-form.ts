/**
 * GGUF files of the families of decoders, as llama.cpp's conversion writes them: what their metadata says becomes a
 * config.json of the family's, and their tensors lie as the studio's own file has them (`decoder-gguf.ts`).
 */
import { families } from '../families/families'
import { fieldsOf, sizesJson, type GgufFields } from '../importing/gguf-json'
import type { GgufForm } from '../importing/gguf-form'
import { ropeFactors } from '../importing/gguf-rope-factors'
import { scalingIn } from '../importing/gguf-scaling'
import type { GgufFile } from '../weights/gguf'
import type { JsonObject } from '../weights/json-file'
import { refuse } from '../weights/refusal'
import type { DecoderConfig } from './decoder-config'
import { decoderGguf } from './decoder-gguf'

interface Read {
  readonly family: string
  /** What the family's config.json says besides sizes. */
  readonly json: (fields: GgufFields, file: GgufFile) => JsonObject
}

const biases = (_: GgufFields, { tensors }: GgufFile): JsonObject => ({
  attention_bias: tensors.has('blk.0.attn_q.bias'),
  mlp_bias: tensors.has('blk.0.ffn_up.bias'),
})

/** llama.cpp divides scores by the root of a head's width. */
const gemma = (fields: GgufFields): JsonObject => ({
  query_pre_attn_scalar:
    fields.optionalNumber('attention.key_length') ??
    fields.number('embedding_length') / fields.number('attention.head_count'),
  sliding_window: fields.optionalNumber('attention.sliding_window') ?? null,
  attn_logit_softcapping: fields.optionalNumber('attn_logit_softcapping') ?? null,
  final_logit_softcapping: fields.optionalNumber('final_logit_softcapping') ?? null,
})

/** By `general.architecture`. */
export const readFamilies: Readonly<Record<string, Read>> = {
  qwen3: { family: 'qwen3', json: biases },
  smollm3: { family: 'smollm3', json: biases },
  granite: {
    family: 'granite',
    json: (fields, file) => ({
      ...biases(fields, file),
      attention_multiplier: fields.number('attention.scale'),
      embedding_multiplier: fields.number('embedding_scale'),
      residual_multiplier: fields.number('residual_scale'),
      logits_scaling: fields.number('logit_scale'),
    }),
  },
  olmo2: { family: 'olmo2', json: biases },
  gemma2: { family: 'gemma2', json: gemma },
  gemma3: { family: 'gemma3_text', json: (fields) => ({ ...gemma(fields), rope_local_base_freq: 10_000 }) },
  phi2: { family: 'phi', json: () => ({ hidden_act: 'gelu_new' }) },
  stablelm: {
    family: 'stablelm',
    // of what it is asked, llama.cpp goes by the tensors: its conversion says so of files that are not, too
    json: (_, { tensors }) => ({
      use_parallel_residual: !tensors.has('blk.0.ffn_norm.weight'),
      use_qkv_bias: tensors.has('blk.0.attn_q.bias'),
    }),
  },
  lfm2: {
    family: 'lfm2',
    json: (fields) => ({
      conv_L_cache: fields.number('shortconv.l_cache'),
      block_auto_adjust_ff_dim: false,
      layer_types: (
        fields.eachNumber('attention.head_count_kv') ?? refuse('it does not say which of its blocks attend')
      ).map((heads) => (heads === 0 ? 'conv' : 'full_attention')),
    }),
  },
}

export const decoderGgufForm: GgufForm<DecoderConfig> = {
  names: Object.keys(readFamilies),
  read(metadata, file) {
    const architecture = metadata.text('general.architecture')
    const { family, json } = readFamilies[architecture]!
    const fields = fieldsOf(metadata)
    const said = { ...sizesJson(fields, file), ...json(fields, file) }
    const row = families[family]!
    return { architecture: 'decoder', family, ...row.read(said, row.names.modelType) }
  },
  async completed(config, metadata, file) {
    const { positions } = config.design
    if (positions.type !== 'rotary') return config
    const ropeScaling = await scalingIn(
      {
        headWidth: positions.rotatedWidth,
        ropeBase: positions.ropeBase,
        contextTokens: config.contextTokens,
      },
      metadata,
      file,
    )
    return { ...config, design: { ...config.design, positions: { ...positions, ropeScaling } } }
  },
  layout: decoderGguf.layout,
  isLeftOver: (name) => name === ropeFactors,
}
