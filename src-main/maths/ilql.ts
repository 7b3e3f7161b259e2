/**
 * What implicit language Q-learning learns, at each token of completions that were rated. A state is a text so far,
 * an action its next token; Q says what a token is worth there, V what the state is.
 *
 * Source: Snell et al. 2023, "Offline RL for Natural Language Generation with Implicit Language Q Learning", §4;
 * the expectile is Kostrikov et al. 2022 (IQL), Eq. 5. Shapes are [B, T]; every loss is one number a token.
 */
import * as tf from '../compute/tf'

/**
 * What Q is held to: r + γ · V(next state), and r alone at the last token, through which nothing flows.
 *
 * @param rewards at the token they are given for; 0 elsewhere
 * @param values  V of each state
 * @param mask    1 where a token is learned; the completion ends where it ends
 */
export function targetsOfQ(
  rewards: tf.Tensor2D,
  values: tf.Tensor2D,
  mask: tf.Tensor2D,
  gamma: number,
): tf.Tensor2D {
  const next = tf.mul<tf.Tensor2D>(shifted(values), shifted(mask))
  return tf.stopGradient(tf.add<tf.Tensor2D>(rewards, tf.mul(next, gamma)))
}

/** Each position has what the one after it had, the last one 0. */
function shifted(x: tf.Tensor2D): tf.Tensor2D {
  const [rows, time] = x.shape
  return tf.concat([tf.slice(x, [0, 1], [rows, time - 1]), tf.zeros<tf.Rank.R2>([rows, 1])], 1)
}

/**
 * |τ − 1(u < 0)| · u² with u = Q̂ − V: for τ above ½ V leans to the best of what was seen, not to its mean.
 *
 * @param q Q̂ of the tokens that came, min of the two; nothing flows through it
 */
export function expectileLosses(q: tf.Tensor, values: tf.Tensor, tau: number): tf.Tensor {
  const lead = tf.sub(tf.stopGradient(q), values)
  const isAbove = tf.cast(tf.greaterEqual(lead, 0), 'float32')
  return tf.mul(tf.add(tf.mul(isAbove, 2 * tau - 1), 1 - tau), tf.square(lead))
}

/**
 * −e^(β(Q̂ − V)) · log π(token that came): imitation, of what did well more (Nair et al. 2020, AWAC). At β = 0 plain
 * imitation, as the paper's own policy.
 */
export function weightedImitation(logProbs: tf.Tensor, advantages: tf.Tensor, beta: number): tf.Tensor {
  if (beta === 0) return tf.neg(logProbs)
  return tf.neg(tf.mul(tf.stopGradient(tf.exp(tf.mul(advantages, beta))), logProbs))
}
