/** The three estimators of a KL, held against every outcome of a policy over three tokens. */
import { describe, expect, it } from 'vitest'
import * as tf from '../../src-main/compute/tf'
import { klDivergence } from '../../src-main/maths/kl'
import { klLosses, sampledKl } from '../../src-main/maths/kl-estimators'
import { numberOf, numbersOf, sum } from './tensors'

const logits = [0.4, -1.1, 0.7]
const referenceLogits = [-0.3, 0.5, 0.2]
const logProbsOf = (row: readonly number[]): number[] => {
  const total = Math.log(sum(row.map((logit) => Math.exp(logit))))
  return row.map((logit) => logit - total)
}
const ours = logProbsOf(logits)
const theirs = logProbsOf(referenceLogits)
const probabilities = ours.map(Math.exp)

/** d/dlogits of what a function of log π [3] says, the numbers of three tokens. */
const gradientOf = (of: (logProbs: tf.Tensor) => tf.Scalar): number[] =>
  numbersOf(() => tf.grad((row: tf.Tensor) => of(tf.logSoftmax(row)))(tf.tensor1d(logits)))

/** ∇ KL(π ‖ π_ref), from the whole distribution. */
const trueGradient = numbersOf(() =>
  tf.grad((row: tf.Tensor) => klDivergence(row, tf.tensor1d(referenceLogits)) as tf.Scalar)(
    tf.tensor1d(logits),
  ),
)

/** Σᵥ p(v) · x(v), p held still: what drawing from the old policy comes to in the mean. */
const expected = (of: tf.Tensor, weights = probabilities): tf.Scalar =>
  tf.sum(tf.mul(of, tf.tensor1d(weights)))

const closeTo = (numbers: readonly number[]) => numbers.map((each) => expect.closeTo(each, 6))
const still = (): tf.Tensor => tf.onesLike(tf.tensor1d(logits))
const reference = (): tf.Tensor => tf.tensor1d(theirs)

describe('the KL of drawn tokens', () => {
  it('is in the mean the KL, by k1 and k3, and by k2 only near it', () => {
    const kl = numberOf(() => klDivergence(tf.tensor1d(logits), tf.tensor1d(referenceLogits)))
    const mean = (of: (logRatio: number) => number): number =>
      sum(probabilities.map((p, v) => p * of(ours[v]! - theirs[v]!)))
    expect(mean(sampledKl.k1)).toBeCloseTo(kl, 6)
    expect(mean(sampledKl.k3)).toBeCloseTo(kl, 6)
    expect(mean(sampledKl.k2)).not.toBeCloseTo(kl, 2)
  })

  it('is as its formula: of a log-ratio of ln 2 it is ln 2, ½ ln² 2 and ½ − 1 + ln 2', () => {
    const at = Math.LN2
    expect(sampledKl.k1(at)).toBe(at)
    expect(sampledKl.k2(at)).toBeCloseTo(0.5 * at * at, 12)
    expect(sampledKl.k3(at)).toBeCloseTo(0.5 - 1 + at, 12)
  })

  it('as k1 in the reward has the gradient of the KL', () => {
    // −E[−k1 · ∇log π]: the score function of a reward that is −k1
    const k1 = ours.map((logProb, v) => logProb - theirs[v]!)
    const gradient = gradientOf((logProbs) => expected(tf.mul(logProbs, tf.tensor1d(k1))))
    expect(gradient).toEqual(closeTo(trueGradient))
  })

  it('as k3 in the reward has only the difference of two gradients that are one near the reference', () => {
    const k3 = ours.map((logProb, v) => sampledKl.k3(logProb - theirs[v]!))
    const gradient = gradientOf((logProbs) => expected(tf.mul(logProbs, tf.tensor1d(k3))))
    const forward = gradientOf((logProbs) => tf.neg(expected(logProbs, theirs.map(Math.exp))))
    expect(gradient).toEqual(closeTo(trueGradient.map((each, v) => each - forward[v]!)))
  })

  it('as k1 in the loss has none', () => {
    expect(gradientOf((logProbs) => expected(tf.sub(logProbs, reference())))).toEqual(closeTo([0, 0, 0]))
  })

  it('as k2 in the loss has the gradient of the KL', () => {
    expect(gradientOf((logProbs) => expected(klLosses.k2(logProbs, reference(), still())))).toEqual(
      closeTo(trueGradient),
    )
  })

  it('as k2 in the loss has it in later passes, too, where tokens were drawn from an older policy', () => {
    const old = logProbsOf([1, 1, -0.5])
    const weights = old.map(Math.exp)
    const ratio = ours.map((logProb, v) => Math.exp(logProb - old[v]!))
    expect(
      gradientOf((logProbs) => expected(klLosses.k2(logProbs, reference(), tf.tensor1d(ratio)), weights)),
    ).toEqual(closeTo(trueGradient))
  })

  it('as k3 in the loss has the gradient of KL(π_ref ‖ π), not of KL(π ‖ π_ref)', () => {
    const gradient = gradientOf((logProbs) => expected(klLosses.k3(logProbs, reference())))
    const forward = gradientOf((logProbs) => tf.neg(expected(logProbs, theirs.map(Math.exp))))
    expect(gradient).toEqual(closeTo(forward))
    expect(gradient).not.toEqual(closeTo(trueGradient))
  })
})
