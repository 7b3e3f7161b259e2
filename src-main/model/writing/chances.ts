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
  // plain loops: over a large vocabulary a function a logit takes several times as long
  let most = -Infinity
  for (let each = 0; each < logits.length; each++) if (logits[each]! > most) most = logits[each]!
  let sum = 0
  for (let each = 0; each < logits.length; each++) sum += Math.exp(logits[each]! - most)
  const logSum = most + Math.log(sum)
  const chance = (each: number): TokenChance => ({ id: each, logProb: logits[each]! - logSum })
  return { ...chance(id), top: likeliest(logits, count).map(chance) }
}

function likeliest(logits: Float32Array, count: number): readonly number[] {
  const found: number[] = []
  let least = -Infinity
  for (let id = 0; id < logits.length && count > 0; id++) {
    if (logits[id]! <= least || logits[id] === -Infinity) continue
    const at = found.findIndex((other) => logits[other]! < logits[id]!)
    found.splice(at < 0 ? found.length : at, 0, id)
    found.length = Math.min(found.length, count)
    if (found.length === count) least = logits[found.at(-1)!]!
  }
  return found
}
