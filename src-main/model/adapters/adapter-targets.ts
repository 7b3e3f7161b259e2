/**
 * Which of a model's tensors a name, or a pattern over names, means: where adapters stand and what is frozen.
 */
import type { ProjectionWords } from '../architectures/architecture'
import { architectures } from '../architectures/architectures'
import type { ModelConfig } from '../model'
import { isDecayed, trunkSpec } from '../trunk-parameters'

/**
 * Parts of names that one word stands for, over all architectures. One matrix may do several things: it
 * answers to the word of each.
 */
const words: Readonly<Record<string, readonly string[]>> = {
  q: partsOf('q'),
  k: partsOf('k'),
  v: partsOf('v'),
  o: partsOf('o'),
  gate: partsOf('gate'),
  up: partsOf('up'),
  down: partsOf('down'),
  all: ['*'],
}

function partsOf(word: keyof ProjectionWords): readonly string[] {
  return Object.values(architectures).flatMap(({ words }) => words[word])
}

/**
 * Whether a name is meant by a list of patterns with commas between. A pattern is whole parts of a dotted
 * name, one after another, with * for anything: "mlp" and "h.0" and "ln_*" are in "transformer.h.0.mlp.c_fc",
 * "transformer.h.0.ln_1.weight". A word stands for its patterns.
 */
export function matcher(patterns: string): (name: string) => boolean {
  const expressions = patternsIn(patterns)
    .flatMap(({ means }) => means)
    .map(expressionOf)
  return (name) => expressions.some((expression) => expression.test(name))
}

/** The patterns of a list that mean none of these names. */
export const idlePatterns = (patterns: string, names: readonly string[]): readonly string[] =>
  patternsIn(patterns)
    .filter(({ means }) => !names.some((name) => means.some((pattern) => expressionOf(pattern).test(name))))
    .map(({ said }) => said)

const patternsIn = (
  patterns: string,
): readonly { readonly said: string; readonly means: readonly string[] }[] =>
  patterns
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '')
    .map((said) => ({ said, means: Object.hasOwn(words, said) ? words[said]! : [said] }))

const expressionOf = (pattern: string): RegExp =>
  new RegExp(
    `(^|\\.)${pattern
      .split('*')
      .map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'))
      .join('.*')}(\\.|$)`,
  )

/**
 * The linear layers of a trunk, by their names without ".weight". An output matrix that is the embedding is
 * none: it is looked up as well.
 */
export const projectionsOf = (config: ModelConfig): readonly string[] =>
  Object.entries(trunkSpec(config))
    .filter(([name, shape]) => isDecayed(name, shape))
    .map(([name]) => name.slice(0, -'.weight'.length))

/** Whether a projection is stored [out, in]: an output matrix. All others are [in, out]. */
export const isStoredBack = (projection: string): boolean => outputMatrices.has(projection)

const outputMatrices: ReadonlySet<string> = new Set(
  Object.values(architectures).map(({ outputMatrix }) => outputMatrix),
)

/** Which block a tensor belongs to; undefined before, after and beside the blocks. */
export function blockOf(name: string): number | undefined {
  const place = /(?:^|\.)(\d+)\./.exec(name)?.[1]
  return place === undefined ? undefined : Number(place)
}
