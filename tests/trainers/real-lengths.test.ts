import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { paddedLengths, partsOfLikeLength, planLengths } from '../../src-main/trainers/real-lengths'
import { seeded, shuffled } from '../../src-main/maths/random'
import { trainSft } from '../../src-main/trainers/sft'
import { rewardSettings, run, sftSettings, testEngine, tinyModel } from './tiny'
import { trainRewardModel } from '../../src-main/trainers/reward'

const whole = { adapter: 'none', loraDropout: 0 }
const lengths = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 60 })
const positions = (all: readonly number[], padded: readonly number[]): number =>
  all.reduce((sum, length) => sum + padded.find((each) => each >= length)!, 0)

describe('the lengths that texts are padded to', () => {
  it('are the lengths themselves while those are few', () => {
    expect(paddedLengths([3, 9, 3, 5])).toEqual([3, 5, 9])
  })

  it('add as little as any choice of as many lengths', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 20 }), (all) => {
        const different = [...new Set(all)]
        const longest = Math.max(...all)
        const choices = different.flatMap((a) => different.map((b) => [a, b, longest].sort((x, y) => x - y)))
        const least = Math.min(...choices.map((choice) => positions(all, choice)))
        expect(positions(all, paddedLengths(all, 3))).toBe(least)
      }),
    )
  })

  it('hold every text, and are few', () => {
    fc.assert(
      fc.property(lengths, (all) => {
        const padded = paddedLengths(all)
        expect(padded.length).toBeLessThanOrEqual(6)
        expect(padded.at(-1)).toBe(Math.max(...all))
        expect([...padded].sort((a, b) => a - b)).toEqual(padded)
      }),
    )
  })
})

describe('parts of like length', () => {
  it('have every text once, each where it fits', () => {
    fc.assert(
      fc.property(lengths, fc.integer({ min: 1, max: 4 }), (all, parts) => {
        const batch = all.map((length, index) => ({ length, index }))
        const plan = planLengths(all, { rows: all.length, parts }, whole)
        const cut = partsOfLikeLength(batch, ({ length }) => length, plan)
        expect(cut.flatMap(({ rows }) => rows.map(({ index }) => index)).sort((a, b) => a - b)).toEqual([
          ...all.keys(),
        ])
        for (const { rows, time } of cut) {
          expect(rows.length).toBeLessThanOrEqual(plan.rows)
          for (const { length } of rows) expect(length).toBeLessThanOrEqual(time)
        }
      }),
    )
  })

  it('compute hardly more than the real positions, and far less than one length for all', () => {
    const all = Array.from({ length: 1024 }, (_, index) => 10 + (index % 111))
    const plan = planLengths(all, { rows: 64, parts: 2 }, whole)
    let real = 0
    let computed = 0
    for (let batch = 0; batch < 64; batch++) {
      const drawn = [...shuffled(all.length, seeded(batch))].slice(0, 64).map((index) => all[index]!)
      real += drawn.reduce((sum, length) => sum + length, 0)
      for (const { time } of partsOfLikeLength(drawn, (length) => length, plan)) computed += plan.rows * time
    }
    expect(computed / real).toBeLessThan(1.2)
    // all at 120, of a mean of 65
    expect((64 * 64 * 120) / real).toBeGreaterThan(1.8)
  })
})

describe('under an adapter’s dropout', () => {
  it('all texts have one length', () => {
    const plan = planLengths([2, 9, 3], { rows: 3, parts: 2 }, { adapter: 'lora', loraDropout: 0.1 })
    expect(plan).toEqual({ lengths: [9], rows: 2 })
  })
})

describe('an update of texts of many lengths', () => {
  const letters = 'abcx?'
  const demonstrations = Array.from({ length: 24 }, (_, row) => ({
    prompt: '?',
    completion: 'abc'[row % 3]!.repeat(1 + ((row * row) % 23)),
  }))

  it('is the same however the batch is cut, and so whatever its texts are padded to, with noise too', async () => {
    const losses = async (accumulation: number) => {
      const settings = sftSettings({
        batchExamples: 24,
        accumulation,
        heldOutFraction: 0,
        learningRate: 1e-3,
      })
      return (
        await run(trainSft(testEngine(), tinyModel(letters, 32), demonstrations, settings))
      ).updates.map(({ values }) => values['loss/train'] as number)
    }
    const all = await losses(1)
    for (const parts of [2, 5, 24])
      for (const [index, loss] of (await losses(parts)).entries()) expect(loss).toBeCloseTo(all[index]!, 4)
  })

  it('has parts of several shapes, and pairs stay together in theirs', async () => {
    const pairs = demonstrations.map(({ prompt, completion }, row) => ({
      prompt,
      chosen: `x${completion}`,
      rejected: 'bca'[row % 3]!,
      margin: 1,
    }))
    const losses = async (accumulation: number) =>
      (
        await run(
          trainRewardModel(
            testEngine(),
            tinyModel(letters, 32),
            pairs,
            rewardSettings({
              batchPairs: 24,
              accumulation,
              heldOutFraction: 0,
              epochs: 2,
              learningRate: 1e-3,
            }),
          ),
        )
      ).updates.map(({ values }) => values['loss/reward'] as number)
    const whole = await losses(1)
    for (const parts of [3, 12])
      for (const [index, loss] of (await losses(parts)).entries()) expect(loss).toBeCloseTo(whole[index]!, 4)
  })
})
