/**
 * The families of decoders that llama.cpp knows, as its conversion writes them. Sources: llama.cpp,
 * gguf-py/gguf/constants.py and tensor_mapping.py; convert_hf_to_gguf.py.
 */
import { refuseFormat } from '../exporting/refuse-format'
import type { GgufLayout, GgufNetwork } from '../exporting/gguf-network'
import { ropeFactorsTensor, ropeFields } from '../exporting/gguf-rope'
import type { GgufFields } from '../weights/gguf-writing'
import type { DecoderConfig, LayerKind } from './decoder-config'
import { namesOf, type DecoderNames } from './decoder-names'

export interface GgufFamily {
  readonly architecture: string
  /** llama.cpp rotates neighbours, where Hugging Face rotates a number and the one half a head further. */
  readonly isPermuted?: boolean
  /** Which kind of block stands where is read or makes no difference. */
  readonly isMixed?: boolean
  /** Blocks as llama.cpp takes them to be else; it does not read which they are. */
  readonly kindOf?: (layer: number) => LayerKind
  readonly fields?: (config: DecoderConfig) => GgufFields
  /** What it computes otherwise, in words. */
  readonly problem?: (config: DecoderConfig) => string | undefined
}

const every =
  (step: number, inside: LayerKind, last: LayerKind) =>
  (layer: number): LayerKind =>
    (layer + 1) % step === 0 ? last : inside

const windowed = ({ design }: DecoderConfig): GgufFields => ({
  'attention.sliding_window': { u32: design.window },
})

/** llama.cpp has no choice of θ in blocks with a window. */
const gemma3Problem = ({ design: { positions } }: DecoderConfig): string | undefined =>
  positions.type === 'rotary' && positions.windowBase !== 10_000
    ? 'llama.cpp’s blocks with a window rotate by the base 10,000'
    : undefined

/** Blocks with a convolution have no heads of keys. */
const convolutions = ({ design, keyValueHeads }: DecoderConfig): GgufFields => ({
  'shortconv.l_cache': { u32: design.kernel },
  'attention.head_count_kv': {
    i32s: design.layers.map((kind) => (kind === 'convolution' ? 0 : keyValueHeads)),
  },
})

/** By family. */
export const ggufFamilies: Readonly<Record<string, GgufFamily>> = {
  llama: { architecture: 'llama', isPermuted: true },
  mistral: {
    architecture: 'llama',
    isPermuted: true,
    isMixed: true,
    problem: ({ design, contextTokens }) =>
      design.layers.includes('window') && design.window < contextTokens
        ? 'llama.cpp’s Mistral has no window'
        : undefined,
  },
  qwen3: { architecture: 'qwen3' },
  smollm3: { architecture: 'smollm3', isPermuted: true, kindOf: every(4, 'full', 'unrotated') },
  granite: {
    architecture: 'granite',
    isPermuted: true,
    fields: ({ design }) => ({
      'attention.scale': { f32: design.scoreScale },
      embedding_scale: { f32: design.embeddingScale },
      residual_scale: { f32: design.residualScale },
      logit_scale: { f32: design.logitDivisor },
    }),
  },
  olmo2: { architecture: 'olmo2' },
  gemma2: {
    architecture: 'gemma2',
    kindOf: every(2, 'window', 'full'),
    fields: (config) => ({
      ...windowed(config),
      attn_logit_softcapping: { f32: config.design.scoreCap },
      final_logit_softcapping: { f32: config.design.logitCap },
    }),
  },
  gemma3_text: {
    architecture: 'gemma3',
    kindOf: every(6, 'window', 'full'),
    fields: windowed,
    problem: gemma3Problem,
  },
  phi: { architecture: 'phi2' },
  lfm2: { architecture: 'lfm2', isMixed: true, fields: convolutions },
  stablelm: {
    architecture: 'stablelm',
    fields: ({ design }) => ({ use_parallel_residual: { flag: design.normPlace === 'shared' } }),
  },
}

function familyOf(config: DecoderConfig): GgufFamily {
  const { family, design, layers } = config
  const found = Object.hasOwn(ggufFamilies, family) ? ggufFamilies[family]! : undefined
  if (!found)
    return refuseFormat(
      `cannot hold a ${family}: llama.cpp knows ${Object.keys(ggufFamilies).join(', ')} among the decoders.`,
    )
  const problem = found.problem?.(config) ?? layersProblem(design.layers, found, layers)
  return problem === undefined ? found : refuseFormat(`cannot hold this model: ${problem}.`)
}

function layersProblem(
  kinds: readonly LayerKind[],
  { kindOf, isMixed = false }: GgufFamily,
  layers: number,
): string | undefined {
  const wanted = Array.from({ length: layers }, (_, layer) => kindOf?.(layer) ?? 'full')
  return isMixed || kinds.join() === wanted.join()
    ? undefined
    : 'llama.cpp’s blocks of this family see otherwise'
}

