/**
 * Generalized advantage estimation of one completion.
 *
 *   δₜ = rₜ + γ·V(sₜ₊₁) − V(sₜ),   Âₜ = δₜ + γλ·Âₜ₊₁,   V = 0 after the last token
 *
 * Source: Schulman et al. 2016, "High-Dimensional Continuous Control Using Generalized Advantage Estimation",
 * Eq. 11 and 16.
 *
 * @param rewards  rₜ for drawing token t, one a drawn token, the end token among them
 * @param values   V(sₜ) before token t was drawn, same length and unit as the rewards
 * @param gamma    discount a token, 0 … 1
 * @param lambda   1 trusts returns, 0 trusts the values
 * @returns Âₜ in the unit of the rewards. Returns are Âₜ + V(sₜ)
 */
export function gae(
  rewards: ArrayLike<number>,
  values: ArrayLike<number>,
  gamma: number,
  lambda: number,
): number[] {
  const advantages = new Array<number>(rewards.length)
  let after = 0
  let valueAfter = 0
  for (let t = rewards.length - 1; t >= 0; t--) {
    const delta = rewards[t]! + gamma * valueAfter - values[t]!
    after = delta + gamma * lambda * after
    valueAfter = values[t]!
    advantages[t] = after
  }
  return advantages
}
