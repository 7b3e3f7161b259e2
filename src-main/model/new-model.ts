/**
 * A new model from the settings of pretraining: which architecture in which sizes, and what does not go
 * together. Nothing here computes with tensors.
 */
import type { PretrainSettings } from '../../src-shared/recipes/pretrain'
import type { FieldProblem } from '../../src-shared/result'
import { listed } from '../../src-shared/words'
import type { NewModelSettings } from './architectures/architecture'
import { architectures } from './architectures/architectures'
import type { ModelConfig } from './model'
import { architectureOf } from './model-config'

/** Sizes as each architecture's authors have them, where the settings do not say. */
export const configOf = (settings: NewModelSettings, vocabulary: number): ModelConfig =>
  architectureOf(settings).newConfig(settings, vocabulary)

const together = [
  'architecture',
  'layers',
  'heads',
  'width',
  'contextTokens',
  'outputMatrix',
  'queryNorm',
  'tokenizer',
  'vocabulary',
  'trainOn',
  'packing',
] as const

/**
 * Settings of pretraining that are each within their bounds and do not go together. One that is not within
 * them has no value here.
 */
export function pretrainProblems(given: Partial<PretrainSettings>): readonly FieldProblem[] {
  if (together.some((name) => given[name] === undefined)) return []
  const settings = given as PretrainSettings
  const problems = modelProblems(settings)
  return settings.trainOn === 'completion' && settings.packing !== 'one-text-a-row'
    ? [
        ...problems,
        { field: 'packing', problem: 'must be one text a row where the loss is on the completion alone' },
      ]
    : problems
}

function modelProblems(settings: NewModelSettings): readonly FieldProblem[] {
  const row = architectureOf(settings)
  const problems = row.newProblems(settings)
  if (settings.queryNorm === 'off' || row.hasQueryNorm) return problems
  return [...problems, { field: 'queryNorm', problem: `is for ${listed(titlesWithQueryNorm())} alone` }]
}

const titlesWithQueryNorm = (): readonly string[] =>
  Object.values(architectures)
    .filter(({ hasQueryNorm }) => hasQueryNorm)
    .map(({ title }) => title)

/**
 * Before the texts are read.
 * @param characters different ones in them, if that is known: printable ASCII is always there, and the end
 *   token
 */
export function likelyVocabulary({ tokenizer, vocabulary }: NewModelSettings, characters = 0): number {
  switch (tokenizer) {
    case 'character':
      return Math.max(97, characters + 1)
    case 'byte':
      return 257
    case 'bpe':
      return vocabulary
    case 'gpt2':
      return 50_257
  }
}
