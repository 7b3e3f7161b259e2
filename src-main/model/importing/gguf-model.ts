/**
 * A GGUF file of a Llama or Qwen2, as llama.cpp's conversion writes it: its metadata as a configuration, its
 * tensors by our names. Source: llama.cpp, gguf-py/gguf/constants.py and tensor_mapping.py;
 * convert_hf_to_gguf.py, `LlamaModel.permute`.
 */
import { basename } from 'node:path'
import { checkConfig } from '../model-config'
import type { LlamaConfig, RopeScaling } from '../model'
import { openByteFile } from '../weights/byte-file'
import { readGguf, type GgufFile } from '../weights/gguf'
import { ggufMetadata, type GgufMetadata } from '../weights/gguf-metadata'
import { llama3Scaling, ropeFactors } from './gguf-rope-factors'
import { tokenizerOfGguf } from './gguf-tokenizer'
import { yarnAttention } from './hugging-face-rope'
import type { Pretrained } from './pretrained'
import { believed, refuse, refusingFile } from '../weights/refusal'
import { placesOf, type Layout, type Place } from './tensor-places'
import { checkTokenizer } from './tokenizer-files'

/**
 * Reads everything but the numbers. The caller closes it.
 * @throws StudioFailure `refused-file`, naming the tensor and what was expected
 */
export async function openGguf(path: string): Promise<Pretrained> {
  return refusingFile(path, async () => {
    const file = await openByteFile(path)
    try {
      return await describedGguf(path, await readGguf(file), () => file.close())
    } catch (error) {
      await file.close()
      throw error
    }
  })
}

/** @throws WeightsError naming the tensor or the metadata, and what was expected */
export async function describedGguf(
  path: string,
  file: GgufFile,
  close: Pretrained['close'],
): Promise<Pretrained> {
  const metadata = ggufMetadata(file.metadata)
  const config = await configOf(metadata, file)
  const tokenizer = tokenizerOfGguf(metadata)
  checkTokenizer(tokenizer, config.vocabulary)
  const licence = metadata.optionalText('general.license')
  const lineage = {
    name: metadata.optionalText('general.name') ?? basename(path),
    source: 'GGUF file',
    ...(licence !== undefined && { licence }),
  }
  return {
    kind: 'language-model',
    config,
    places: placesIn(config, file),
    tokenizer,
    tokenizerFile: basename(path),
    lineage,
    close,
  }
}

const architectures = ['llama', 'qwen2']

async function configOf(metadata: GgufMetadata, file: GgufFile): Promise<LlamaConfig> {
  const architecture = metadata.text('general.architecture')
  if (!architectures.includes(architecture))
    refuse(`its architecture is "${architecture}"; ${architectures.join(', ')} are read`)
  const of = (name: string): string => `${architecture}.${name}`
  if ((metadata.optionalNumber(of('expert_count')) ?? 0) > 0)
    refuse('it is a mixture of experts, which this version does not know')
  const width = metadata.number(of('embedding_length'))
  const heads = metadata.number(of('attention.head_count'))
  const contextTokens = metadata.number(of('context_length'))
  const headWidth = metadata.optionalNumber(of('attention.key_length')) ?? width / heads
  const rotated = metadata.optionalNumber(of('rope.dimension_count')) ?? headWidth
  if (rotated !== headWidth)
    refuse(`${rotated} of each head’s ${headWidth} numbers are rotated; only whole heads are rotated here`)
  const config: LlamaConfig = {
    architecture: 'llama',
    layers: metadata.number(of('block_count')),
    heads,
    keyValueHeads: metadata.optionalNumber(of('attention.head_count_kv')) ?? heads,
    headWidth,
    width,
    innerWidth: metadata.number(of('feed_forward_length')),
    contextTokens,
    vocabulary:
      file.tensors.get('token_embd.weight')?.shape[0] ?? refuse('the tensor "token_embd.weight" is missing'),
    normEpsilon: metadata.number(of('attention.layer_norm_rms_epsilon')),
    ropeBase: metadata.optionalNumber(of('rope.freq_base')) ?? 10_000,
    ropeScaling: { type: 'none' },
    isTied: !file.tensors.has('output.weight'),
    hasBiases: architecture === 'qwen2',
  }
  believed(() => checkConfig(config))
  const scaled = { ...config, ropeScaling: await scalingOf(metadata, of, file, config) }
  believed(() => checkConfig(scaled))
  return scaled
}

/** Linear and YaRN scaling stand in the metadata; Llama 3's only in a tensor of factors. */
async function scalingOf(
  metadata: GgufMetadata,
  of: (name: string) => string,
  file: GgufFile,
  config: LlamaConfig,
): Promise<RopeScaling> {
  const factors = file.tensors.get(ropeFactors)
  if (factors) return llama3Scaling(factors, config)
  const type = metadata.optionalText(of('rope.scaling.type')) ?? 'none'
  const factor = metadata.optionalNumber(of('rope.scaling.factor')) ?? NaN
  switch (type) {
    case 'none':
      return { type: 'none' }
    case 'linear':
      return { type: 'linear', factor }
    case 'yarn':
      return {
        type: 'yarn',
        factor,
        originalContextTokens: metadata.number(of('rope.scaling.original_context_length')),
        attentionFactor: yarnAttention(factor),
        betaFast: 32,
        betaSlow: 1,
      }
    default:
      return refuse(`its rotary positions are scaled by "${type}", which this version does not know`)
  }
}

/** Our names, without the block's, to llama.cpp's. */
const namesOf: Readonly<Record<string, string>> = {
  'model.embed_tokens': 'token_embd',
  'model.norm': 'output_norm',
  lm_head: 'output',
  input_layernorm: 'attn_norm',
  post_attention_layernorm: 'ffn_norm',
  'self_attn.q_proj': 'attn_q',
  'self_attn.k_proj': 'attn_k',
  'self_attn.v_proj': 'attn_v',
  'self_attn.o_proj': 'attn_output',
  'mlp.gate_proj': 'ffn_gate',
  'mlp.up_proj': 'ffn_up',
  'mlp.down_proj': 'ffn_down',
}

function placesIn(config: LlamaConfig, { tensors }: GgufFile): ReadonlyMap<string, Place> {
  return placesOf(
    { kind: 'language-model', config },
    tensors,
    (name) => layoutOf(config, name),
    (name) => name === ropeFactors,
  )
}

function layoutOf(config: LlamaConfig, name: string): Layout {
  const [, layer, own, part] = /^(?:model\.layers\.(\d+)\.)?(.+)\.(weight|bias)$/.exec(name) as unknown as [
    string,
    string | undefined,
    string,
    string,
  ]
  const theirs = `${layer === undefined ? '' : `blk.${layer}.`}${namesOf[own]!}.${part}`
  const isTransposed = name.endsWith('_proj.weight')
  const isPermuted = !config.hasBiases && /\.[qk]_proj\./.test(name)
  return { name: theirs, isTransposed, ...(isPermuted && { rowAt: unpermuted(config.headWidth) }) }
}

/**
 * llama.cpp rotates neighbours where Hugging Face's Llama rotates a number and the one half a head further,
 * so its conversion interleaves the halves of each head's rows; Qwen2 is rotated as here and left as it is.
 * @returns where a row of the file belongs: row 2i + h of a head was row h·D/2 + i
 */
const unpermuted =
  (headWidth: number) =>
  (row: number): number => {
    const within = row % headWidth
    return row - within + (within % 2) * (headWidth / 2) + (within >> 1)
  }
