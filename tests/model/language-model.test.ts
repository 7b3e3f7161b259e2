import { describe, expect, it } from 'vitest'
import * as tf from '../../src-main/compute/tf'
import { maskedMean } from '../../src-main/maths/masked'
import { klDivergence } from '../../src-main/maths/kl'
import { probabilityRatio } from '../../src-main/maths/ppo-loss'
import { seeded } from '../../src-main/maths/random'
import { weight } from '../../src-main/model/network'
import { isDecayed } from '../../src-main/model/trunk-parameters'
import {
  chosenLogProbs,
  copyModel,
  createLanguageModel,
  nextTokenLogits,
  tokenLogProbs,
} from '../../src-main/model/language-model'
import { allowedMask, createSampler } from '../../src-main/model/writing/sampling'
import { engines, intMatrix, logits, runOnce, tinyConfig, tinyModel, tinyTokenizer } from './tiny'

const softmaxOf = (row: readonly number[], allowed: readonly number[] = row.map(() => 1)): number[] => {
  const weights = row.map((value, v) => (allowed[v] ? Math.exp(value) : 0))
  const total = weights.reduce((a, b) => a + b, 0)
  return weights.map((value) => value / total)
}

describe('a language model', () => {
  it('is refused when its tokenizer knows other tokens', () => {
    expect(() => createLanguageModel({ ...tinyConfig, vocabulary: 12 }, tinyTokenizer, seeded(1))).toThrow(
      'the model knows 12 tokens, its tokenizer 11',
    )
  })

  it('stays as it is when its copy is changed', () => {
    const model = tinyModel()
    const before = model.parameters.flat.slice()
    copyModel(model).parameters.flat.fill(1)
    expect(model.parameters.flat).toEqual(before)
  })
})

