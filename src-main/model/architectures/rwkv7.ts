/** RWKV-7 (Peng et al. 2025, "RWKV-7 Goose with Expressive Dynamic State Evolution"): everything but the network. */
import type { Parameters, ParameterSpec } from '../../compute/parameters'
import { fillOrthogonal } from '../../maths/orthogonal'
import { fillUniform, type Random } from '../../maths/random'
import { headProblems, sizeFields, type Architecture } from './architecture'
import type { Rwkv7Config } from './rwkv7-config'
import { rwkv7Form } from './rwkv7-form'
import { depthOf, embeddingBound, fillEach, outputProblems, rwkvSpec, rwkvWords } from './rwkv'

/**
 * Names and shapes, in their order in memory: BlinkDL's names. Linear layers are stored [in, out] where
 * BlinkDL has [out, in], vectors [C] where he has [1, 1, C]; the small matrices, the embedding and the output
 * matrix are as there. The first block mixes no values, so it has no v0, v1, v2.
 */
const spec = (config: Rwkv7Config): ParameterSpec => rwkvSpec(config, (isFirst) => block(config, isFirst))

function block(
  { width, headWidth, innerWidth, decayRank, rateRank, valueRank, gateRank }: Rwkv7Config,
  isFirst: boolean,
): ParameterSpec {
  return {
    ...(isFirst ? { 'ln0.weight': [width], 'ln0.bias': [width] } : {}),
    'ln1.weight': [width],
    'ln1.bias': [width],
    'ln2.weight': [width],
    'ln2.bias': [width],
    'att.x_r': [width],
    'att.x_w': [width],
    'att.x_k': [width],
    'att.x_v': [width],
    'att.x_a': [width],
    'att.x_g': [width],
    'att.w0': [width],
    'att.w1': [width, decayRank],
    'att.w2': [decayRank, width],
    'att.a0': [width],
    'att.a1': [width, rateRank],
    'att.a2': [rateRank, width],
    ...(isFirst ? {} : { 'att.v0': [width], 'att.v1': [width, valueRank], 'att.v2': [valueRank, width] }),
    'att.g1': [width, gateRank],
    'att.g2': [gateRank, width],
    'att.k_k': [width],
    'att.k_a': [width],
    'att.r_k': [width / headWidth, headWidth],
    'att.receptance.weight': [width, width],
    'att.key.weight': [width, width],
    'att.value.weight': [width, width],
    'att.output.weight': [width, width],
    'att.ln_x.weight': [width],
    'att.ln_x.bias': [width],
    'ffn.x_k': [width],
    'ffn.key.weight': [width, innerWidth],
    'ffn.value.weight': [innerWidth, width],
  }
}

/**
 * Fills the parameters as in RWKV-v7/train_temp/src/model.py (`RWKV_Tmix_x070`, `RWKV_CMix_x070`,
 * `generate_init_weight`; Peng et al. 2025, App. D): output matrices of both mixings zero, the other linear
 * layers orthogonal, the second of each pair of small matrices orthogonal and the first zero.
 */
function initialise(parameters: Parameters, config: Rwkv7Config, random: Random): void {
  const { width, vocabulary } = config
  for (const [name, shape] of Object.entries(spec(config))) {
    const values = parameters.view(name)
    const [rows, columns] = shape as readonly [number, number]
    const orthogonal = (gain: number): void => fillOrthogonal(values, rows, columns, gain, random)
    if (shape.length === 1) fillVector(values, name, config)
    else if (name === 'emb.weight') fillUniform(values, embeddingBound, random)
    else if (name === 'head.weight') orthogonal(0.5 * Math.sqrt(Math.max(1, vocabulary / width)))
    else if (/\.(receptance|value|key)\.weight$/.test(name) && !name.includes('ffn.value'))
      orthogonal(name.includes('att.key') ? 0.1 : 1)
    else if (/\.[wavg]2$/.test(name)) orthogonal(0.1 * Math.sqrt(Math.max(1, rows / columns)))
    else values.fill(name.endsWith('.r_k') ? -0.04 : 0)
  }
}

/** Fills a vector by its place in the network. */
function fillVector(values: Float32Array, name: string, { layers, headWidth }: Rwkv7Config): void {
  const width = values.length
  const { layer, depth, left } = depthOf(name, layers)
  const slope = (i: number): number => i / Math.max(1, width - 1) - 0.5
  const zigzag = (i: number): number => zigzagOf(i % headWidth, headWidth)
  const mix = (power: number): void => fillEach(values, (i) => 1 - (i / width) ** power)
  const decay = (i: number): number =>
    -6 + 6 * (i / Math.max(1, width - 1)) ** (1 + depth ** 0.3) + 0.5 + 2.5 * zigzag(i)
  const part = name.slice(name.indexOf('.', 'blocks.'.length) + 1)
  switch (part) {
    case 'att.x_r':
    case 'att.x_g':
      return mix(0.2 * left)
    case 'att.x_w':
    case 'att.x_a':
      return mix(0.9 * left)
    case 'att.x_k':
    case 'att.x_v':
      return mix(0.7 * left)
    case 'att.w0':
      return fillEach(values, decay)
    case 'att.a0':
      return fillEach(values, (i) => -0.19 + 0.3 * zigzag(i) + 0.4 * slope(i))
    case 'att.v0':
      return fillEach(values, (i) => 0.73 - 0.4 * slope(i))
    case 'att.k_k':
      return fillEach(values, (i) => 0.71 - 0.1 * slope(i))
    case 'att.k_a':
      return fillEach(values, () => 1.02)
    case 'att.ln_x.weight':
      return fillEach(values, () => ((1 + layer) / layers) ** 0.7)
    case 'ffn.x_k':
      return mix(left ** 4)
    default:
      values.fill(name.endsWith('.weight') ? 1 : 0)
  }
}

/** From −1 over 0 to 1 within a head, bent. */
function zigzagOf(i: number, headWidth: number): number {
  const at = (i - (headWidth - 1) / 2) / Math.max(0.5, (headWidth - 1) / 2)
  return at * Math.abs(at)
}

/**
 * Rank of a small matrix: about a multiple of √C, in steps of 32 (BlinkDL, RWKV-v7/train_temp/src/model.py).
 */
const rankOf = (times: number, width: number): number =>
  Math.max(32, Math.round((times * Math.sqrt(width)) / 32) * 32)

export const rwkv7: Architecture<Rwkv7Config> = {
  title: 'RWKV-7',
  fields: {
    ...sizeFields,
    headWidth: 'count',
    innerWidth: 'count',
    decayRank: 'count',
    rateRank: 'count',
    valueRank: 'count',
    gateRank: 'count',
  },
  check({ width, headWidth }) {
    if (width % headWidth !== 0)
      throw new Error(`heads as wide as ${headWidth} do not divide a width of ${width}`)
  },

  newConfig: ({ layers, heads, width, contextTokens }, vocabulary) => ({
    architecture: 'rwkv7',
    layers,
    width,
    contextTokens,
    vocabulary,
    headWidth: width / heads,
    innerWidth: 4 * width,
    decayRank: rankOf(2.5, width),
    rateRank: rankOf(2.5, width),
    valueRank: rankOf(1.7, width),
    gateRank: rankOf(5, width),
  }),
  newProblems: (settings) => [...headProblems(settings, { isRotated: false }), ...outputProblems(settings)],

  spec,
  initialise,
  embeddings: ['emb.weight'],
  outputMatrix: 'head',
  words: rwkvWords,
  huggingFace: rwkv7Form,
}
