/**
 * What RWKV's tensors are called by others. Sources: transformers, models/rwkv/modeling_rwkv.py;
 * fla-org/flash-linear-attention, utils/convert_from_rwkv7.py and fla/layers/rwkv7.py.
 */

/**
 * Linear layers are [out, in] wherever RWKV is published; small matrices as here, but where they are linear
 * layers, too.
 */
export const isLinear = (name: string): boolean =>
  /\.(att|ffn)\.(key|value|receptance|output)\.weight$/.test(name)

const renamed = (name: string, words: readonly (readonly [RegExp, string])[]): string =>
  words.reduce((name, [from, to]) => name.replace(from, to), name)

const transformersWords = [
  [/^emb\./, 'rwkv.embeddings.'],
  [/^(ln_out|blocks)\./, 'rwkv.$1.'],
  [/\.ln0\./, '.pre_ln.'],
  [/\.att\./, '.attention.'],
  [/\.ffn\./, '.feed_forward.'],
  [/\.time_mix_k$/, '.time_mix_key'],
  [/\.time_mix_v$/, '.time_mix_value'],
  [/\.time_mix_r$/, '.time_mix_receptance'],
] as const
const flaWords = [
  [/^emb\./, 'model.embeddings.'],
  [/^ln_out\./, 'model.norm.'],
  [/^head\./, 'lm_head.'],
  [/^blocks\./, 'model.layers.'],
  [/\.ln0\./, '.pre_norm.'],
  [/\.ln1\./, '.attn_norm.'],
  [/\.ln2\./, '.ffn_norm.'],
  [/\.att\.([wavg])0$/, '.attn.$1_lora.lora.2.bias'],
  [/\.att\.([wavg])1$/, '.attn.$1_lora.lora.0.weight'],
  [/\.att\.([wavg])2$/, '.attn.$1_lora.lora.2.weight'],
  [/\.att\.ln_x\./, '.attn.g_norm.'],
  [/\.att\.(r|k|v|o)(?:eceptance|ey|alue|utput)\./, '.attn.$1_proj.'],
  [/\.att\./, '.attn.'],
] as const

/** A name of ours, which is BlinkDL's, as `transformers` has it. */
export const inTransformers = (name: string): string => renamed(name, transformersWords)

/** And as flash-linear-attention has it, where the small matrices are linear layers, too. */
export const inFla = (name: string): string => renamed(name, flaWords)
export const isLinearInFla = (name: string): boolean => isLinear(name) || /\.att\.[wavg][12]$/.test(name)
