import { describe, expect, it } from 'vitest'
import { compiledEngine } from '../../../src-main/compute/cpu/compile'
import type { Engine, Float1D, Int1D, Weights } from '../../../src-main/compute/engine'
import { liveBytes } from '../../../src-main/compute/graph/footprint'
import { sizeOf, allocate, type Parameters } from '../../../src-main/compute/parameters'
import { logProbsOf } from '../../../src-main/compute/recording/fused'
import { recordingsOf, withGradients } from '../../../src-main/compute/recording/graphs'
import { inChunks } from '../../../src-main/compute/recording/in-chunks'
import { unwritten } from '../../../src-main/compute/rehearsal'
import { eagerEngine } from '../../../src-main/compute/tensorflow/eager'
import * as tf from '../../../src-main/compute/tf'
import { fillNormal, seeded } from '../../../src-main/maths/random'
import { chunkPositions } from '../../../src-main/model/language-model'
import { initialise, isDecayed, trunkSpec } from '../../../src-main/model/trunk-parameters'
import { nextTokenLoss, type NextTokenBatch } from '../../../src-main/trainers/next-token'

const [rows, width, vocabulary] = [11, 6, 9]

function weights(): Parameters {
  const parameters = allocate({ states: [rows, width], head: [vocabulary, width], bias: [vocabulary] })
  for (const name of Object.keys(parameters.spec))
    fillNormal(parameters.view(name), 1, seeded('chunks', name))
  return parameters
}

const batch = {
  ids: { shape: [rows], data: Int32Array.from({ length: rows }, (_, row) => (row * 5) % vocabulary) },
  weights: { shape: [rows], data: Float32Array.from({ length: rows }, (_, row) => Math.sin(row)) },
}

const logProbs = ([states, ids]: readonly tf.Tensor[], [head, bias]: readonly tf.Tensor[]): tf.Tensor1D =>
  logProbsOf(
    tf.add(
      tf.matMul(states as tf.Tensor2D, head as tf.Tensor2D, false, true),
      bias as tf.Tensor,
    ) as tf.Tensor2D,
    ids as tf.Tensor1D,
  )

/** Loss and the gradient of all, of a sum of squares: the slope of a row depends on what the row is. */
async function learned(engine: Engine, chunkRows: number) {
  const parameters = weights()
  const step = engine.trainStep(
    parameters,
    (given: Weights, { ids, weights }: { ids: Int1D; weights: Float1D }) => {
      const [states, head, bias] = ['states', 'head', 'bias'].map((name) => given[name] as tf.Tensor)
      const shared = [head, bias] as tf.Tensor[]
      const found =
        chunkRows < rows
          ? inChunks(logProbs, states as tf.Tensor2D, { constants: [ids], shared }, chunkRows)
          : logProbs([states as tf.Tensor, ids], shared)
      return { loss: tf.sum(tf.mul(tf.square(found), weights)) }
    },
    { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0, clipNorm: Infinity, isDecayed },
  )
  const { loss } = await step.update(batch, 0)
  const { firstMoment } = step.state()
  engine.dispose()
  return { loss: loss!, gradient: firstMoment }
}

describe('rows in chunks', () => {
  const engines = {
    compiled: () => compiledEngine({ threads: 1 }),
    eager: () => eagerEngine(),
  }
  it.each(Object.entries(engines))(
    'have the loss and the gradients of all rows at once: %s',
    async (_, engine) => {
      const whole = await learned(engine(), rows)
      for (const chunkRows of [1, 4, 10]) {
        const cut = await learned(engine(), chunkRows)
        expect(Math.abs(cut.loss - whole.loss)).toBeLessThan(1e-6 * Math.abs(whole.loss))
        for (const [index, slope] of whole.gradient.entries())
          expect(Math.abs(cut.gradient[index]! - slope)).toBeLessThan(1e-6 * Math.max(1, Math.abs(slope)))
      }
    },
  )
})

describe('a head over 50,257 tokens', () => {
  const config = {
    architecture: 'gpt',
    layers: 1,
    heads: 2,
    width: 16,
    contextTokens: 512,
    vocabulary: 50_257,
    isTied: true,
  } as const
  const texts = { rows: 4, time: 512 }

  it.each(['all weights', 'all but the head'])('makes no logits of all positions, training %s', (trained) => {
    const { spec } = unwritten(trunkSpec(config))
    const names = Object.keys(spec).filter((name) => trained === 'all weights' || !name.includes('wte'))
    const graph = recordingsOf(
      withGradients((given, of) => ({ loss: nextTokenLoss(config, given, of as NextTokenBatch) }), names),
    )(spec, {
      ids: { shape: [texts.rows, texts.time + 1], data: new Int32Array(texts.rows * (texts.time + 1)) },
      mask: { shape: [texts.rows, texts.time], data: new Float32Array(texts.rows * texts.time) },
    })
    const head = config.vocabulary * config.width
    const chunk = chunkPositions(config) * config.vocabulary
    const largest = Math.max(
      ...graph.nodes.flatMap(({ outputs }) => outputs.map(({ shape }) => sizeOf(shape))),
    )
    expect(largest).toBeLessThanOrEqual(chunk)
    // logits, their probabilities and their gradient of one chunk, and twice the gradient of the head
    expect(liveBytes(graph)).toBeLessThan(4 * (4 * chunk + 3 * head))
    expect(chunk).toBeLessThan((texts.rows * texts.time * config.vocabulary) / 4)
  })

  it('learns of texts in chunks what it learns of each by itself', async () => {
    const time = 200
    const parameters = () => {
      const fresh = allocate(trunkSpec(config))
      initialise(fresh, config, seeded('chunks', 'model'))
      return fresh
    }
    const random = seeded('chunks', 'ids')
    const texts = [0, 1].map(() => Int32Array.from({ length: time + 1 }, () => Math.floor(random() * 50_257)))
    const part = (some: readonly Int32Array[]) => ({
      ids: { shape: [some.length, time + 1], data: Int32Array.from(some.flatMap((ids) => [...ids])) },
      mask: { shape: [some.length, time], data: new Float32Array(some.length * time).fill(1) },
      tokens: { shape: [], data: Float32Array.of(2 * time) },
    })
    const learned = async (parts: readonly ReturnType<typeof part>[]) => {
      const engine = compiledEngine({ threads: 1 })
      const step = engine.trainStep<NextTokenBatch>(
        parameters(),
        (given, of) => ({ loss: nextTokenLoss(config, given, of) }),
        { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0, clipNorm: Infinity, isDecayed },
      )
      const answer = await step.update(parts, 0)
      const { firstMoment } = step.state()
      engine.dispose()
      return { loss: answer['loss']!, gradientNorm: answer['gradientNorm']!, firstMoment }
    }
    expect(time).toBeLessThanOrEqual(chunkPositions(config))
    expect(2 * time).toBeGreaterThan(chunkPositions(config))
    const whole = await learned([part(texts)])
    const each = await learned(texts.map((ids) => part([ids])))
    expect(Math.abs(whole.loss - each.loss)).toBeLessThan(1e-5)
    expect(whole.gradientNorm / each.gradientNorm).toBeCloseTo(1, 5)
    const most = each.firstMoment.reduce((found, slope) => Math.max(found, Math.abs(slope)), 0)
    const furthest = whole.firstMoment.reduce(
      (found, slope, index) => Math.max(found, Math.abs(slope - each.firstMoment[index]!)),
      0,
    )
    expect(furthest).toBeLessThan(1e-5 * most)
  })
})
