/**
 * Which tokens a draw may draw: the k likeliest (Fan et al. 2018), the nucleus (Holtzman et al. 2020), those not
 * far below the likeliest (Nguyen et al. 2024) and the typical ones (Meister et al. 2022).
 *
 * Weights are probabilities times a constant, [V]; a token left out has weight 0 and `allowed` 0.
 */

/**
 * Sets 1 for the k largest logits and 0 for the others, the smaller id first among equals; all when k is 0.
 * @param logits [V]
 * @param room   [V], overwritten
 */
export function allowLikeliest(
  logits: Float32Array,
  k: number,
  allowed: Uint8Array,
  room: Float32Array,
): void {
  if (k === 0 || k >= logits.length) {
    allowed.fill(1)
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

/** Keeps the fewest likeliest tokens that together have the share p. @returns the sum of what is left */
export function keepNucleus(weights: Float64Array, total: number, p: number, allowed: Uint8Array): number {
  return keepFirst(weights, total, p, allowed, (one, other) => weights[other]! - weights[one]!)
}

/** Keeps what is at least as likely as this share of the likeliest. @returns the sum of what is left */
export function keepNearLikeliest(weights: Float64Array, share: number, allowed: Uint8Array): number {
  const least = share * weights.reduce((most, weight) => Math.max(most, weight), 0)
  let kept = 0
  for (let id = 0; id < weights.length; id++) {
    if (weights[id]! < least) weights[id] = allowed[id] = 0
    kept += weights[id]!
  }
  return kept
}

/**
 * Keeps the fewest tokens that together have the share p, in order of |−log p(token) − H|, H being the entropy
 * of what is there. Source: Meister et al. 2022, "Locally Typical Sampling", Eq. 10.
 * @returns the sum of what is left
 */
export function keepTypical(weights: Float64Array, total: number, p: number, allowed: Uint8Array): number {
  const surprise = weights.map((weight) => Math.log(total) - Math.log(weight)) // nats
  let entropy = 0
  for (const [id, weight] of weights.entries()) if (weight > 0) entropy += (weight / total) * surprise[id]!
  const distance = surprise.map((each) => Math.abs(each - entropy))
  return keepFirst(weights, total, p, allowed, (one, other) => distance[one]! - distance[other]!)
}

/** Keeps the first tokens in an order until they have the share p; the smaller id first among equals. */
function keepFirst(
  weights: Float64Array,
  total: number,
  p: number,
  allowed: Uint8Array,
  order: (one: number, other: number) => number,
): number {
  const present = [...weights.keys()].filter((id) => weights[id]! > 0)
  let kept = 0
  for (const id of present.sort((one, other) => order(one, other) || one - other)) {
    if (kept < p * total) kept += weights[id]!
    else weights[id] = allowed[id] = 0
  }
  return kept
}
