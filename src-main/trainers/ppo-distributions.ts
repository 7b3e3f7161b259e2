/**
 * What a policy says of drawn tokens while it is updated: their log-probabilities, and where whole distributions are
 * read, the KL to the reference and the entropy of each. Of the reference its states were kept; from them its head
 * makes logits again, so that neither side's [rows, time, V] is ever there.
 */
import type { PpoSettings } from '../../src-shared/recipes/ppo'
import type { Weights } from '../compute/engine'
import { layersOf, overlay, partOf, sideBySide, weightsOf, type Parameters } from '../compute/parameters'
import { logProbsOf } from '../compute/recording/fused'
import * as tf from '../compute/tf'
import { entropy } from '../maths/entropy'
import { klDivergence } from '../maths/kl'
import {
  cameIn,
  headNamesOf,
  logitsOfSome,
  numbersOfStates,
  ofEach,
  type OfLogits,
} from '../model/language-model'
import type { LanguageModel } from '../model/model'
import type { PpoBatch } from './ppo-batch'
import { drawnFrom } from './rollout'

/** All [rows, time], nats. */
export interface SaidOfTokens {
  readonly logProbs: tf.Tensor2D
  /** KL(π ‖ π_ref): of the full softmax, or over the tokens that could be drawn, as the estimator says. */
  readonly kl?: tf.Tensor2D
  /** Of the distribution drawn from. */
  readonly entropy?: tf.Tensor2D
}

/** What an update reads: with an exact KL the reference's head lies beneath the policy; nothing is copied. */
export function withReference(policy: Parameters, reference: LanguageModel | undefined): Parameters {
  if (!reference) return policy
  const isOfHead = headNamesOf(reference)
  const head = sideBySide({ reference: partOf(reference.parameters, (name) => isOfHead.has(name)) })
  const layers = layersOf(policy)
  return overlay(layers ? overlay(layers.frozen, head) : head, layers?.own ?? policy)
}

/**
 * @param weights of `withReference`
 * @param states  of the policy: [rows, time, C]
 */
export function saidOfTokens(
  { policy, reference }: { readonly policy: LanguageModel; readonly reference?: LanguageModel | undefined },
  weights: Weights,
  states: tf.Tensor3D,
  { ids, allowed, referenceStates }: PpoBatch,
  { temperature, klEstimator, entropyBonus }: PpoSettings,
): SaidOfTokens {
  const from = drawnFrom(policy, temperature)
  const perPosition = {
    came: cameIn(ids),
    ...(allowed && { allowed: ofEach(allowed) }),
    ...(reference && referenceStates && { theirs: ofEach(referenceStates) }),
  }
  const body: OfLogits = (full, { came, allowed, theirs }) => {
    const drawnOf = (logits: tf.Tensor2D): tf.Tensor2D => (allowed ? tf.add(logits, allowed) : logits)
    const held = klEstimator === 'exact-drawn' ? drawnOf : (logits: tf.Tensor2D) => logits
    const referenceLogits =
      reference && theirs && logitsOfSome(reference.config, weightsOf(weights, 'reference'), theirs, from)
    return {
      logProbs: logProbsOf(drawnOf(full), came as tf.Tensor1D),
      ...(referenceLogits && { kl: klDivergence(held(full), held(referenceLogits)) }),
      ...(entropyBonus !== 0 && { entropy: entropy(drawnOf(full)) }),
    }
  }
  const said = numbersOfStates(policy.config, weights, states, { from, perPosition }, body)
  return { ...said, logProbs: said['logProbs'] as tf.Tensor2D }
}
