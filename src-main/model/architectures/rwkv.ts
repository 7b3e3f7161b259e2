/** What the rows of RWKV-4 and RWKV-7 share: names, what stands around the blocks, words of adapters. */
import type { FieldProblem } from '../../../src-shared/result'
import type { ParameterSpec } from '../../compute/parameters'
import { blocksSpec, type NewModelSettings, type ProjectionWords, type Sizes } from './architecture'

/** The name of a block's tensor. */
export const nameIn = (layer: number, name: string): string => `blocks.${layer}.${name}`

/** BlinkDL's names and shapes, in their order in memory. */
export const rwkvSpec = (
  { layers, width, vocabulary }: Sizes,
  block: (isFirst: boolean) => ParameterSpec,
): ParameterSpec => ({
  'emb.weight': [vocabulary, width],
  ...blocksSpec(layers, nameIn, (layer) => block(layer === 0)),
  'ln_out.weight': [width],
  'ln_out.bias': [width],
  'head.weight': [vocabulary, width],
})

/**
 * Half the width of the embedding's first values: so small that the norm after it lets tokens find their
 * places quickly.
 */
export const embeddingBound = 1e-4

/** Where a vector stands in the network: its layer from 0 at the first to 1 at the last, and what is left. */
export function depthOf(name: string, layers: number): Depth {
  const layer = Number(/^blocks\.(\d+)\./.exec(name)?.[1] ?? 0)
  return { layer, depth: layers > 1 ? layer / (layers - 1) : 0, left: 1 - layer / layers }
}

export interface Depth {
  readonly layer: number
  readonly depth: number
  /** From 1 at the first layer down to 1 / layers at the last. */
  readonly left: number
}

export function fillEach(values: Float32Array, valueAt: (i: number) => number): void {
  for (let i = 0; i < values.length; i++) values[i] = valueAt(i)
}

export const outputProblems = ({ outputMatrix }: NewModelSettings): readonly FieldProblem[] =>
  outputMatrix === 'tied'
    ? [{ field: 'outputMatrix', problem: 'cannot be the embedding: RWKV has one of its own' }]
    : []

export const rwkvWords: ProjectionWords = {
  q: ['receptance'],
  k: ['att.key'],
  v: ['att.value'],
  o: ['att.output'],
  gate: ['ffn.receptance'],
  up: ['ffn.key'],
  down: ['ffn.value'],
}
