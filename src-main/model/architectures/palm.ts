/** PaLM (Chowdhery et al. 2022), as in PaLM-rlhf-pytorch: everything but the network. */
import type { Parameters, ParameterSpec } from '../../compute/parameters'
import { fillNormal, fillUniform, type Random } from '../../maths/random'
import {
  blocksSpec,
  checkRotated,
  headProblems,
  sizeFields,
  type Architecture,
  type Sizes,
} from './architecture'

/** One key and one value for all heads. */
export interface PalmConfig extends Sizes {
  readonly architecture: 'palm'
  readonly heads: number
  readonly headWidth: number
  /** Width of the feed-forward's inside. */
  readonly innerWidth: number
  /** Positions after which xPos fades once more by its factor (Sun et al. 2022). */
  readonly xposBase: number
  /** Queries and keys have length 1 before they meet, times a learned gain. */
  readonly hasNormedQueries: boolean
  readonly isTied: boolean
}

/** The name of a block's tensor. */
export const nameIn = (layer: number, name: string): string => `layers.${layer}.fn.${name}`

/**
 * Names and shapes, in their order in memory: PaLM-rlhf-pytorch's names. Linear layers are stored [in, out],
 * as in GPT-2, where PyTorch has [out, in]: whoever reads or writes its files transposes. The fused
 * projection makes queries, key, value, feed-forward and its gate, in this order.
 */
function spec(config: PalmConfig): ParameterSpec {
  const { layers, width, vocabulary, isTied } = config
  return {
    'token_emb.weight': [vocabulary, width],
    ...blocksSpec(layers, nameIn, () => block(config)),
    'norm.gamma': [width],
    ...(isTied ? {} : { 'to_logits.weight': [vocabulary, width] }),
  }
}

function block({ heads, headWidth, width, innerWidth, hasNormedQueries }: PalmConfig): ParameterSpec {
  const inside = heads * headWidth
  return {
    'norm.gamma': [width],
    ...(hasNormedQueries ? { q_scale: [headWidth], k_scale: [headWidth] } : {}),
    'fused_attn_ff_proj.weight': [width, inside + 2 * headWidth + 2 * innerWidth],
    'attn_out.weight': [inside, width],
    'ff_out.2.weight': [innerWidth, width],
  }
}

/**
 * Fills the parameters: N(0, 0.02) for the embedding (and an output matrix of its own), gains 1, and
 * PyTorch's default for linear layers, uniform within ±1/√in (He et al. 2015 with a = √5). Source:
 * palm_rlhf_pytorch/palm.py.
 */
function initialise(parameters: Parameters, config: PalmConfig, random: Random): void {
  for (const [name, shape] of Object.entries(spec(config))) {
    const values = parameters.view(name)
    if (shape.length === 1) values.fill(1)
    else if (name === 'token_emb.weight' || name === 'to_logits.weight') fillNormal(values, 0.02, random)
    else fillUniform(values, 1 / Math.sqrt(shape[0]!), random)
  }
}

export const palm: Architecture<PalmConfig> = {
  title: 'PaLM',
  fields: {
    ...sizeFields,
    heads: 'count',
    headWidth: 'count',
    innerWidth: 'count',
    xposBase: 'number',
    hasNormedQueries: 'flag',
    isTied: 'flag',
  },
  check: ({ headWidth }) => checkRotated(headWidth),

  newConfig: ({ layers, heads, width, contextTokens, outputMatrix, queryNorm }, vocabulary) => ({
    architecture: 'palm',
    layers,
    width,
    contextTokens,
    vocabulary,
    heads,
    headWidth: width / heads,
    innerWidth: 4 * width,
    xposBase: 512,
    hasNormedQueries: queryNorm === 'on',
    isTied: outputMatrix !== 'own',
  }),
  newProblems: (settings) => headProblems(settings, { isRotated: true }),
  hasQueryNorm: true,

  spec,
  initialise,
  embeddings: ['token_emb.weight'],
  outputMatrix: 'to_logits',
  words: {
    q: ['fused_attn_ff_proj'],
    k: ['fused_attn_ff_proj'],
    v: ['fused_attn_ff_proj'],
    o: ['attn_out'],
    gate: ['fused_attn_ff_proj'],
    up: ['fused_attn_ff_proj'],
    down: ['ff_out.2'],
  },
}
