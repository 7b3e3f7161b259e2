/** The losses of critic-free algorithms: by hand, and each with its gradient as TRL's own code has them. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import * as tf from '../../src-main/compute/tf'
import { importances, type ClipRange, type ImportanceName } from '../../src-main/maths/importance'
import { klLosses } from '../../src-main/maths/kl-estimators'
import { lossWeights, type LossWeightName } from '../../src-main/maths/loss-weights'
import { matrix, numberOf, numbersOf } from './tensors'

type Matrix = readonly (readonly number[])[]
const recorded = JSON.parse(readFileSync('tests/fixtures/policy-losses/grpo.json', 'utf8')) as {
  readonly lengths: readonly number[]
  readonly longest: number
  readonly old: Matrix
  readonly new: Matrix
  readonly reference: Matrix
  readonly advantages: readonly number[]
  readonly losses: Readonly<Record<string, { readonly loss: number; readonly gradient: Matrix }>>
}

interface Form {
  readonly importance: ImportanceName
  readonly normalisation: LossWeightName
  readonly clip: ClipRange
  readonly k3?: number
}
const usual = { low: 0.2, high: 0.28 }
const forms: Readonly<Record<string, Form>> = {
  grpo: { importance: 'token', normalisation: 'text-mean', clip: usual },
  'grpo with k3': { importance: 'token', normalisation: 'text-mean', clip: usual, k3: 0.04 },
  dapo: { importance: 'token', normalisation: 'rollout-tokens', clip: usual },
  bnpo: { importance: 'token', normalisation: 'update-tokens', clip: usual },
  dr_grpo: { importance: 'token', normalisation: 'longest', clip: usual },
  gspo: { importance: 'text-mean', normalisation: 'text-mean', clip: { low: 0.1, high: 0.15 } },
  cispo: { importance: 'cispo', normalisation: 'rollout-tokens', clip: usual },
  sapo: { importance: 'sapo', normalisation: 'text-mean', clip: usual },
  rloo: { importance: 'text', normalisation: 'text-mean', clip: { low: 0.2, high: 0.2 } },
}

const tokens = recorded.lengths.reduce((sum, length) => sum + length, 0)
const spread = (values: readonly number[]): tf.Tensor2D =>
  matrix(
    ...values.map((value, row) => recorded.old[row]!.map((_, t) => (t < recorded.lengths[row]! ? value : 0))),
  )
const weightsOf = (normalisation: LossWeightName): readonly number[] =>
  lossWeights[normalisation]({
    lengths: recorded.lengths,
    rolloutTokens: tokens,
    updates: 1,
    maxTokens: recorded.longest,
  })

function lossOf({ importance, normalisation, clip, k3 = 0 }: Form, logProbs: tf.Tensor): tf.Scalar {
  const drawing = {
    logProbs: logProbs as tf.Tensor2D,
    oldLogProbs: matrix(...recorded.old),
    mask: spread(recorded.lengths.map(() => 1)),
    advantages: spread(recorded.advantages),
  }
  const kl = tf.mul(klLosses.k3(logProbs, matrix(...recorded.reference)), k3)
  const losses = tf.add(importances[importance].loss(drawing, clip), kl)
  return tf.sum(tf.mul(losses, spread(weightsOf(normalisation))))
}

describe('a critic-free loss', () => {
  it.each(Object.entries(forms))('as %s is TRL’s, with its gradient', (name, form) => {
    const { loss, gradient } = recorded.losses[name]!
    expect(numberOf(() => lossOf(form, matrix(...recorded.new)))).toBeCloseTo(loss, 5)
    const ours = numbersOf(() =>
      tf.grad((logProbs: tf.Tensor) => lossOf(form, logProbs))(matrix(...recorded.new)),
    )
    expect(ours).toEqual(gradient.flat().map((each) => expect.closeTo(each, 5)))
  })

  it('at the first update is the plain policy gradient, whatever the form: −w · Â · ∇log π', () => {
    for (const importance of ['token', 'cispo', 'sapo'] as const) {
      const form: Form = { importance, normalisation: 'update-tokens', clip: usual }
      const gradient = numbersOf(() =>
        tf.grad((logProbs: tf.Tensor) => lossOf(form, logProbs))(matrix(...recorded.old)),
      )
      const plain = numbersOf(() => tf.neg(tf.div(spread(recorded.advantages), tokens)))
      expect(gradient).toEqual(plain.map((each) => expect.closeTo(each, 6)))
    }
  })

  it('holds a token by hand: Â = 1 at ρ = 2 earns 1.28, Â = −1 at ρ = ½ earns no less than −0.8', () => {
    const at = (ratio: number, advantage: number): number =>
      numberOf(() =>
        importances.token.loss(
          {
            logProbs: matrix([Math.log(ratio)]),
            oldLogProbs: matrix([0]),
            mask: matrix([1]),
            advantages: matrix([advantage]),
          },
          usual,
        ),
      )
    expect(at(2, 1)).toBeCloseTo(-1.28, 6)
    expect(at(0.5, 1)).toBeCloseTo(-0.5, 6)
    expect(at(0.5, -1)).toBeCloseTo(0.8, 6)
    expect(at(2, -1)).toBeCloseTo(2, 6)
  })
})

describe('what a token counts', () => {
  // two texts of 1 and 3 tokens, of a rollout of 10 tokens in 2 updates; at most 5 tokens each
  const sizes = { lengths: [1, 3], rolloutTokens: 10, updates: 2, maxTokens: 5 }
  it.each([
    ['text-mean', [1 / 2, 1 / 6]],
    ['rollout-tokens', [1 / 5, 1 / 5]],
    ['update-tokens', [1 / 4, 1 / 4]],
    ['longest', [1 / 10, 1 / 10]],
    ['texts', [1 / 2, 1 / 2]],
  ] as const)('by %s is %o', (name, counts) => {
    expect(lossWeights[name](sizes)).toEqual(counts)
  })

  it('is nothing for a text that is left out, and never infinite', () => {
    const empty = { ...sizes, lengths: [0, 0], rolloutTokens: 0 }
    for (const weights of Object.values(lossWeights))
      for (const each of weights(empty)) expect(Number.isFinite(each)).toBe(true)
  })
})
