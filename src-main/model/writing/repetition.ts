/**
 * What has been said is said less. Both rules look at all ids so far, the prompt's too, and change logits
 * before temperature and truncation, so they hold at temperature 0 as well.
 */

/**
 * Repetition penalty: a logit of a token that stands already is divided when above 0, else multiplied.
 * Source: Keskar et al. 2019, "CTRL", section 4.1, with the sign rule of Hugging Face's library.
 * @param logits [V], overwritten
 * @param ids    all tokens so far, each counted once
 */
export function penaliseRepeated(logits: Float32Array, ids: Iterable<number>, penalty: number): void {
  for (const id of new Set(ids)) {
    const logit = logits[id]
    if (logit !== undefined) logits[id] = logit < 0 ? logit * penalty : logit / penalty
  }
}

/**
 * Forbids each token that would write a run of n tokens for the second time (Paulus et al. 2018, section 2.5).
 * Where that would leave nothing to draw from, nothing is forbidden.
 * @param logits [V], overwritten
 */
export function forbidRepeatedRuns(logits: Float32Array, ids: readonly number[], n: number): void {
  const forbidden = tokensAfter(ids, n)
  const isSome = logits.some((logit, id) => logit > -Infinity && !forbidden.has(id))
  if (isSome) for (const id of forbidden) if (id < logits.length) logits[id] = -Infinity
}

/** Tokens that followed the last n − 1 ids wherever these stood before. */
function tokensAfter(ids: readonly number[], n: number): ReadonlySet<number> {
  const found = new Set<number>()
  const newest = ids.length - n + 1
  for (let start = 0; start < newest; start++) {
    let same = 0
    while (same < n - 1 && ids[start + same] === ids[newest + same]) same++
    if (same === n - 1) found.add(ids[start + n - 1]!)
  }
  return found
}
