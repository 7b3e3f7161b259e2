/**
 * Batches are padded so that few graphs are compiled. What stands in the padding, and how much of it there
 * is, changes nothing.
 */
import { describe, expect, it } from 'vitest'
import { compiledEngine } from '../../src-main/compute/cpu/compile'
import type { HostBatch, HostTensor } from '../../src-main/compute/engine'
import { runOn } from '../../src-main/compute/selftest/agreement'
import { uniform } from '../../src-main/compute/selftest/case'
import type * as tf from '../../src-main/compute/tf'
import { seeded } from '../../src-main/maths/random'
import { klDivergence } from '../../src-main/maths/kl'
import { maskedMean } from '../../src-main/maths/masked'
import {
  approximateKl,
  clipFraction,
  policyLoss,
  probabilityRatio,
  valueLoss,
} from '../../src-main/maths/ppo-loss'
import { createRewardModel, rewardScores } from '../../src-main/model/heads'
import { weight } from '../../src-main/model/network'
import { rewardModelReward } from '../../src-main/rewards/reward-model'
import { nextTokenLoss, type NextTokenBatch } from '../../src-main/trainers/next-token'
import { architectures, wideModel } from '../model/architectures'
import { runOnce, tinyTokenizer } from '../model/tiny'

/** Rows of different lengths, the rest of each filled with ids drawn at random. */
function padded(
  rows: readonly (readonly number[])[],
  shape: readonly [rows: number, time: number],
  seed: number,
): HostTensor {
  const random = uniform(seed)
  const [count, time] = shape
  const data = Int32Array.from({ length: count * time }, () =>
    Math.floor(random() * tinyTokenizer.vocabulary),
  )
  rows.forEach((row, place) => data.set(row, place * time))
  return { shape, data }
}

const texts = [
  [0, 3, 1, 4, 1, 5, 0],
  [0, 2, 2, 7, 0],
]

function learned(rows: number, time: number, seed: number): HostBatch<NextTokenBatch> {
  const mask = new Float32Array(rows * time)
  texts.forEach((text, row) => mask.fill(1, row * time + 1, row * time + text.length - 1))
  return { ids: padded(texts, [rows, time + 1], seed), mask: { shape: [rows, time], data: mask } }
}

const norm = (values: ArrayLike<number>) => Math.hypot(...Array.from(values))

describe.each(architectures)('padding changes nothing for %s:', (_, config) => {
  it('neither the loss nor its gradient', async () => {
    const gradientOf = async (batch: HostBatch<NextTokenBatch>) => {
      const step = compiledEngine({ threads: 2 }).trainStep(
        wideModel(config).parameters,
        (weights, tensors: NextTokenBatch) => ({ loss: nextTokenLoss(config, weights, tensors) }),
        { beta1: 0, beta2: 0, epsilon: 1, weightDecay: 0, isDecayed: () => false, clipNorm: Infinity },
      )
      const { loss } = await step.update(batch, 0)
      return { loss: loss as number, gradient: step.state().firstMoment }
    }
    const bare = await gradientOf(learned(2, 6, 1))
    for (const batch of [learned(2, 6, 2), learned(2, 9, 3), learned(8, 16, 4)]) {
      const { loss, gradient } = await gradientOf(batch)
      expect(Math.abs(loss / bare.loss - 1)).toBeLessThan(2e-6)
      expect(norm(gradient.map((value, index) => value - (bare.gradient[index] as number)))).toBeLessThan(
        2e-5 * norm(bare.gradient),
      )
    }
  })

  it('nor a reward model’s score', async () => {
    const model = createRewardModel(wideModel(config), seeded(5))
    const scores = async (rows: number, time: number, seed: number) => {
      const lengths = Int32Array.from({ length: rows }, (_, row) => texts[row]?.length ?? 1)
      const read = await runOnce(
        compiledEngine({ threads: 1 }),
        model,
        { ids: padded(texts, [rows, time], seed), lengths: { shape: [rows], data: lengths } },
        (weights, batch) => ({
          scores: rewardScores(model, weights, {
            ids: weight(batch, 'ids'),
            lengths: weight(batch, 'lengths'),
          }),
        }),
      )
      return (read['scores'] as number[]).slice(0, 2)
    }
    const bare = await scores(2, 7, 1)
    for (const [rows, time, seed] of [
      [2, 7, 2],
      [2, 16, 3],
      [8, 20, 4],
    ] as const) {
      ;(await scores(rows, time, seed)).forEach((score, row) =>
        expect(score).toBeCloseTo(bare[row] as number, 4),
      )
    }
  })

  it('nor what a text is worth beside others, longer or shorter', async () => {
    const engine = compiledEngine({ threads: 1 })
    const reward = rewardModelReward(engine, createRewardModel(wideModel(config), seeded(5)), {
      readPrompt: true,
    })
    const scored = ['ab', 'cafe bad.', '', 'had', 'a bad cafe had'].map((completion) => ({
      prompt: 'h',
      completion,
      hasEnded: true,
    }))
    const together = await reward(scored)
    for (const [place, text] of scored.entries())
      expect((await reward([text]))[0]).toBeCloseTo(together[place] as number, 4)
    engine.dispose()
  })
})

