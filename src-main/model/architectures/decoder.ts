/** Decoders of the families after Llama: everything but the network. Which there are says `families.ts`. */
import { families } from '../families/families'
import type { Family } from '../families/family'
import { checkRopeScaling } from '../layers/rope-scaling'
import { headProblems, sizeFields, type Architecture } from './architecture'
import { plainDesign, type DecoderConfig, type DecoderDesign } from './decoder-config'
import { decoderGguf } from './decoder-gguf'
import { decoderGgufForm } from './decoder-gguf-form'
import { decoderNames, namesOf } from './decoder-names'
import { decoderSpec, initialiseDecoder } from './decoder-parameters'

/** Inner width of the gated feed-forward: Qwen3's is three times the width. */
const gatedWidth = (width: number): number => 3 * width

/** What each choice of a design may be. */
const choices: Readonly<Record<string, readonly unknown[]>> = {
  norm: ['rms', 'rms-from-one', 'layer'],
  normPlace: ['before', 'after', 'around', 'shared'],
  queryNorm: ['none', 'a-head', 'whole'],
  activation: ['silu', 'gelu', 'gelu-tanh', 'relu'],
  isGated: [true, false],
}
const kinds: readonly unknown[] = ['full', 'window', 'unrotated', 'convolution']
const biases: readonly unknown[] = ['query-key-value', 'attention-output', 'feed-forward', 'output-matrix']
const numbersAboveZero = ['scoreScale', 'embeddingScale', 'residualScale', 'logitDivisor'] as const
const numbersFromZero = ['window', 'scoreCap', 'logitCap', 'kernel'] as const

function checkDesign({ design, layers, headWidth }: DecoderConfig): void {
  for (const [name, known] of Object.entries(choices))
    if (!known.includes(Reflect.get(design, name))) throw improper(name)
  for (const name of numbersAboveZero)
    if (!(Number.isFinite(design[name]) && design[name] > 0)) throw improper(name)
  for (const name of numbersFromZero)
    if (!(Number.isFinite(design[name]) && design[name] >= 0)) throw improper(name)
  if (!areAll(design.biases, biases)) throw improper('biases')
  if (!areAll(design.layers, kinds) || design.layers.length !== layers) throw improper('layers')
  if (design.layers.includes('window') && !Number.isSafeInteger(design.window)) throw improper('window')
  if (design.layers.includes('window') && design.window < 1) throw improper('window')
  if (design.layers.includes('convolution') && !(Number.isSafeInteger(design.kernel) && design.kernel > 1))
    throw improper('kernel')
  checkPositions(design.positions, headWidth)
}

const areAll = (found: unknown, known: readonly unknown[]): boolean =>
  Array.isArray(found) && found.every((each) => known.includes(each))

const improper = (name: string): Error => new Error(`the design of its blocks has no proper "${name}"`)

function checkPositions(positions: DecoderDesign['positions'], headWidth: number): void {
  if (positions.type === 'learned') {
    if (!Number.isSafeInteger(positions.offset) || positions.offset < 0) throw improper('positions')
    return
  }
  const { rotatedWidth, ropeBase, ropeScaling, windowBase } = positions
  if (!Number.isSafeInteger(rotatedWidth) || rotatedWidth < 2 || rotatedWidth % 2 !== 0)
    throw new Error(`${rotatedWidth} of a head’s numbers cannot be rotated: the number must be even`)
  if (rotatedWidth > headWidth) throw improper('positions')
  for (const base of [ropeBase, windowBase ?? 2]) if (!(base > 1)) throw improper('positions')
  checkRopeScaling(ropeScaling, rotatedWidth)
}

const familyOf = ({ family }: DecoderConfig): Family => {
  if (!Object.hasOwn(families, family))
    throw new Error(`it is of the family "${family}", which this version does not know`)
  return families[family]!
}

const byModelType: ReadonlyMap<string, readonly [name: string, family: Family]> = new Map(
  Object.entries(families).flatMap(([name, family]) =>
    family.modelTypes.map((type) => [type, [name, family]] as const),
  ),
)

const lastNormOf = ({ family }: DecoderConfig): string => namesOf(family).lastNorm
const allNames = Object.values(decoderNames)
const partsOf = (...names: readonly string[]): readonly string[] => [...new Set(names)]

export const decoder: Architecture<DecoderConfig> = {
  title: 'Decoder',
  fields: {
    ...sizeFields,
    family: 'text',
    heads: 'count',
    keyValueHeads: 'count',
    headWidth: 'count',
    innerWidth: 'count',
    normEpsilon: 'number',
    isTied: 'flag',
    design: 'object',
  },
  check(config) {
    const { heads, keyValueHeads } = config
    familyOf(config)
    if (heads % keyValueHeads !== 0)
      throw new Error(`${keyValueHeads} heads of keys and values do not divide ${heads} heads`)
    checkDesign(config)
  },

  newConfig: ({ layers, heads, width, contextTokens, outputMatrix }, vocabulary) => ({
    architecture: 'decoder',
    family: 'qwen3',
    layers,
    width,
    contextTokens,
    vocabulary,
    heads,
    keyValueHeads: heads,
    headWidth: width / heads,
    innerWidth: gatedWidth(width),
    normEpsilon: 1e-6,
    isTied: outputMatrix !== 'own',
    design: {
      ...plainDesign(layers, width / heads, { ropeBase: 10_000, ropeScaling: { type: 'none' } }),
      queryNorm: 'a-head',
    },
  }),
  newProblems: (settings) => headProblems(settings, { isRotated: true }),

  spec: decoderSpec,
  initialise: initialiseDecoder,
  embeddings: partsOf(
    ...allNames.flatMap(({ tokens, positions }) => [`${tokens}.weight`, `${positions}.weight`]),
  ),
  outputMatrix: 'lm_head',
  words: {
    q: ['q_proj'],
    k: ['k_proj'],
    v: ['v_proj'],
    o: partsOf(...allNames.map(({ o }) => o)),
    gate: partsOf(...allNames.map(({ gate }) => gate)),
    up: partsOf(...allNames.map(({ up }) => up)),
    down: partsOf(...allNames.map(({ down }) => down)),
  },

  huggingFace: {
    modelTypes: [...byModelType.keys()],
    read(json, modelType) {
      const [family, row] = byModelType.get(modelType)!
      return { architecture: 'decoder', family, ...row.read(json, modelType) }
    },
    withoutOutput: ({ design, ...config }) => ({
      ...config,
      isTied: true,
      design: { ...design, biases: design.biases.filter((bias) => bias !== 'output-matrix') },
    }),
    namesOf: (config) => familyOf(config).names,
    written: (config) => familyOf(config).written(config),
    prefix: ({ family }) => /^(transformer|model\.decoder|model)\./.exec(namesOf(family).tokens)![0],
    isTransposed: (name) =>
      /\.([qkvo]_proj|out_proj|in_proj|dense|gate_proj|up_proj|down_proj|fc[12]|c_fc|c_proj|w[123])\.weight$/.test(
        name,
      ),
    fanInFanOut: false,
    isLeftOver: (name, { isTied }) =>
      /(^|\.)(rotary_emb\.inv_freq|attention\.(bias|masked_bias))$/.test(name) ||
      (isTied && name === 'lm_head.weight'),
    lastBias: (config) => (config.design.norm === 'layer' ? `${lastNormOf(config)}.bias` : undefined),
  },
  gguf: decoderGgufForm,
  ggufNetwork: decoderGguf,
}