/** What each part is called there, by our name of the part. */
const parts: Readonly<Partial<Record<keyof DecoderNames, string>>> = {
  beforeAttention: 'attn_norm',
  afterAttention: 'post_attention_norm',
  beforeInner: 'ffn_norm',
  afterInner: 'post_ffw_norm',
  q: 'attn_q',
  k: 'attn_k',
  v: 'attn_v',
  o: 'attn_output',
  qNorm: 'attn_q_norm',
  kNorm: 'attn_k_norm',
  gate: 'ffn_gate',
  up: 'ffn_up',
  down: 'ffn_down',
  convIn: 'shortconv.in_proj',
  conv: 'shortconv.conv',
  convOut: 'shortconv.out_proj',
}
const linear: readonly string[] = [
  'shortconv.in_proj',
  'shortconv.out_proj',
  'attn_q',
  'attn_k',
  'attn_v',
  'attn_output',
  'ffn_gate',
  'ffn_up',
  'ffn_down',
]

/** @returns the name there without ".weight", and that of the part when it is a block's */
function theirName(names: DecoderNames, own: string): { readonly name: string; readonly part?: string } {
  if (own === names.tokens) return { name: 'token_embd' }
  if (own === names.lastNorm)
    return { name: own === 'model.embedding_norm' ? 'token_embd_norm' : 'output_norm' }
  if (own === 'lm_head') return { name: 'output' }
  const [, layer = '', rest = ''] = /^(\d+)\.(.+)$/.exec(own.slice(names.blocks.length + 1)) ?? []
  const [, part] = Object.entries(parts).find(([key]) => names[key as keyof DecoderNames] === rest) ?? []
  if (part === undefined) throw new Error(`llama.cpp has no name for "${own}"`)
  return { name: `blk.${layer}.${part}`, part }
}

function layout(config: DecoderConfig, name: string): GgufLayout {
  const { family, design, headWidth } = config
  const [, own = '', kind = ''] = /^(.+)\.(weight|bias)$/.exec(name) ?? []
  const { name: theirs, part = '' } = theirName(namesOf(family), own)
  const isMatrix = kind === 'weight' && linear.includes(part)
  const isRotated = part === 'attn_q' || part === 'attn_k'
  const isGain = design.norm === 'rms-from-one' && kind === 'weight' && theirs.endsWith('_norm')
  return {
    name: `${theirs}.${kind}`,
    isTransposed: isMatrix,
    ...(isRotated && ggufFamilies[family]?.isPermuted && { rowAt: neighbours(headWidth) }),
    ...(isGain && { shift: 1 }),
    ...(scalesQueries(config, part, kind) && { factor: design.scoreScale * Math.sqrt(headWidth) }),
    ...(part === 'shortconv.conv' && { shape: [config.width, design.kernel], isPrecise: true }),
  }
}

/**
 * llama.cpp divides scores by the root of a head's width, but of a Granite: another scale goes into the queries, or
 * into the gains of their norm.
 */
function scalesQueries({ design, family, headWidth }: DecoderConfig, part: string, kind: string): boolean {
  const isPlain = Math.abs(design.scoreScale * Math.sqrt(headWidth) - 1) < 1e-6
  if (isPlain || family === 'granite') return false
  return design.queryNorm === 'none' ? part === 'attn_q' : part === 'attn_q_norm' && kind === 'weight'
}

/** Row 2i + h of a head is its row h·D/2 + i. */
export const neighbours =
  (headWidth: number) =>
  (row: number): number => {
    const within = row % headWidth
    return row - within + (within % 2) * (headWidth / 2) + (within >> 1)
  }

export const decoderGguf: GgufNetwork<DecoderConfig> = {
  described(config) {
    const { design, heads, keyValueHeads, headWidth, normEpsilon } = config
    const { architecture, fields } = familyOf(config)
    const { positions } = design
    if (positions.type !== 'rotary') throw new Error('llama.cpp’s families rotate their positions')
    const norm = design.norm === 'layer' ? 'layer_norm_epsilon' : 'layer_norm_rms_epsilon'
    return {
      architecture,
      fields: {
        context_length: { u32: config.contextTokens },
        embedding_length: { u32: config.width },
        block_count: { u32: config.layers },
        feed_forward_length: { u32: config.innerWidth },
        vocab_size: { u32: config.vocabulary },
        'attention.head_count': { u32: heads },
        'attention.head_count_kv': { u32: keyValueHeads },
        'attention.key_length': { u32: headWidth },
        'attention.value_length': { u32: headWidth },
        [`attention.${norm}`]: { f32: normEpsilon },
        'rope.dimension_count': { u32: positions.rotatedWidth },
        ...ropeFields(positions),
        ...fields?.(config),
      },
    }
  },
  layout,
  others: ({ design: { positions } }) =>
    positions.type === 'rotary' ? ropeFactorsTensor(positions.rotatedWidth, positions) : [],
}
