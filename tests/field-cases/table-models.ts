/**
 * Model folders whose answer can be worked out by hand: tables in the shape of a Llama of one block, in which the last
 * token decides the next one, and a GPT-2 whose position alone decides.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { letterOfByte } from '../../src-main/model/tokenizers/byte-letters'
import { encodeSafetensors, type HeldTensor } from '../../src-main/model/weights/safetensors'

type Json = Readonly<Record<string, unknown>>
type Tensors = Readonly<Record<string, HeldTensor>>

const width = 8
export const end = '<|im_end|>'
const specials = ['<|endoftext|>', '<|im_start|>', end]
const tokens = [...specials, ...letterOfByte]
const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true }

/** One token a byte. */
const tokenizer: Json = {
  version: '1.0',
  truncation: null,
  padding: null,
  normalizer: null,
  post_processor: null,
  added_tokens: specials.map((content, id) => ({ id, content, special: true, normalized: false })),
  pre_tokenizer: byteLevel,
  decoder: byteLevel,
  model: { type: 'BPE', vocab: Object.fromEntries(tokens.map((token, id) => [token, id])), merges: [] },
}

const vector = (value: number, length = width): HeldTensor => ({
  shape: [length],
  data: new Float32Array(length).fill(value),
})

/** Zeros but for [row, column, value]. */
function matrix(
  rows: number,
  columns: number,
  ...entries: readonly (readonly [number, number, number])[]
): HeldTensor {
  const data = new Float32Array(rows * columns)
  for (const [row, column, value] of entries) data[row * columns + column]! += value
  return { shape: [rows, columns], data }
}

/** What comes after a token; '*' stands for every token without a line of its own. */
export type Says = Readonly<Record<string, string>>

/** Each token's direction: that of its own line, which outweighs, or of '*'. */
const directions = (lines: readonly string[], own: number) =>
  tokens.map((token, id) => {
    const line = lines.indexOf(token)
    return [id, Math.max(0, line), line > 0 ? own : 1] as const
  })

export function headOf(says: Says): HeldTensor {
  const lines = Object.keys(says)
  return matrix(
    tokens.length,
    width,
    ...lines.map((line, place) => [tokens.indexOf(says[line]!), place, 20] as const),
  )
}

export function llamaTensors(says: Says, biases: readonly string[] = []): Tensors {
  const block = 'model.layers.0.'
  const square = (name: string): Tensors => ({ [`${block}${name}.weight`]: matrix(width, width) })
  const parts = ['q', 'k', 'v', 'o'].map((each) => `self_attn.${each}_proj`)
  return {
    'model.embed_tokens.weight': matrix(tokens.length, width, ...directions(Object.keys(says), 1e5)),
    [`${block}input_layernorm.weight`]: vector(1),
    [`${block}post_attention_layernorm.weight`]: vector(1),
    'model.norm.weight': vector(1),
    ...Object.assign({}, ...parts.map(square)),
    ...Object.assign({}, ...['mlp.gate_proj', 'mlp.up_proj', 'mlp.down_proj'].map(square)),
    ...Object.fromEntries(biases.map((each) => [`${block}self_attn.${each}_proj.bias`, vector(0)])),
    'lm_head.weight': headOf(says),
  }
}

const llamaConfig: Json = {
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  hidden_size: width,
  intermediate_size: width,
  num_hidden_layers: 1,
  num_attention_heads: 1,
  num_key_value_heads: 1,
  head_dim: width,
  hidden_act: 'silu',
  max_position_embeddings: 128,
  vocab_size: tokens.length,
  rms_norm_eps: 1e-5,
  rope_theta: 10_000,
  tie_word_embeddings: false,
  bos_token_id: 0,
  eos_token_id: 2,
}

interface LlamaFolder {
  readonly says?: Says
  readonly tensors?: Tensors
  readonly config?: Json
  /** Of tokenizer_config.json. */
  readonly names?: Json
  readonly more?: Readonly<Record<string, Json>>
}

export const writeLlama = (
  folder: string,
  { says = { '*': 'y', y: end }, tensors = llamaTensors(says), config = {}, names, more = {} }: LlamaFolder,
): Promise<string> =>
  writeFolder(folder, tensors, {
    'config.json': { ...llamaConfig, ...config },
    'tokenizer_config.json': names ?? { eos_token: end, pad_token: '<|endoftext|>' },
    ...more,
  })

async function writeFolder(
  folder: string,
  tensors: Tensors,
  files: Readonly<Record<string, Json>>,
): Promise<string> {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'model.safetensors'), stored(tensors))
  for (const [file, json] of Object.entries({ 'tokenizer.json': tokenizer, ...files }))
    await writeFile(join(folder, file), JSON.stringify(json))
  return folder
}

const stored = (tensors: Tensors): Buffer =>
  Buffer.concat(encodeSafetensors(new Map(Object.entries(tensors)), { format: 'pt' }))

/** An adapter with a head of its own, whose narrow matrices change nothing. */
export async function writeSavedHead(folder: string, config: Json, says: Says): Promise<string> {
  const projection = 'base_model.model.model.layers.0.self_attn.q_proj'
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'adapter_config.json'), JSON.stringify(config))
  const tensors = {
    'base_model.model.lm_head.weight': headOf(says),
    [`${projection}.lora_A.weight`]: matrix(1, width),
    [`${projection}.lora_B.weight`]: matrix(width, 1),
  }
  await writeFile(join(folder, 'adapter_model.safetensors'), stored(tensors))
  return folder
}

/** "a" after the first token, "b" after the second, then the end. */
export function writeGpt2(folder: string): Promise<string> {
  const block = 'transformer.h.0.'
  const norm = (name: string): Tensors => ({ [`${name}.weight`]: vector(1), [`${name}.bias`]: vector(0) })
  const linear = (name: string, from: number, to: number): Tensors => ({
    [`${block}${name}.weight`]: matrix(from, to),
    [`${block}${name}.bias`]: vector(0, to),
  })
  const positions = Array.from({ length: 16 }, (_, at) => [at, Math.min(at, 2) + 1, 1000] as const)
  const tensors = {
    'transformer.wte.weight': matrix(
      tokens.length,
      width,
      ...directions(['*', 'a', 'b', '<|endoftext|>'], 1),
    ),
    'transformer.wpe.weight': matrix(16, width, ...positions),
    ...norm(`${block}ln_1`),
    ...linear('attn.c_attn', width, 3 * width),
    ...linear('attn.c_proj', width, width),
    ...norm(`${block}ln_2`),
    ...linear('mlp.c_fc', width, 4 * width),
    ...linear('mlp.c_proj', 4 * width, width),
    ...norm('transformer.ln_f'),
  }
  const config = { model_type: 'gpt2', n_embd: width, n_layer: 1, n_head: 1, n_positions: 16 }
  return writeFolder(folder, tensors, {
    'config.json': { ...config, vocab_size: tokens.length, bos_token_id: 0, eos_token_id: 0 },
    'tokenizer_config.json': { eos_token: '<|endoftext|>', pad_token: '<|endoftext|>' },
  })
}