describe('the losses of PPO', () => {
  /** [rows, time] with what is real in its upper left corner. */
  const framed = (real: HostTensor, shape: readonly number[], filling: number): HostTensor => {
    const [rows, time, width = 1] = shape as [number, number, number?]
    const [realRows, realTime] = real.shape as [number, number]
    const data = new Float32Array(rows * time * width).fill(filling)
    for (let row = 0; row < realRows; row++)
      data.set(real.data.subarray(row * realTime * width, (row + 1) * realTime * width), row * time * width)
    return { shape, data }
  }
  const random = uniform(9)
  const drawn = (...shape: number[]): HostTensor => ({
    shape,
    data: Float32Array.from(
      { length: shape.reduce((size, length) => size * length, 1) },
      () => 2 * random() - 1,
    ),
  })
  const real = {
    logProbs: drawn(3, 5),
    old: drawn(3, 5),
    advantages: drawn(3, 5),
    values: drawn(3, 5),
    oldValues: drawn(3, 5),
    returns: drawn(3, 5),
    logits: drawn(3, 5, 7),
    reference: drawn(3, 5, 7),
  }

  async function losses(rows: number, time: number, filling: number): Promise<number[]> {
    const mask = framed({ shape: [3, 5], data: new Float32Array(15).fill(1) }, [rows, time], 0)
    const inputs = [
      mask,
      ...Object.values(real).map((tensor) => framed(tensor, [rows, time, ...tensor.shape.slice(2)], filling)),
    ]
    const [told] = await runOn(
      compiledEngine({ threads: 1 }),
      (...given) => {
        const [mask, logProbs, old, advantages, values, oldValues, returns] = given as tf.Tensor2D[] as [
          tf.Tensor2D,
          tf.Tensor2D,
          tf.Tensor2D,
          tf.Tensor2D,
          tf.Tensor2D,
          tf.Tensor2D,
          tf.Tensor2D,
        ]
        const ratio = probabilityRatio(logProbs, old, mask)
        const kl = klDivergence(given[7] as tf.Tensor, given[8] as tf.Tensor)
        return [
          policyLoss(ratio, advantages, mask, 0.2),
          valueLoss(values, oldValues, returns, mask, 0.2),
          maskedMean(kl, mask),
          clipFraction(ratio, mask, 0.2),
          approximateKl(logProbs, old, mask),
        ]
      },
      inputs,
    )
    return Object.values(told ?? {}).map(({ data }) => data[0] as number)
  }

  it('are the same whatever the padding holds and however much there is', async () => {
    const bare = await losses(3, 5, 0)
    for (const [rows, time, filling] of [
      [3, 8, 0],
      [4, 8, 3],
      [8, 16, -20],
    ] as const)
      (await losses(rows, time, filling)).forEach((loss, place) =>
        expect(loss).toBeCloseTo(bare[place] as number, 5),
      )
  })
})
