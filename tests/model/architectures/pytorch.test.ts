import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { compiledEngine } from '../../../src-main/compute/cpu/compile'
import type { Batch, HostBatch, OptimizerSettings, Weights } from '../../../src-main/compute/engine'
import { logProbsOf } from '../../../src-main/compute/recording/fused'
import { allocate, spansOf, type Parameters } from '../../../src-main/compute/parameters'
import { runOn } from '../../../src-main/compute/selftest/agreement'
import * as tf from '../../../src-main/compute/tf'
import type { GptConfig } from '../../../src-main/model/architectures/gpt-parameters'
import { isDecayed, trunkSpec } from '../../../src-main/model/trunk-parameters'
import { nextTokenLoss, type NextTokenBatch } from '../../../src-main/trainers/next-token'
import { logits, runOnce } from '../tiny'

interface GoldenBatch {
  readonly ids: readonly number[]
  readonly mask: readonly number[]
  readonly loss: number
}
interface Golden {
  readonly torch: string
  readonly config: GptConfig
  /** float64 in base64, by name, as all tensors here. */
  readonly weights: Readonly<Record<string, string>>
  readonly forward: GoldenBatch & { readonly logits: string }
  readonly gradients: Readonly<Record<string, string>>
  readonly adamw: {
    readonly settings: Omit<OptimizerSettings, 'isDecayed'>
    readonly updates: readonly (GoldenBatch & {
      readonly learningRate: number
      readonly gradientNorm: number
    })[]
    readonly after: Readonly<Record<string, string>>
  }
  readonly crossEntropy: {
    readonly logits: string
    readonly ids: readonly number[]
    readonly losses: readonly number[]
    readonly gradient: string
  }
}

/** What the script beside the file made. */
const golden = JSON.parse(
  readFileSync(new URL('../../fixtures/golden/gpt.json', import.meta.url), 'utf8'),
) as Golden
const { config } = golden

function numbersOf(text: string): Float64Array {
  const bytes = Uint8Array.from(Buffer.from(text, 'base64'))
  return new Float64Array(bytes.buffer)
}

function model(): Parameters {
  const parameters = allocate(trunkSpec(config))
  for (const name of Object.keys(parameters.spec))
    parameters.view(name).set(numbersOf(golden.weights[name] as string))
  return parameters
}

function batchOf({ ids, mask }: GoldenBatch): HostBatch<NextTokenBatch> {
  const time = config.contextTokens
  const rows = mask.length / time
  return {
    ids: { shape: [rows, time + 1], data: Int32Array.from(ids) },
    mask: { shape: [rows, time], data: Float32Array.from(mask) },
  }
}

const loss = (weights: Weights, batch: NextTokenBatch) => ({
  loss: nextTokenLoss(config, weights, batch),
})
const engine = () => compiledEngine({ threads: 2 })

function expectNear(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  what: string,
  tolerance = 1e-5,
): void {
  const size = Math.hypot(...Array.from(expected))
  const difference = Math.hypot(...Array.from(expected, (value, index) => value - (actual[index] as number)))
  expect(actual.length, what).toBe(expected.length)
  expect(difference / Math.max(size, 1e-3), what).toBeLessThan(tolerance)
}

describe(`PyTorch ${golden.torch} says the same of`, () => {
  it('what a GPT makes of a text', async () => {
    const { ids } = batchOf(golden.forward)
    const { contextTokens: time } = config
    const rows = (ids as Batch[string]).shape[0] as number
    const read = await runOnce(
      engine(),
      { parameters: model() },
      { ids: ids as Batch[string] },
      (weights, batch) => ({
        logits: logits(config, weights, tf.slice(batch['ids'] as tf.Tensor, [0, 0], [rows, time])),
      }),
    )
    expectNear(read['logits'] as number[], numbersOf(golden.forward.logits), 'logits', 2e-6)
  })

  it('its loss and the gradient of each parameter', async () => {
    const step = engine().trainStep(model(), loss, {
      beta1: 0,
      beta2: 0,
      epsilon: 1,
      weightDecay: 0,
      isDecayed,
      clipNorm: Infinity,
    })
    const told = await step.update(batchOf(golden.forward), 0)
    expect(told['loss']).toBeCloseTo(golden.forward.loss, 5)
    const { firstMoment } = step.state()
    for (const { name, start, end } of spansOf(trunkSpec(config)))
      expectNear(
        firstMoment.subarray(start, end),
        numbersOf(golden.gradients[name] as string),
        `gradient of ${name}`,
      )
  })

  it('six updates with AdamW, clipping and decay', async () => {
    const parameters = model()
    const step = engine().trainStep(parameters, loss, { ...golden.adamw.settings, isDecayed })
    for (const update of golden.adamw.updates) {
      const told = await step.update(batchOf(update), update.learningRate)
      expect(told['loss']).toBeCloseTo(update.loss, 5)
      expect(told['gradientNorm']! / update.gradientNorm).toBeCloseTo(1, 4)
      expect(update.gradientNorm).toBeGreaterThan(golden.adamw.settings.clipNorm)
    }
    // AdamW makes a full step of the smallest gradient: the bias of the keys, whose gradient is zero but for
    // rounding, goes anywhere.
    const { width } = config
    const withoutKeys = (name: string, values: ArrayLike<number>) =>
      Array.from(values).filter(
        (_, index) => !name.endsWith('c_attn.bias') || index < width || index >= 2 * width,
      )
    for (const name of Object.keys(parameters.spec))
      expectNear(
        withoutKeys(name, parameters.view(name)),
        withoutKeys(name, numbersOf(golden.adamw.after[name] as string)),
        name,
        1e-4,
      )
  })

  it('the cross-entropy and its gradient', async () => {
    const { ids, losses, gradient } = golden.crossEntropy
    const inputs = [
      {
        shape: [ids.length, config.vocabulary],
        data: Float32Array.from(numbersOf(golden.crossEntropy.logits)),
      },
      { shape: [ids.length], data: Int32Array.from(ids) },
    ]
    const [each] = await runOn(
      engine(),
      (x, chosen) => tf.neg(logProbsOf(x as tf.Tensor2D, chosen as tf.Tensor1D)),
      inputs,
    )
    expectNear(each?.['y0']?.data ?? [], losses, 'losses', 1e-6)
    const weighted = (x: tf.Tensor) =>
      tf.grad((scores) =>
        tf.sum(
          tf.mul(
            logProbsOf(scores as tf.Tensor2D, tf.tensor1d([...ids], 'int32')),
            tf.range(-1, -ids.length - 1, -1),
          ),
        ),
      )(x)
    const [slopes] = await runOn(engine(), weighted, inputs.slice(0, 1))
    expectNear(slopes?.['y0']?.data ?? [], numbersOf(gradient), 'gradient', 1e-6)
  })
})
