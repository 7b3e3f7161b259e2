/** The strength of the pull to the reference, steered so that the KL settles where it should. */
export interface KlSteering {
  /** Where the KL should settle, nats a text. */
  readonly target: number
  /** Completions over which a full error moves β by 20 %. Ziegler et al. use 10,000. */
  readonly horizon: number
}

/**
 * β after a rollout, steered so that the KL settles at its target.
 *
 *   e = clip(KL / target − 1, −0.2, 0.2),   β ← β · (1 + e · n / horizon)
 *
 * Source: Ziegler et al. 2019, "Fine-Tuning Language Models from Human Preferences", §2.2, per completion
 * instead of per batch, as in TRL.
 *
 * @param beta         β before, reward a nat
 * @param kl           mean KL to the reference of the rollout, nats a text
 * @param completions  n, completions of the rollout
 */
export function steeredKlBeta(
  beta: number,
  kl: number,
  completions: number,
  { target, horizon }: KlSteering,
): number {
  const error = Math.min(0.2, Math.max(-0.2, kl / target - 1))
  return beta * (1 + (error * completions) / horizon)
}
