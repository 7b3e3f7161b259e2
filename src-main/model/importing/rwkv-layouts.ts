/**
 * How RWKV-4 and RWKV-7 are published: whose names, and what the shapes say of the network. No file is needed
 * for its sizes. Sources: BlinkDL/RWKV-LM, RWKV-v4neo/src/model.py and RWKV-v7/train_temp/src/model.py;
 * transformers, models/rwkv/modeling_rwkv.py; fla-org/flash-linear-attention, utils/convert_from_rwkv7.py and
 * fla/layers/rwkv7.py.
 */
import { sizeOf } from '../../compute/parameters'
import { checkConfig } from '../model-config'
import type { Rwkv4Config } from '../architectures/rwkv4'
import type { Rwkv7Config } from '../architectures/rwkv7-config'
import type { Only } from './json-fields'
import { believed, refuse } from '../weights/refusal'
import { inFla, inTransformers, isLinear, isLinearInFla } from './rwkv-names'
import type { StoredTensor } from '../weights/stored-tensor'
import type { Layout } from '../weights/layout'

type Stored = ReadonlyMap<string, StoredTensor>

export interface RwkvLayout {
  readonly architecture: 'rwkv4' | 'rwkv7'
  /** Of each of our names, which are BlinkDL's. */
  readonly of: (name: string) => Layout
  /** What a config.json beside it may say, because the network here has no other way. */
  readonly only: Only
}

/**
 * By a tensor that only it has. Some of transformers' halve the stream every few blocks for half precision's
 * sake (rescale_every): only the norms' epsilon sees it.
 */
const layouts: Readonly<Record<string, RwkvLayout>> = {
  'blocks.0.att.time_decay': {
    architecture: 'rwkv4',
    of: (name) => ({ name, isTransposed: isLinear(name) }),
    only: {},
  },
  'blocks.0.att.x_r': {
    architecture: 'rwkv7',
    of: (name) => ({ name, isTransposed: isLinear(name) }),
    only: {},
  },
  'rwkv.blocks.0.attention.time_decay': {
    architecture: 'rwkv4',
    of: (name) => ({ name: inTransformers(name), isTransposed: isLinear(name) }),
    only: { layer_norm_epsilon: [1e-5], tie_word_embeddings: [false] },
  },
  'model.layers.0.attn.x_r': {
    architecture: 'rwkv7',
    of: (name) => ({ name: inFla(name), isTransposed: isLinearInFla(name) }),
    only: {
      hidden_act: ['sqrelu'],
      norm_eps: [1e-5],
      norm_first: [true],
      head_dim: [64],
      attn: [null],
      tie_word_embeddings: [false],
    },
  },
}

/** @throws WeightsError when the tensors are of no RWKV that is known here */
export function rwkvLayoutOf(stored: Stored): RwkvLayout {
  if (
    [...stored.keys()].some((name) =>
      /^blocks\.0\.att\.(time_faaaa|time_maa_x|gate\.weight)$|\.attention\.gate\.weight$/.test(name),
    )
  )
    refuse('it is an RWKV-5 or RWKV-6; RWKV-4 and RWKV-7 are read')
  const telling = Object.keys(layouts).find((name) => stored.has(name))
  return telling === undefined
    ? refuse(
        `it is no RWKV-4 or RWKV-7: it has none of the tensors ${Object.keys(layouts)
          .map((name) => `"${name}"`)
          .join(', ')}`,
      )
    : layouts[telling]!
}

/** Vectors are published as [1, 1, C], here as [C]. */
export const withPlainVectors = (stored: Stored): Stored =>
  new Map(
    [...stored].map(([name, tensor]) => [
      name,
      tensor.shape.length === 3 && tensor.shape.at(-1) === sizeOf(tensor.shape)
        ? { ...tensor, shape: [sizeOf(tensor.shape)] }
        : tensor,
    ]),
  )

/** What the first block has in the files of some, and no network reads: it mixes no values. */
export const isUnusedByRwkv7 = (name: string): boolean => /^blocks\.0\.att\.v[012]$/.test(name)

/** @throws WeightsError when a tensor that says a size is missing, or sizes do not fit together */
export function rwkvConfigOf(
  { architecture, of }: RwkvLayout,
  stored: Stored,
  contextTokens: number,
): Rwkv4Config | Rwkv7Config {
  const shapeOf = (name: string): readonly [number, number] => {
    const layout = of(name)
    const shape = stored.get(layout.name)?.shape ?? refuse(`the tensor "${layout.name}" is missing`)
    if (shape.length !== 2)
      refuse(`the tensor "${layout.name}" has the shape [${shape}] where rows and columns are wanted`)
    return (layout.isTransposed ? [shape[1], shape[0]] : shape) as [number, number]
  }
  const [vocabulary, width] = shapeOf('emb.weight')
  const [, innerWidth] = shapeOf('blocks.0.ffn.key.weight')
  let layers = 1
  while (stored.has(of(`blocks.${layers}.ln1.weight`).name)) layers++
  const sizes = { layers, width, innerWidth, contextTokens, vocabulary }
  const rankOf = (name: string): number => shapeOf(name)[1]
  const config: Rwkv4Config | Rwkv7Config =
    architecture === 'rwkv4'
      ? { architecture, ...sizes }
      : {
          architecture,
          ...sizes,
          headWidth: rankOf('blocks.0.att.r_k'),
          decayRank: rankOf('blocks.0.att.w1'),
          rateRank: rankOf('blocks.0.att.a1'),
          gateRank: rankOf('blocks.0.att.g1'),
          // of one block alone it means nothing
          valueRank: rankOf(layers > 1 ? 'blocks.1.att.v1' : 'blocks.0.att.a1'),
        }
  believed(() => checkConfig(config))
  return config
}
