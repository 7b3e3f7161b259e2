/** How much of the returns a critic foretells. */
import { moments } from './whiten'

/**
 * What the critic knows of the returns: 1 − Var(return − value) / Var(return).
 *
 * Source: as logged by TRL and Stable-Baselines3 ("explained variance" of regression).
 *
 * @param values   V(sₜ), in units of reward
 * @param returns  same length and unit
 * @param mask     1 for real tokens, 0 for padding
 * @returns at most 1; 0 is as good as a constant, below 0 worse; 0 when the returns are all the same: there
 *   is nothing to know
 */
export function explainedVariance(
  values: ArrayLike<number>,
  returns: ArrayLike<number>,
  mask: ArrayLike<number>,
): number {
  const all = moments(returns, mask).variance
  const unexplained = moments(
    Array.from(returns, (value, i) => value - values[i]!),
    mask,
  ).variance
  return all === 0 ? 0 : 1 - unexplained / all
}
