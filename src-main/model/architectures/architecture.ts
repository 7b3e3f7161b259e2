/**
 * What an architecture is to the rest of the studio, but for its network: a row of `architectures.ts`. Each
 * architecture fills one in, in a file of its own; its network is a row of `networks.ts`. Nothing here computes
 * with tensors.
 */
import type { PretrainSettings } from '../../../src-shared/recipes/pretrain'
import type { FieldProblem } from '../../../src-shared/result'
import type { Parameters, ParameterSpec } from '../../compute/parameters'
import type { Random } from '../../maths/random'
import type { OnnxForm } from '../exporting/onnx-form'
import type { GgufNetwork } from '../exporting/gguf-network'
import type { GgufForm } from '../importing/gguf-form'
import type { HuggingFaceForm } from '../importing/hugging-face-form'

/** What every architecture has. */
export interface Sizes {
  readonly layers: number
  /** Width of the residual stream. */
  readonly width: number
  /** Longest sequence. */
  readonly contextTokens: number
  /** Tokens the embedding knows. */
  readonly vocabulary: number
}

/** count: a whole number from 1. number: above 0. text and object: checked by the row. */
export type FieldKind = 'count' | 'number' | 'flag' | 'text' | 'object'

/** What a configuration has beside its name, and of which kind each is. */
export type FieldsOf<C> = Readonly<Record<Exclude<keyof C, 'architecture'>, FieldKind>>

export const sizeFields = {
  layers: 'count',
  width: 'count',
  contextTokens: 'count',
  vocabulary: 'count',
} as const satisfies FieldsOf<Sizes>

/** What a new model is made from. */
export type NewModelSettings = Pick<
  PretrainSettings,
  | 'architecture'
  | 'layers'
  | 'heads'
  | 'width'
  | 'contextTokens'
  | 'outputMatrix'
  | 'queryNorm'
  | 'tokenizer'
  | 'vocabulary'
>

/** What a word of the form's "trained part" means here: parts of the names of projections. */
export interface ProjectionWords {
  readonly q: readonly string[]
  readonly k: readonly string[]
  readonly v: readonly string[]
  readonly o: readonly string[]
  readonly gate: readonly string[]
  readonly up: readonly string[]
  readonly down: readonly string[]
}

/**
 * @typeParam C its configuration. The functions are written as methods, so that the row of a configuration's own
 *   name takes that configuration without a cast.
 */
export interface Architecture<C extends Sizes = Sizes> {
  /** As people call it. */
  readonly title: string
  /** Every field of its configuration. */
  readonly fields: FieldsOf<C>
  /** What a file means that was written before there was such a field. */
  readonly assumed?: Partial<C>
  /** Sizes that do not go together; those of `fields` are proper by then. @throws Error in words */
  check(config: C): void

  /** Sizes as its authors have them where the settings do not say. */
  newConfig(settings: NewModelSettings, vocabulary: number): C
  /** Settings that are each within their bounds and do not go together for it. */
  newProblems(settings: NewModelSettings): readonly FieldProblem[]
  /** Whether the setting that norms queries and keys is for it. */
  readonly hasQueryNorm?: boolean

  /** Names and shapes of the trunk, in their order in memory. */
  spec(config: C): ParameterSpec
  /** Fills the trunk's parameters with their first values; heads beside it are left alone. */
  initialise(parameters: Parameters, config: C, random: Random): void
  /** Tables that are looked up, by their names: neither decayed nor adapted. */
  readonly embeddings: readonly string[]
  /** The output matrix where it is one of its own, without ".weight"; it is stored [out, in]. */
  readonly outputMatrix: string
  /** Which of its projections adapters stand on by a word. */
  readonly words: ProjectionWords

  /** How Hugging Face's library has it, if it does. */
  readonly huggingFace?: HuggingFaceForm<C>
  /** How GGUF files have it, if they are read. */
  readonly gguf?: GgufForm<C>
  /** Its graph for transformers.js, if it is written. */
  readonly onnx?: OnnxForm<C>
  /** How llama.cpp has it, for writing. */
  readonly ggufNetwork?: GgufNetwork<C>
}

/** Names of a block's tensors for every layer, with their shapes, in order. */
export const blocksSpec = (
  layers: number,
  nameIn: (layer: number, name: string) => string,
  block: (layer: number) => ParameterSpec,
): ParameterSpec =>
  Object.fromEntries(
    Array.from({ length: layers }, (_, layer) =>
      Object.entries(block(layer)).map(([name, shape]) => [nameIn(layer, name), shape] as const),
    ).flat(),
  )

/** Heads that do not divide the width, or leave each a width that cannot be rotated. */
export function headProblems(
  { heads, width }: NewModelSettings,
  { isRotated }: { readonly isRotated: boolean },
): readonly FieldProblem[] {
  if (width % heads !== 0)
    return [
      {
        field: 'heads',
        problem: `must divide the width: ${width} channels cannot be split over ${heads} heads`,
      },
    ]
  if (!isRotated || (width / heads) % 2 === 0) return []
  return [
    {
      field: 'heads',
      problem:
        `must leave each head an even width, which its positions rotate: ${width} channels over ${heads} ` +
        `heads are ${width / heads} each`,
    },
  ]
}

/** @throws Error in words when a head cannot be rotated */
export function checkRotated(headWidth: number): void {
  if (headWidth % 2 !== 0)
    throw new Error(`a head as wide as ${headWidth} cannot be rotated: the width must be even`)
}
