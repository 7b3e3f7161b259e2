/** What each family calls the tensors of a decoder, as Hugging Face's library does. */

/** Names without ".weight"; those of a block stand after its own. */
export interface DecoderNames {
  readonly tokens: string
  /** Of learned positions. */
  readonly positions: string
  /** Before the number of a block. */
  readonly blocks: string
  /** Before attention, and after it; before the feed-forward, and after it. */
  readonly beforeAttention: string
  readonly afterAttention: string
  readonly beforeInner: string
  readonly afterInner: string
  readonly q: string
  readonly k: string
  readonly v: string
  readonly o: string
  readonly qNorm: string
  readonly kNorm: string
  readonly gate: string
  readonly up: string
  readonly down: string
  /** Of a convolution: what goes in, its kernel, what comes out. */
  readonly convIn: string
  readonly conv: string
  readonly convOut: string
  readonly lastNorm: string
}

const llama: DecoderNames = {
  tokens: 'model.embed_tokens',
  positions: 'model.embed_positions',
  blocks: 'model.layers',
  beforeAttention: 'input_layernorm',
  afterAttention: 'post_self_attn_layernorm',
  beforeInner: 'post_attention_layernorm',
  afterInner: 'post_mlp_layernorm',
  q: 'self_attn.q_proj',
  k: 'self_attn.k_proj',
  v: 'self_attn.v_proj',
  o: 'self_attn.o_proj',
  qNorm: 'self_attn.q_norm',
  kNorm: 'self_attn.k_norm',
  gate: 'mlp.gate_proj',
  up: 'mlp.up_proj',
  down: 'mlp.down_proj',
  convIn: 'conv.in_proj',
  conv: 'conv.conv',
  convOut: 'conv.out_proj',
  lastNorm: 'model.norm',
}

const gemma: DecoderNames = {
  ...llama,
  afterAttention: 'post_attention_layernorm',
  beforeInner: 'pre_feedforward_layernorm',
  afterInner: 'post_feedforward_layernorm',
}

export const decoderNames: Readonly<Record<string, DecoderNames>> = {
  llama,
  mistral: llama,
  qwen3: llama,
  smollm3: llama,
  granite: llama,
  stablelm: llama,
  olmo2: gemma,
  gemma2: gemma,
  gemma3_text: gemma,
  phi: {
    ...llama,
    o: 'self_attn.dense',
    up: 'mlp.fc1',
    down: 'mlp.fc2',
    lastNorm: 'model.final_layernorm',
  },
  gpt_neo: {
    ...llama,
    tokens: 'transformer.wte',
    positions: 'transformer.wpe',
    blocks: 'transformer.h',
    beforeAttention: 'ln_1',
    beforeInner: 'ln_2',
    q: 'attn.attention.q_proj',
    k: 'attn.attention.k_proj',
    v: 'attn.attention.v_proj',
    o: 'attn.attention.out_proj',
    up: 'mlp.c_fc',
    down: 'mlp.c_proj',
    lastNorm: 'transformer.ln_f',
  },
  opt: {
    ...llama,
    tokens: 'model.decoder.embed_tokens',
    positions: 'model.decoder.embed_positions',
    blocks: 'model.decoder.layers',
    beforeAttention: 'self_attn_layer_norm',
    beforeInner: 'final_layer_norm',
    o: 'self_attn.out_proj',
    up: 'fc1',
    down: 'fc2',
    lastNorm: 'model.decoder.final_layer_norm',
  },
  lfm2: {
    ...llama,
    beforeAttention: 'operator_norm',
    beforeInner: 'ffn_norm',
    o: 'self_attn.out_proj',
    qNorm: 'self_attn.q_layernorm',
    kNorm: 'self_attn.k_layernorm',
    gate: 'feed_forward.w1',
    up: 'feed_forward.w3',
    down: 'feed_forward.w2',
    lastNorm: 'model.embedding_norm',
  },
}

/** @throws Error in words when there is no such family */
export function namesOf(family: string): DecoderNames {
  if (!Object.hasOwn(decoderNames, family))
    throw new Error(`it is of the family "${family}", which this version does not know`)
  return decoderNames[family]!
}

/** The name of a block's tensor, from what its family calls it. */
export const nameIn = (names: DecoderNames, layer: number, name: string): string =>
  `${names.blocks}.${layer}.${name}`
