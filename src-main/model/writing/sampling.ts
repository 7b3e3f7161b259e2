/**
 * From logits to a token: temperature, then top-k (Fan et al. 2018), then top-p (Holtzman et al. 2020), then
 * one uniform draw laid on the cumulative distribution in order of id. Temperature 0 takes the likeliest
 * token and draws nothing.
 */
import type { HostTensor } from '../../compute/engine'
import type { Random } from '../../maths/random'
import { hidden } from '../network'

export interface SamplingRule {
  readonly temperature: number
  /** 0 is off. */
  readonly topK: number
  /** 1 is off. */
  readonly topP: number
}

export interface Sampler {
  /** Draws one token. @param logits [V]. @throws Error when the logits are not numbers */
  draw(logits: Float32Array, random: Random): number
  /** 1 for each token that the last draw could have drawn: [V], overwritten by the next draw. */
  readonly allowed: Uint8Array
}

/** Makes the room for drawing once: a draw allocates nothing unless top-p sorts. */
export function createSampler(vocabulary: number, rule: SamplingRule): Sampler {
  const allowed = new Uint8Array(vocabulary)
  const weights = new Float64Array(vocabulary)
  const room = new Float32Array(vocabulary)
  const greedy = (logits: Float32Array): number => {
    const best = largest(logits)
    allowed.fill(0)[best] = 1
    return best
  }
  const draw = (logits: Float32Array, random: Random): number => {
    if (rule.temperature === 0) return greedy(logits)
    allowLikeliest(logits, rule.topK, allowed, room)
    let total = exponentiate(logits, rule.temperature, allowed, weights)
    if (rule.topP < 1) total = keepNucleus(weights, total, rule.topP, allowed)
    return atShare(weights, random() * total)
  }
  return { draw, allowed }
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

/**
 * Sets 1 for the k largest logits and 0 for the others, the smaller id first among equals; all when k is 0.
 * @param logits [V]
 * @param room   [V], overwritten
 */
function allowLikeliest(logits: Float32Array, k: number, allowed: Uint8Array, room: Float32Array): void {
  if (k === 0 || k >= logits.length) {
    // what has no probability at all cannot be drawn either
    for (let id = 0; id < logits.length; id++) allowed[id] = logits[id] === -Infinity ? 0 : 1
    return
  }
  room.set(logits)
  const threshold = kthLargest(room, k)
  let left = k
  for (let id = 0; id < logits.length; id++) {
    allowed[id] = logits[id]! > threshold ? 1 : 0
    left -= allowed[id]!
  }
  for (let id = 0; left > 0 && id < logits.length; id++)
    if (logits[id] === threshold) {
      allowed[id] = 1
      left--
    }
}

/** Quickselect (Hoare 1961); reorders the values. */
function kthLargest(values: Float32Array, k: number): number {
  let low = 0
  let high = values.length - 1
  while (low < high) {
    const pivot = values[(low + high) >> 1]!
    let i = low
    let j = high
    while (i <= j) {
      while (values[i]! > pivot) i++
      while (values[j]! < pivot) j--
      if (i <= j) {
        const moved = values[i]!
        values[i++] = values[j]!
        values[j--] = moved
      }
    }
    if (k - 1 <= j) high = j
    else if (k - 1 >= i) low = i
    else break
  }
  return values[k - 1]!
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
  for (let id = 0; id < logits.length; id++)
    total += weights[id] = allowed[id] === 1 ? Math.exp((logits[id]! - most) / temperature) : 0
  if (!Number.isFinite(total))
    throw new Error('the model answered with numbers that are not finite: nothing can be sampled from it')
  return total
}

/** Keeps the fewest likeliest tokens that together have the share p. @returns the sum of what is left */
function keepNucleus(weights: Float64Array, total: number, p: number, allowed: Uint8Array): number {
  const byWeight = Array.from(weights.keys()).sort((a, b) => weights[b]! - weights[a]! || a - b)
  let kept = 0
  for (const id of byWeight) {
    if (kept < p * total && weights[id]! > 0) kept += weights[id]!
    else weights[id] = allowed[id] = 0
  }
  return kept
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
