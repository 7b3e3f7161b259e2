/** The divergence of distillation: by hand, against a naive loop, and with its gradient as TRL's own code has it. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import * as tf from '../../src-main/compute/tf'
import { generalisedJsd } from '../../src-main/maths/distillation'
import { seeded } from '../../src-main/maths/random'
import { numberOf, numbersOf, sum } from './tensors'

interface Case {
  readonly beta: number
  readonly loss: number
  readonly gradient: readonly number[]
}
const recorded = JSON.parse(readFileSync('tests/fixtures/policy-losses/gkd.json', 'utf8')) as {
  readonly shape: [number, number, number]
  readonly policy: readonly number[]
  readonly teacher: readonly number[]
  readonly mask: readonly number[]
  readonly cases: readonly Case[]
}

/** Mean over what the mask marks. */
function lossOf(policy: tf.Tensor, beta: number): tf.Scalar {
  const teacher = tf.tensor3d([...recorded.teacher], recorded.shape)
  const mask = tf.tensor2d([...recorded.mask], [recorded.shape[0], recorded.shape[1]])
  const each = tf.mul(generalisedJsd(policy, teacher, beta), mask)
  return tf.div(tf.sum(each), sum(recorded.mask))
}

describe('the generalised Jensen–Shannon divergence', () => {
  it.each([...recorded.cases])('at β $beta is TRL’s, with its gradient', ({ beta, loss, gradient }) => {
    const policy = () => tf.tensor3d([...recorded.policy], recorded.shape)
    expect(numberOf(() => lossOf(policy(), beta))).toBeCloseTo(loss, 5)
    const ours = numbersOf(() => tf.grad((logits: tf.Tensor) => lossOf(logits, beta))(policy()))
    expect(ours).toEqual(gradient.map((each) => expect.closeTo(each, 5)))
  })

  it('by hand: p = (¾, ¼), q = (¼, ¾), β = ½ is ¾ log 1.5 + ¼ log 0.5', () => {
    const at = (beta: number) =>
      numberOf(() => generalisedJsd(tf.tensor1d([0, Math.log(3)]), tf.tensor1d([Math.log(3), 0]), beta))
    expect(at(0.5)).toBeCloseTo(0.75 * Math.log(1.5) + 0.25 * Math.log(0.5), 6)
    // the other way round it is the same here: ¾ log 3 − ¼ log 3
    for (const beta of [0, 1]) expect(at(beta)).toBeCloseTo(0.5 * Math.log(3), 6)
  })

  it('is what a plain loop adds up, for any β', () => {
    const random = seeded(3, 'logits')
    const softmax = (logits: readonly number[]) =>
      logits.map((each) => Math.exp(each) / sum(logits.map(Math.exp)))
    for (let trial = 0; trial < 20; trial++) {
      const logits = () => Array.from({ length: 6 }, () => 6 * random() - 3)
      const [policy, teacher, beta] = [logits(), logits(), random()]
      const [p, q] = [softmax(teacher), softmax(policy)]
      const mixture = p.map((each, v) => beta * each + (1 - beta) * q[v]!)
      const kl = (of: readonly number[]) => sum(of.map((each, v) => each * Math.log(each / mixture[v]!)))
      const ours = numberOf(() => generalisedJsd(tf.tensor1d(policy), tf.tensor1d(teacher), beta))
      expect(ours).toBeCloseTo(beta * kl(p) + (1 - beta) * kl(q), 5)
    }
  })

  it('is 0 between equals and finite where one rules out what the other is sure of', () => {
    for (const beta of [0, 0.3, 1]) {
      const same = numberOf(() => generalisedJsd(tf.tensor1d([1, 2]), tf.tensor1d([1, 2]), beta))
      expect(same).toBeCloseTo(0, 6)
      const apart = numbersOf(() =>
        tf.grad((logits: tf.Tensor) => generalisedJsd(logits, tf.tensor1d([0, 300, 0]), beta))(
          tf.tensor1d([300, 0, 0]),
        ),
      )
      for (const each of apart) expect(Number.isFinite(each)).toBe(true)
    }
  })
})
