/**
 * A new model from the settings of pretraining: which architecture in which sizes, and what does not go
 * together. Nothing here computes with tensors.
 */
import type { PretrainSettings } from '../../src-shared/recipes/pretrain'
import type { FieldProblem } from '../../src-shared/result'
import type { ModelConfig } from './model'

/** What a model is made from. */
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

/**
 * Inner width of Llama's gated feed-forward: as many numbers as one of four times the width without a gate
 * (Touvron et al. 2023, §2.2), in eights.
 */
const gatedWidth = (width: number): number => Math.ceil((8 * width) / 3 / 8) * 8

/**
 * Rank of a small matrix of RWKV-7: about a multiple of √C, in steps of 32 (BlinkDL,
 * RWKV-v7/train_temp/src/model.py).
 */
const rankOf = (times: number, width: number): number =>
  Math.max(32, Math.round((times * Math.sqrt(width)) / 32) * 32)

/** Sizes as each architecture's authors have them, where the settings do not say. */
export function configOf(
  { architecture, layers, heads, width, contextTokens, outputMatrix, queryNorm }: NewModelSettings,
  vocabulary: number,
): ModelConfig {
  const sizes = { layers, width, contextTokens, vocabulary }
  const headWidth = width / heads
  const isTied = outputMatrix !== 'own'
  switch (architecture) {
    case 'gpt':
      return { architecture, ...sizes, heads, isTied }
    case 'llama':
      return {
        architecture,
        ...sizes,
        heads,
        keyValueHeads: heads,
        headWidth,
        innerWidth: gatedWidth(width),
        normEpsilon: 1e-5,
        ropeBase: 10_000,
        ropeScaling: { type: 'none' },
        isTied,
        hasBiases: false,
      }
    case 'palm':
      return {
        architecture,
        ...sizes,
        heads,
        headWidth,
        innerWidth: 4 * width,
        xposBase: 512,
        hasNormedQueries: queryNorm === 'on',
        isTied,
      }
    case 'rwkv4':
      return { architecture, ...sizes, innerWidth: 4 * width }
    case 'rwkv7':
      return {
        architecture,
        ...sizes,
        headWidth,
        innerWidth: 4 * width,
        decayRank: rankOf(2.5, width),
        rateRank: rankOf(2.5, width),
        valueRank: rankOf(1.7, width),
        gateRank: rankOf(5, width),
      }
  }
}

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
  const { architecture, heads, width, outputMatrix, queryNorm } = settings
  const isRecurrent = architecture === 'rwkv4' || architecture === 'rwkv7'
  const isRotated = architecture === 'llama' || architecture === 'palm'
  const problems: FieldProblem[] = []
  if (architecture !== 'rwkv4' && width % heads !== 0)
    problems.push({
      field: 'heads',
      problem: `must divide the width: ${width} channels cannot be split over ${heads} heads`,
    })
  else if (isRotated && (width / heads) % 2 !== 0)
    problems.push({
      field: 'heads',
      problem:
        `must leave each head an even width, which its positions rotate: ${width} channels over ${heads} ` +
        `heads are ${width / heads} each`,
    })
  if (isRecurrent && outputMatrix === 'tied')
    problems.push({ field: 'outputMatrix', problem: 'cannot be the embedding: RWKV has one of its own' })
  if (architecture !== 'palm' && queryNorm === 'on')
    problems.push({ field: 'queryNorm', problem: 'is for PaLM alone' })
  return problems
}

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
