/**
 * From logits to a token: what was said is made less likely, then temperature, then what is too unlikely is left
 * out, then one uniform draw laid on the cumulative distribution in order of id. Temperature 0 takes the
 * likeliest token and draws nothing. Rules and their order are those of transformers' `generate`.
 */
import type { HostTensor } from '../../compute/engine'
import type { Random } from '../../maths/random'
import type { SamplingSettings } from '../../../src-shared/sampling'
import { hidden } from '../network'
import { forbidRepeatedRuns, penaliseRepeated } from './repetition'
import { allowLikeliest, keepNearLikeliest, keepNucleus, keepTypical } from './truncation'

export type SamplingRule = Omit<SamplingSettings, 'maxTokens' | 'seed' | 'stop'>

/** Whether a draw cannot draw every token. */
export const leavesOut = ({
  topK,
  topP,
  minP = 0,
  typicalP = 1,
  uniqueNgram = 0,
}: Omit<SamplingRule, 'temperature'>): boolean =>
  topK > 0 || topP < 1 || minP > 0 || typicalP < 1 || uniqueNgram > 0

export interface Sampler {
  /**
   * Draws one token.
   * @param logits [V], overwritten where a rule against repetition holds
   * @param ids    all tokens so far, for those rules
   * @throws Error when the logits are not numbers
   */
  draw(logits: Float32Array, random: Random, ids?: readonly number[]): number
  /** 1 for each token that the last draw could have drawn: [V], overwritten by the next draw. */
  readonly allowed: Uint8Array
}

/** Makes the room for drawing once: a draw allocates nothing unless a rule sorts or looks back. */
export function createSampler(vocabulary: number, rule: SamplingRule): Sampler {
  const allowed = new Uint8Array(vocabulary)
  const weights = new Float64Array(vocabulary)
  const room = new Float32Array(vocabulary)
  const { repetitionPenalty = 1, uniqueNgram = 0 } = rule
  const greedy = (logits: Float32Array): number => {
    const best = largest(logits)
    allowed.fill(0)[best] = 1
    return best
  }
  const draw = (logits: Float32Array, random: Random, ids: readonly number[] = []): number => {
    if (repetitionPenalty !== 1) penaliseRepeated(logits, ids, repetitionPenalty)
    if (uniqueNgram > 0) forbidRepeatedRuns(logits, ids, uniqueNgram)
    if (rule.temperature === 0) return greedy(logits)
    allowLikeliest(logits, rule.topK, allowed, room)
    const total = exponentiate(logits, rule.temperature, allowed, weights)
    return atShare(weights, random() * truncated(weights, total, rule, allowed))
  }
  return { draw, allowed }
}

/** In the order of Hugging Face's library, each of what the one before has left. @returns the sum of what is left */
function truncated(
  weights: Float64Array,
  total: number,
  { topP, minP = 0, typicalP = 1 }: SamplingRule,
  allowed: Uint8Array,
): number {
  let left = total
  if (topP < 1) left = keepNucleus(weights, left, topP, allowed)
  if (minP > 0) left = keepNearLikeliest(weights, minP, allowed)
  if (typicalP < 1) left = keepTypical(weights, left, typicalP, allowed)
  return left
}

/**
 * What is added to logits so that they are of the distribution drawn from.
 * @param rows   for each text: where its completion begins (tokens before it) and `allowed`, [sampled tokens
 *   · V]
 * @param length T, tokens of the widest row
 * @returns float32 [rows, T − 1, V]; 0 wherever nothing was drawn
 */
export function allowedMask(
  rows: readonly { readonly promptTokens: number; readonly allowed: Uint8Array }[],
  length: number,
  vocabulary: number,
): HostTensor {
  const data = new Float32Array(rows.length * (length - 1) * vocabulary)
  rows.forEach(({ promptTokens, allowed }, row) => {
    const start = (row * (length - 1) + promptTokens - 1) * vocabulary
    for (let i = 0; i < allowed.length; i++) if (allowed[i] === 0) data[start + i] = hidden
  })
  return { shape: [rows.length, length - 1, vocabulary], data }
}

/** e^((logit − largest) / temperature) of what is allowed, 0 elsewhere. @returns their sum */
function exponentiate(
  logits: Float32Array,
  temperature: number,
  allowed: Uint8Array,
  weights: Float64Array,
): number {
  const most = logits[largest(logits)]!
  let total = 0
  for (let id = 0; id < logits.length; id++) {
    if (logits[id] === -Infinity) allowed[id] = 0
    total += weights[id] = allowed[id] === 1 ? Math.exp((logits[id]! - most) / temperature) : 0
  }
  if (!Number.isFinite(total))
    throw new Error('the model answered with numbers that are not finite: nothing can be sampled from it')
  return total
}

/** The first id whose cumulative weight passes `share`. */
function atShare(weights: Float64Array, share: number): number {
  let cumulative = 0
  let last = 0
  for (let id = 0; id < weights.length; id++) {
    if (weights[id] === 0) continue
    cumulative += weights[id]!
    last = id
    if (share < cumulative) return id
  }
  return last
}

function largest(logits: Float32Array): number {
  let best = 0
  for (let id = 1; id < logits.length; id++) if (logits[id]! > logits[best]!) best = id
  return best
}
