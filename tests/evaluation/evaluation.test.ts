import { describe, expect, it } from 'vitest'
import { compiledEngine } from '../../src-main/compute/cpu/compile'
import { bestOfNLine, rewardOnLine } from '../../src-main/evaluation/best-of-n'
import { evaluateTexts } from '../../src-main/evaluation/evaluate-texts'
import { jackknifed } from '../../src-main/evaluation/jackknife'
import { klToReference } from '../../src-main/evaluation/kl-to-reference'
import { normal, seeded } from '../../src-main/maths/random'
import { generate } from '../../src-main/model/writing/generation'
import { lexiconReward } from '../../src-main/rewards/lexicon'
import { winkReward } from '../../src-main/rewards/wink'
import { tinyModel } from '../trainers/tiny'

const text = (completion: string, hasEnded = true) => ({ prompt: '', completion, hasEnded })
const against = {
  reward: lexiconReward,
  judge: winkReward,
  trainingTexts: ['The food was great.', 'A long story that goes on and on'],
}

describe('the evaluation of texts', () => {
  it('says mean reward, shares, length and copies of a set', async () => {
    const texts = [
      text('The food was great.'),
      text('The food was bad.'),
      text('A long story', false),
      text('A long'),
      ...Array.from({ length: 21 }, () => text('A table.')),
    ]
    const found = await evaluateTexts(texts, against)
    // VADER: great .6249, bad −.5423, the other 23 say nothing
    expect(found.meanReward).toBeCloseTo((0.6249 - 0.5423) / 25, 6)
    expect(found.positiveShare).toBe(1 / 25)
    expect(found.judgeShare).toBe(1 / 25)
    expect(found.endedShare).toBe(24 / 25)
    expect(found.meanLength).toBeCloseTo((19 + 17 + 12 + 6 + 21 * 8) / 25, 6)
    // copied: the first, and the third, which was cut inside a training text; the fourth ended where the
    // training text goes on
    expect(found.copiedShare).toBe(2 / 25)
    // pairs: 3 + 3 + 2 + 1 + 21 in all; the food, food was, was great., was bad., A long, long story, A
    // table. are different
    expect(found.distinct2).toBeCloseTo(7 / 30, 6)
  })

  it('puts an interval around every number', async () => {
    const random = seeded(3)
    const texts = Array.from({ length: 200 }, () =>
      text(['It was good.', 'It was bad.', 'It was green.'][Math.floor(random() * 3)]!, random() < 0.5),
    )
    const found = await evaluateTexts(texts, against)
    for (const [name, { low, high }] of Object.entries(found.ci95)) {
      const value = found[name as keyof typeof found.ci95]
      expect({ name, isInside: low <= value && value <= high }).toEqual({ name, isInside: true })
    }
    expect(found.ci95.endedShare.high - found.ci95.endedShare.low).toBeCloseTo(
      2 * 1.96 * Math.sqrt(0.25 / 200),
      1,
    )
  })
})

describe('the jackknife', () => {
  it('has the width of the normal interval when the statistic is a mean', () => {
    const random = seeded(1)
    const values = Array.from({ length: 500 }, () => normal(random))
    const mean = (of: readonly number[]) => of.reduce((sum, value) => sum + value, 0) / of.length
    const { value, interval } = jackknifed(values, mean)
    expect(value).toBe(mean(values))
    expect((interval.high - interval.low) / 2).toBeGreaterThan((0.6 * 1.96) / Math.sqrt(500))
    expect((interval.high - interval.low) / 2).toBeLessThan((1.6 * 1.96) / Math.sqrt(500))
  })

  it('holds the truth about 95 times in 100', () => {
    const mean = (of: readonly number[]) => of.reduce((sum, value) => sum + value, 0) / of.length
    const holds = Array.from({ length: 300 }, (_, trial) => {
      const random = seeded('trial', trial)
      const { interval } = jackknifed(
        Array.from({ length: 100 }, () => random()),
        mean,
      )
      return interval.low <= 0.5 && 0.5 <= interval.high
    }).filter(Boolean).length
    expect(holds / 300).toBeGreaterThan(0.91)
    expect(holds / 300).toBeLessThan(0.985)
  })

  it('refuses too few texts', () => {
    expect(() => jackknifed([1, 2], () => 0)).toThrow(
      '2 texts are too few for an interval: at least 25 are needed',
    )
  })
})

