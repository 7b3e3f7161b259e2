/** How probably one completion is preferred to another, by their rewards. */

/**
 * P(y ≻ y′), 0 … 1:
 *
 *   bradley-terry  σ(r − r′), where rewards are log-odds (Bradley & Terry 1952), as a reward model's are
 *   better         1, ½ or 0: whichever has the higher reward
 *
 * @param reward r of y and @param other r′ of y′
 */
export const preferences = {
  'bradley-terry': (reward: number, other: number): number => 1 / (1 + Math.exp(other - reward)),
  better: (reward: number, other: number): number => (Math.sign(reward - other) + 1) / 2,
} as const

export type PreferenceName = keyof typeof preferences
