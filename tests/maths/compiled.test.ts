import { describe, expect, it } from 'vitest'
import { compiledEngine } from '../../src-main/compute/cpu/compile'
import { eagerEngine } from '../../src-main/compute/tensorflow/eager'
import type { Batch, Engine, Tensors, Weights } from '../../src-main/compute/engine'
import { allocate } from '../../src-main/compute/parameters'
import * as tf from '../../src-main/compute/tf'
import { bradleyTerryLosses, centeringLosses } from '../../src-main/maths/bradley-terry'
import { entropy } from '../../src-main/maths/entropy'
import { klDivergence } from '../../src-main/maths/kl'
import {
  approximateKl,
  clipFraction,
  largestRatio,
  policyLoss,
  probabilityRatio,
  valueLoss,
} from '../../src-main/maths/ppo-loss'
import { normal, seeded } from '../../src-main/maths/random'

const rows = 4
const time = 6
const vocabulary = 5
const spec = {
  logProbs: [rows, time],
  values: [rows, time],
  chosen: [rows],
  rejected: [rows],
  logits: [rows, time, vocabulary],
}

type Losses = Readonly<Record<string, tf.Scalar>> & { readonly loss: tf.Scalar }

const ppo = (weights: Weights, batch: Tensors): Losses => {
  const of = (name: string): tf.Tensor2D => (weights[name] ?? batch[name]) as tf.Tensor2D
  const ratio = probabilityRatio(of('logProbs'), of('oldLogProbs'), of('mask'))
  const policy = policyLoss(ratio, of('advantages'), of('mask'), 0.2)
  const value = valueLoss(of('values'), of('oldValues'), of('returns'), of('mask'), 0.2)
  return {
    loss: tf.add(policy, value),
    policy,
    value,
    clipped: clipFraction(ratio, of('mask'), 0.2),
    kl: approximateKl(of('logProbs'), of('oldLogProbs'), of('mask')),
    largest: largestRatio(ratio),
  }
}
const rewardModel = ({ chosen, rejected }: Weights): Losses => {
  const [better, worse] = [chosen as tf.Tensor1D, rejected as tf.Tensor1D]
  return {
    loss: tf.add(
      tf.mean(bradleyTerryLosses(better, worse, tf.tensor1d([0, 1, 0, 0.5]))),
      tf.mul(tf.mean(centeringLosses(better, worse)), 0.01),
    ),
  }
}
const divergence = ({ logits }: Weights, { referenceLogits }: Tensors): Losses => {
  const kl: tf.Scalar = tf.mean(klDivergence(logits!, referenceLogits!))
  const spread: tf.Scalar = tf.mean(entropy(logits!))
  return { loss: tf.sub(kl, spread), kl, spread }
}

/** Three updates from the same numbers: what was said, and what has become of the parameters. */
async function trained(
  engine: Engine,
  body: (weights: Weights, batch: Tensors) => Losses,
): Promise<{ readonly said: Record<string, number>[]; readonly parameters: number[] }> {
  const random = seeded('parameters')
  const parameters = allocate(spec)
  parameters.flat.forEach((_, i) => {
    parameters.flat[i] = normal(random) * 0.3
  })
  const drawn = (shape: readonly number[], of = (): number => normal(random) * 0.3): Batch[string] => ({
    shape,
    data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, of),
  })
  const grid = [rows, time]
  const batch = {
    oldLogProbs: drawn(grid),
    advantages: drawn(grid),
    oldValues: drawn(grid),
    returns: drawn(grid),
    mask: drawn(grid, () => (random() < 0.7 ? 1 : 0)),
    referenceLogits: drawn([rows, time, vocabulary]),
  }
  const step = engine.trainStep(parameters, body, {
    beta1: 0.9,
    beta2: 0.95,
    epsilon: 1e-8,
    weightDecay: 0,
    isDecayed: () => false,
    clipNorm: Infinity,
  })
  const said = [
    await step.update(batch, 0.01),
    await step.update(batch, 0.01),
    await step.update(batch, 0.01),
  ]
  step.dispose()
  engine.dispose()
  return { said, parameters: [...parameters.flat] }
}

describe.each([
  ['PPO', ppo],
  ['a reward model', rewardModel],
  ['KL and entropy', divergence],
] as const)('the losses of %s', (_, body) => {
  it('and their gradients are the same compiled and eager', async () => {
    const eager = await trained(eagerEngine(), body)
    const compiled = await trained(compiledEngine({ threads: 2 }), body)
    eager.said.forEach((values, i) => {
      for (const [name, value] of Object.entries(values))
        expect(compiled.said[i]![name], name).toBeCloseTo(value, 5)
    })
    eager.parameters.forEach((value, i) => expect(compiled.parameters[i]).toBeCloseTo(value, 5))
  })
})
