/** How the step size goes over a run. */
export interface Schedule {
  /** Largest step size. */
  readonly peak: number
  readonly warmupUpdates: number
  readonly totalUpdates: number
  /** The share of the peak that the cosine comes down to. */
  readonly finalFraction: number
}

/**
 * Step size of an update: a straight rise to the peak, then half a cosine down to a share of it.
 *
 *   warm-up:  peak · (step + 1) / (warmup + 1)
 *   after it: final + (peak − final) · ½(1 + cos(π·(step − warmup) / (total − warmup)))
 *
 * Source: Loshchilov & Hutter 2017, "SGDR", Eq. 5 without restarts; warm-up as in nanoGPT (train.py,
 * `get_lr`).
 *
 * @param step  updates done before this one, from 0
 */
export function warmupThenCosine(
  step: number,
  { peak, warmupUpdates, totalUpdates, finalFraction }: Schedule,
): number {
  if (step < warmupUpdates) return (peak * (step + 1)) / (warmupUpdates + 1)
  const progress = Math.min(1, (step - warmupUpdates) / Math.max(1, totalUpdates - warmupUpdates))
  const final = peak * finalFraction
  return final + (peak - final) * 0.5 * (1 + Math.cos(Math.PI * progress))
}
