/**
 * The gradient of every architecture's loss, parameter by parameter: against finite differences in float64,
 * and on the device against float64.
 */
import { describe, expect, it } from 'vitest'
import { compiledEngine } from '../../src-main/compute/cpu/compile'
import type { HostBatch } from '../../src-main/compute/engine'
import { recordingsOf, withGradients } from '../../src-main/compute/recording/graphs'
import { uniform } from '../../src-main/compute/selftest/case'
import { nextTokenLoss, type NextTokenBatch } from '../../src-main/trainers/next-token'
import { runInFloat64, type Feeds } from '../compute/float64'
import { architectures, wideModel } from './architectures'
import { intMatrix } from './tiny'
import { slope } from '../compute/slope'

const batch: HostBatch<NextTokenBatch> = {
  ids: intMatrix([0, 3, 1, 4, 1, 5, 9], [0, 2, 2, 7, 1, 8, 10]),
  mask: { shape: [2, 6], data: Float32Array.of(0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0) },
}

const along = (gradient: ArrayLike<number>, direction: ArrayLike<number>) =>
  Array.from(gradient).reduce((sum, value, index) => sum + value * (direction[index] as number), 0)
const norm = (values: ArrayLike<number>) => Math.hypot(...Array.from(values))

describe.each(architectures)('%s', (_, config) => {
  const { parameters } = wideModel(config)
  const names = Object.keys(parameters.spec)
  const graph = recordingsOf(
    withGradients(
      (weights, tensors: NextTokenBatch) => ({ loss: nextTokenLoss(config, weights, tensors) }),
      names,
    ),
  )(parameters.spec, batch)
  const feeds: Feeds = {
    ...Object.fromEntries(names.map((name) => [`weight/${name}`, parameters.view(name)])),
    ...Object.fromEntries(Object.entries(batch).map(([name, { data }]) => [`batch/${name}`, data])),
  }
  const exact = runInFloat64(graph, feeds)
  const gradientOf = (name: string) => exact[`gradient/${name}`] as Float64Array

  it('falls along each parameter as its gradient says', () => {
    for (const [seed, name] of names.entries()) {
      // As long as the values are large: the embeddings of RWKV are tiny before a norm, and bend sharply.
      const random = uniform(seed)
      const gradient = gradientOf(name)
      const size = norm(parameters.view(name)) / Math.sqrt(gradient.length) || 0.1
      const direction = Float64Array.from({ length: gradient.length }, () => size * (2 * random() - 1))
      const expected = slope(
        { nodes: graph.nodes, outputs: { loss: graph.outputs['scalar/loss']! } },
        'loss',
        feeds,
        { [`weight/${name}`]: direction },
      )
      expect(Math.abs(along(gradient, direction) - expected), `the slope along ${name}`).toBeLessThan(
        2e-6 * (size * norm(gradient) + Math.abs(expected)) + 1e-8,
      )
    }
  })

  it('has that gradient on the device, too', async () => {
    const step = compiledEngine({ threads: 2 }).trainStep(
      wideModel(config).parameters,
      (weights, tensors: NextTokenBatch) => ({ loss: nextTokenLoss(config, weights, tensors) }),
      {
        beta1: 0,
        beta2: 0,
        epsilon: 1,
        weightDecay: 0,
        isDecayed: () => false,
        clipNorm: Infinity,
      },
    )
    const { loss } = await step.update(batch, 0)
    expect(loss).toBeCloseTo((exact['scalar/loss'] as Float64Array)[0]!, 5)
    const { firstMoment } = step.state()
    let start = 0
    for (const name of names) {
      const gradient = gradientOf(name)
      const ofDevice = firstMoment.subarray(start, (start += gradient.length))
      expect(
        norm(gradient.map((value, index) => value - ofDevice[index]!)),
        `the gradient of ${name}`,
      ).toBeLessThan(1e-4 * norm(gradient) + 1e-7)
    }
  })
})