describe('KL to the reference', () => {
  const sampling = { temperature: 1, topK: 0, topP: 1, maxTokens: 8, seed: 2 }

  it('is exactly 0 to the model itself', async () => {
    const engine = compiledEngine({ threads: 1 })
    const model = tinyModel('abc')
    const written = await generate(
      engine,
      model,
      Array.from({ length: 70 }, () => ''),
      sampling,
    )
    expect(await klToReference(engine, model, model, written)).toEqual({
      mean: 0,
      interval: { low: 0, high: 0 },
    })
  })

  it('agrees with the mean log-ratio of many texts', async () => {
    const engine = compiledEngine({ threads: 1 })
    const [policy, reference] = [tinyModel('abc', 12, 1), tinyModel('abc', 12, 2)]
    for (const { parameters } of [policy, reference])
      parameters.flat.forEach((value, place) => {
        parameters.flat[place] = 5 * value
      })
    const written = await generate(
      engine,
      policy,
      Array.from({ length: 1500 }, () => ''),
      sampling,
    )
    const { mean } = await klToReference(engine, policy, reference, written)
    const { tokenLogProbs } = await import('../../src-main/model/language-model')
    const program = engine.program((weights, batch) => ({
      logProbs: tokenLogProbs(policy.config, weights, batch['ids']!),
    }))
    let ratios = 0
    for (const { ids } of written) {
      const batch = { ids: { shape: [1, ids.length], data: ids } }
      const [ours, theirs] = [
        await program.run(policy.parameters, batch),
        await program.run(reference.parameters, batch),
      ]
      ours['logProbs']!.data.forEach((logProb, t) => {
        ratios += logProb - theirs['logProbs']!.data[t]!
      })
    }
    expect(mean).toBeGreaterThan(0.3)
    // within 10 %: the log-ratio is the noisier of the two
    expect(ratios / written.length / mean).toBeCloseTo(1, 0.7)
  })

  it('leaves nothing behind', async () => {
    const engine = compiledEngine({ threads: 1 })
    const model = tinyModel('abc')
    const written = await generate(engine, model, ['', ''], sampling)
    const before = engine.memory()
    await klToReference(engine, model, model, written)
    expect(engine.memory()).toEqual(before)
  })
})

describe('the best-of-n line', () => {
  const random = seeded(5)
  const line = bestOfNLine(Array.from({ length: 4000 }, () => random()))

  it('is the expected maximum of n draws at each n, and its KL bound', () => {
    // an eighth of 4,000 is 500
    expect(line.map((point) => point.n)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256])
    for (const { n, meanReward, kl, ci95 } of line) {
      expect(kl).toBeCloseTo(Math.log(n) - (n - 1) / n, 12)
      expect(meanReward).toBeCloseTo(n / (n + 1), 1.5) // E[max of n uniforms] = n / (n + 1)
      expect(ci95.meanReward.low).toBeLessThanOrEqual(n / (n + 1))
    }
  })

  it('is straight between its points, and unknown beyond its end', () => {
    const [one, two] = [line[0]!, line[1]!]
    expect(rewardOnLine(line, two.kl / 2)).toBeCloseTo((one.meanReward + two.meanReward) / 2, 9)
    expect(rewardOnLine(line, 0)).toBe(one.meanReward)
    expect(rewardOnLine(line, 5)).toBeUndefined() // ln 256 − 255/256 = 4.55 is its end
  })
})