describe.each(engines)('log-probabilities on the %s engine', (_, open) => {
  const ids = intMatrix([0, 3, 1, 4], [0, 5, 9, 2])
  const V = tinyConfig.vocabulary

  it('are those of each token given what stands before it', async () => {
    const engine = open()
    const model = tinyModel()
    const read = await runOnce(engine, model, { ids }, (weights, batch) => ({
      logProbs: tokenLogProbs(model.config, weights, weight(batch, 'ids')),
      logits: logits(model.config, weights, weight(batch, 'ids')),
    }))
    const rows = [0, 1, 2, 4, 5, 6]
    const next = [3, 1, 4, 5, 9, 2]
    rows.forEach((row, i) =>
      expect(read['logProbs']![i]).toBeCloseTo(
        Math.log(softmaxOf(read['logits']!.slice(row * V, (row + 1) * V))[next[i]!]!),
        4,
      ),
    )
    engine.dispose()
  })

  it('may be asked of one token more than the context holds: the last one is never read', async () => {
    const engine = open()
    const model = tinyModel()
    const full = { ids: { shape: [1, 21], data: new Int32Array(21).fill(1) } }
    const read = await runOnce(engine, model, full, (weights, batch) => ({
      logProbs: tokenLogProbs(model.config, weights, weight(batch, 'ids')),
    }))
    expect(read['logProbs']).toHaveLength(20)
    engine.dispose()
  })

  it('are of the distribution drawn from: tempered, and over the allowed tokens only', async () => {
    const engine = open()
    const model = tinyModel()
    const plain = await runOnce(engine, model, { ids }, (weights, batch) => ({
      logits: logits(model.config, weights, weight(batch, 'ids')),
    }))
    const k = 6
    const rowsOf = (text: number): number[][] =>
      [0, 1, 2].map((t) =>
        plain['logits']!.slice((text * 4 + t) * V, (text * 4 + t + 1) * V).map((value) => value / 0.7),
      )
    const allowedOf = (text: number): Uint8Array[] =>
      rowsOf(text).map((row) => {
        const sampler = createSampler(V, { temperature: 1, topK: k, topP: 1 })
        sampler.draw(Float32Array.from(row), () => 0)
        return sampler.allowed
      })
    const joined = (parts: readonly Uint8Array[]): Uint8Array =>
      Uint8Array.from(parts.flatMap((part) => [...part]))
    const mask = allowedMask(
      [0, 1].map((text) => ({ promptTokens: 1, allowed: joined(allowedOf(text)) })),
      4,
      V,
    )
    const read = await runOnce(engine, model, { ids, mask }, (weights, batch) => {
      const tempered = nextTokenLogits(model.config, weights, weight(batch, 'ids'), { temperature: 0.7 })
      const drawnFrom: tf.Tensor3D = tf.add(tempered, weight(batch, 'mask'))
      return {
        logProbs: chosenLogProbs(drawnFrom, weight(batch, 'ids')),
        probabilities: tf.softmax(drawnFrom),
      }
    })
    const expected = [0, 1].flatMap((text) =>
      rowsOf(text).map((row, t) => softmaxOf(row, [...allowedOf(text)[t]!])),
    )
    expected.flat().forEach((share, i) => expect(read['probabilities']![i]).toBeCloseTo(share, 4))
    expect(read['probabilities']!.filter((share) => share > 0)).toHaveLength(6 * k)
    const next = [3, 1, 4, 5, 9, 2]
    next.forEach((id, i) => {
      if (expected[i]![id]! > 0) expect(read['logProbs']![i]).toBeCloseTo(Math.log(expected[i]![id]!), 3)
      else expect(read['logProbs']![i]).toBeLessThan(-1e8)
    })
    engine.dispose()
  })

  it('of a copy give a ratio of exactly 1 and a KL of exactly 0', async () => {
    const engine = open()
    const model = tinyModel()
    const body = (
      weights: Readonly<Record<string, tf.Tensor>>,
      batch: Readonly<Record<string, tf.Tensor>>,
    ): Record<string, tf.Tensor> => {
      const from = nextTokenLogits(model.config, weights, weight(batch, 'ids'))
      return { logits: from, logProbs: chosenLogProbs(from, weight(batch, 'ids')) }
    }
    const program = engine.program(body)
    const [policy, reference] = [
      await program.run(model.parameters, { ids }),
      await program.run(copyModel(model).parameters, { ids }),
    ]
    const compared = await runOnce(
      engine,
      model,
      { ids, oldLogits: reference['logits']!, oldLogProbs: reference['logProbs']! },
      (weights, batch) => {
        const now = body(weights, batch)
        return {
          ratio: probabilityRatio(
            now['logProbs'] as tf.Tensor2D,
            weight(batch, 'oldLogProbs') as tf.Tensor2D,
            tf.ones([2, 3]),
          ),
          kl: klDivergence(now['logits']!, weight(batch, 'oldLogits')),
        }
      },
    )
    expect(policy['logProbs']!.data).toEqual(reference['logProbs']!.data)
    expect(compared['ratio']).toEqual([1, 1, 1, 1, 1, 1])
    expect(compared['kl']!.map(Math.abs)).toEqual([0, 0, 0, 0, 0, 0])
    program.dispose()
    engine.dispose()
  })

  it('can be learned by heart, and nothing is left behind', async () => {
    const engine = open()
    const model = createLanguageModel(tinyConfig, tinyTokenizer, seeded(3))
    const before = engine.memory()
    const text = intMatrix([0, ...tinyTokenizer.encode('a bad cab. fed.'), 0])
    const step = engine.trainStep(
      model.parameters,
      (weights, batch) => {
        const logProbs = tokenLogProbs(model.config, weights, weight(batch, 'ids'))
        return { loss: tf.neg(maskedMean(logProbs, tf.ones(logProbs.shape))) }
      },
      { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1, isDecayed, clipNorm: 1 },
    )
    const first = await step.update({ ids: text }, 1e-2)
    for (let i = 0; i < 78; i++) await step.update({ ids: text }, 1e-2)
    const last = await step.update({ ids: text }, 1e-2)
    expect(Math.abs(first['loss']! - Math.log(11))).toBeLessThan(0.2) // it knows nothing yet
    expect(last['loss']).toBeLessThan(0.1)
    step.dispose()
    expect(engine.memory()).toEqual(before)
    engine.dispose()
  })
})

describe('training', () => {
  it('goes the same way compiled and eager', async () => {
    const losses = await Promise.all(
      engines.map(async ([, open]) => {
        const engine = open()
        const model = tinyModel(5)
        const step = engine.trainStep(
          model.parameters,
          (weights, batch) => {
            const logProbs = tokenLogProbs(model.config, weights, weight(batch, 'ids'))
            return { loss: tf.neg(maskedMean(logProbs, weight(batch, 'mask'))) }
          },
          { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1, isDecayed, clipNorm: 1 },
        )
        const seen: number[] = []
        for (let i = 0; i < 8; i++) {
          const random = seeded('batch', i)
          const ids = Int32Array.from({ length: 3 * 12 }, () => Math.floor(random() * 11))
          const mask = Float32Array.from({ length: 3 * 11 }, () => (random() < 0.8 ? 1 : 0))
          const { loss } = await step.update(
            { ids: { shape: [3, 12], data: ids }, mask: { shape: [3, 11], data: mask } },
            1e-3,
          )
          seen.push(loss!)
        }
        engine.dispose()
        return seen
      }),
    )
    losses[1]!.forEach((loss, i) => expect(loss).toBeCloseTo(losses[0]![i]!, 4))
  })
})
