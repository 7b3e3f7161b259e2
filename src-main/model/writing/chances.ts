/** How likely a model held each token that was drawn, and which others it held likely. */

/** A token and its log-probability, nats: under the model itself, before any rule of sampling. */
export interface TokenChance {
  readonly id: number
  readonly logProb: number
}

export interface DrawnChance extends TokenChance {
  /** The likeliest tokens, likeliest first; the smaller id first among equals. */
  readonly top: readonly TokenChance[]
}

/**
 * log softmax of what a model said: z_i − log Σ_j e^(z_j).
 *
 * @param logits [V]; −∞ for what is no token
 * @param id     the token that was drawn
 * @param count  how many of the likeliest are told
 */
export function chanceOf(logits: Float32Array, id: number, count: number): DrawnChance {
  const most = logits.reduce((largest, logit) => Math.max(largest, logit), -Infinity)
  const sum = logits.reduce((total, logit) => total + Math.exp(logit - most), 0)
  const logSum = most + Math.log(sum)
  const chance = (each: number): TokenChance => ({ id: each, logProb: logits[each]! - logSum })
  return { ...chance(id), top: likeliest(logits, count).map(chance) }
}

function likeliest(logits: Float32Array, count: number): readonly number[] {
  const found: number[] = []
  for (let id = 0; id < logits.length && count > 0; id++) {
    if (logits[id] === -Infinity) continue
    if (found.length === count && logits[id]! <= logits[found.at(-1)!]!) continue
    const at = found.findIndex((other) => logits[other]! < logits[id]!)
    found.splice(at < 0 ? found.length : at, 0, id)
    found.length = Math.min(found.length, count)
  }
  return found
}
