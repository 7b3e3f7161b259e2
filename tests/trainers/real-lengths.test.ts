import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Engine, HostTensor } from '../../src-main/compute/engine'
import { copyParameters } from '../../src-main/compute/parameters'
import { readExamples } from '../../src-main/data/import-file'
import { demonstrations as demonstrationsOf, preferencePairs } from '../../src-main/data/training-data'
import { trainCharacterTokenizer } from '../../src-main/model/tokenizers/character'
import { tokenLogProbs } from '../../src-main/model/language-model'
import { isDecayed } from '../../src-main/model/trunk-parameters'
import { inPartsOfLikeLength, positionsOf } from '../../src-main/trainers/next-token'
import { examplesAt } from '../../src-main/trainers/order'
import { judgedPairs, shares } from '../../src-main/trainers/pair-objective'
import {
  pairLogProbs,
  pairsInParts,
  planPairs,
  readPairs,
  type PairBatch,
} from '../../src-main/trainers/pair-rows'
import { referencesOf, withReference } from '../../src-main/trainers/reference-log-probs'
import { rowOf } from '../../src-main/trainers/rows'
import { judgedInParts, judgedRows, type UnpairedBatch } from '../../src-main/trainers/unpaired-rows'
import {
  paddedLengths,
  partsOfLikeLength,
  planLengths,
  planRollout,
} from '../../src-main/trainers/real-lengths'
import { seeded, shuffled } from '../../src-main/maths/random'
import { trainRatedReward } from '../../src-main/trainers/rating'
import { trainSft } from '../../src-main/trainers/sft'
import { gkdSettings, ilqlSettings, rewardSettings, run, sftSettings, testEngine, tinyModel } from './tiny'
import { trainGkd } from '../../src-main/trainers/gkd'
import { trainIlql } from '../../src-main/trainers/ilql'
import { trainRewardModel } from '../../src-main/trainers/reward'
import { trainProcessReward } from '../../src-main/trainers/steps'

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
        expect(padded.length).toBeLessThanOrEqual(8)
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

describe('texts that are yet to be written', () => {
  it('are padded to the longest there can be, in parts that fill a core', () => {
    const plan = planRollout(64, { rows: 16, parts: 2 })
    expect(plan.lengths).toEqual([64])
    expect(plan.rows).toBe(4)
    expect(planRollout(8, { rows: 16, parts: 2 })).toEqual({ lengths: [8], rows: 8 })
    expect(planRollout(64, { rows: 1, parts: 2 }).rows).toBe(1)
  })
})

const letters = 'abcx?'

describe('an update of texts of many lengths', () => {
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

/** An engine that says how many positions its updates are given. */
const counting = (given: { positions: number }): Engine => {
  const engine = testEngine()
  return {
    ...engine,
    trainStep(...asked) {
      const step = engine.trainStep(...asked)
      return {
        ...step,
        update(batch, learningRate) {
          for (const { ids } of [batch].flat() as { ids: HostTensor }[]) given.positions += ids.data.length
          return step.update(batch, learningRate)
        },
      }
    },
  } as Engine
}

describe('a reward model of texts with labels', () => {
  const lettered = Array.from({ length: 60 }, (_, row) => 'abc'[row % 3]!.repeat(4 + 4 * ((row * row) % 23)))
  const rated = lettered.map((completion, row) => ({ prompt: '?', completion, rating: row % 2 }))
  const stepped = rated.map((text) => ({ ...text, completion: `x\n${text.completion}` }))
  it.each(['ratings', 'steps'] as const)(
    'learns the same however a batch is cut, and computes few positions that are none: %s',
    async (learnFrom) => {
      const losses = async (accumulation: number) => {
        const settings = rewardSettings({
          learnFrom,
          batchPairs: 24,
          accumulation,
          heldOutFraction: 0.2,
          measureEvery: 1,
          learningRate: 1e-3,
        })
        const given = { positions: 0 }
        const model = tinyModel(`${letters}\n`, 112)
        const trainer =
          learnFrom === 'steps'
            ? trainProcessReward(counting(given), model, stepped, settings)
            : trainRatedReward(counting(given), model, rated, settings)
        const { updates } = await run(trainer)
        const real = updates.reduce((sum, { tokens }) => sum + tokens, 0)
        return { share: given.positions / real, values: updates.map(({ values }) => values) }
      }
      const [one, many] = [await losses(1), await losses(4)]
      expect(many.share).toBeLessThan(1.15)
      expect(one.values.length).toBeGreaterThan(1)
      for (const [index, values] of many.values.entries())
        for (const [name, value] of Object.entries(values))
          expect(value, name).toBeCloseTo(Number(one.values[index]?.[name as 'loss/rating']), 4)
    },
  )
})

describe('distillation and Q-learning of texts that are there', () => {
  const lettered = Array.from({ length: 96 }, (_, row) => ({
    prompt: '?',
    completion: 'abc'[row % 3]!.repeat(4 + 4 * ((row * row) % 23)),
  }))
  const learning = {
    gkd: (engine: Engine, accumulation: number) =>
      trainGkd(
        engine,
        {
          policy: tinyModel(letters, 112),
          teacher: tinyModel(letters, 112, 9),
          demonstrations: lettered,
          prompts: [],
        },
        gkdSettings({ ownShare: 0, batchExamples: 48, updates: 4, accumulation, learningRate: 1e-3 }),
      ),
    ilql: (engine: Engine, accumulation: number) =>
      trainIlql(
        engine,
        tinyModel(letters, 112),
        lettered.map((each, row) => ({ ...each, rating: row % 2 })),
        ilqlSettings({ batchExamples: 48, accumulation, learningRate: 1e-3 }),
      ),
  }
  it.each(['gkd', 'ilql'] as const)(
    'is the same however a batch is cut, and computes few positions that are none: %s',
    async (name) => {
      const losses = async (accumulation: number) => {
        const given = { positions: 0 }
        const { updates } = await run(learning[name](counting(given), accumulation))
        const real = updates.reduce((sum, { tokens }) => sum + tokens, 0)
        return { share: given.positions / real, values: updates.map(({ values }) => values) }
      }
      const [one, many] = [await losses(1), await losses(4)]
      // beside what is learned each row has its begin token and the prompt; all as long as the longest are 2.1 times
      expect(many.share).toBeLessThan(1.3)
      for (const [index, values] of many.values.entries())
        for (const [metric, value] of Object.entries(values))
          expect(value, metric).toBeCloseTo(Number(one.values[index]?.[metric as 'loss/train']), 4)
    },
  )
})

const optimizer = { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0, clipNorm: Infinity, isDecayed }

describe('preference pairs in parts of like length', () => {
  const given = Array.from({ length: 11 }, (_, row) => ({
    prompt: '?'.repeat(1 + (row % 2)),
    chosen: 'abc'[row % 3]!.repeat(1 + ((row * row) % 19)),
    rejected: 'bcx'[row % 3]!.repeat(1 + ((row * 5) % 13)),
    margin: 1 / (1 + (row % 2)),
  }))
  const objective = {
    loss: 'sigmoid',
    beta: 0.3,
    labelSmoothing: 0,
    discopopTau: 0.05,
    logRatios: 'whole',
    divergence: 'reverse-kl',
    alphaDivergence: 0.5,
    sftWeight: 0.2,
  } as const

  it.each([1, 0.5])('teach what they teach in one padded batch, tails weighing %f', async (tailWeight) => {
    const model = tinyModel(letters, 32)
    const { rows } = readPairs(model, given)
    const asked = { tailWeight, margin: 0.4 }
    const padded = { pairs: rows.length, lengths: [21], ...asked }
    const plan = planPairs(rows, { pairs: rows.length, parts: 2 }, whole)
    const learned = async (shape: typeof padded) => {
      const engine = testEngine()
      const parameters = copyParameters(model.parameters)
      // of another model: the log-ratios are none of them 0
      const referred = await withReference(engine, tinyModel(letters, 32, 9), rows, shape)
      const step = engine.trainStep<PairBatch>(
        parameters,
        (weights, batch) =>
          shares(judgedPairs(pairLogProbs(model.config, weights, batch), batch, objective), batch),
        optimizer,
      )
      const parts = pairsInParts(referred, shape)
      const answer = await step.update(parts, 0)
      const { firstMoment } = step.state()
      step.dispose()
      engine.dispose()
      return { parts, answer, firstMoment }
    }
    const one = await learned(padded)
    const many = await learned({ ...plan, ...asked, lengths: [...plan.lengths] })
    expect(many.parts.length).toBeGreaterThan(1)
    expect(many.parts.some(({ shorterIds }) => shorterIds)).toBe(true)
    for (const [name, value] of Object.entries(one.answer))
      expect(Math.abs(many.answer[name]! - value)).toBeLessThan(1e-5 * Math.max(1, Math.abs(value)))
    const largest = Math.max(...one.firstMoment.map(Math.abs))
    for (const [index, value] of one.firstMoment.entries())
      expect(Math.abs(many.firstMoment[index]! - value)).toBeLessThan(1e-5 * largest)
  })

  it('so do single texts that were called good or bad', async () => {
    const model = tinyModel(letters, 32)
    const rows = given.flatMap(({ prompt, chosen, rejected }) =>
      [chosen, rejected].map((completion, index) => ({
        ...rowOf(model.tokenizer, { prompt, completion }, 32),
        isGood: index === 0,
      })),
    )
    const plan = planLengths(rows.map(positionsOf), { rows: rows.length, parts: 2 }, whole)
    const learned = async (lengths: readonly number[], size: number) => {
      const engine = testEngine()
      const shape = { rows: size, lengths, goodWeight: 1, badWeight: 0.7 }
      const references = await referencesOf(engine, tinyModel(letters, 32, 9), rows, {
        ...shape,
        tailWeight: 1,
      })
      const referred = rows.map((row, index) => ({ ...row, reference: references[index]! }))
      const step = engine.trainStep<UnpairedBatch>(
        copyParameters(model.parameters),
        (weights, batch) =>
          judgedRows(tokenLogProbs(model.config, weights, batch.ids), batch, { loss: 'kto', beta: 0.3 }),
        optimizer,
      )
      const answer = await step.update(
        judgedInParts(referred, shape, 0.1).map(({ batch }) => batch),
        0,
      )
      engine.dispose()
      return answer
    }
    const one = await learned([21], rows.length)
    for (const [name, value] of Object.entries(await learned(plan.lengths, plan.rows)))
      expect(Math.abs(one[name]! - value)).toBeLessThan(1e-5 * Math.max(1, Math.abs(value)))
  })
})

describe('of the bundled texts', () => {
  const size = ({ shape }: { readonly shape: readonly number[] }): number => shape[0]! * (shape[1]! - 1)
  const of = async <T>(name: string, read: (examples: never[]) => readonly T[]): Promise<readonly T[]> => {
    const all: T[] = []
    for await (const { examples } of readExamples(`resources/datasets/${name}`))
      all.push(...read(examples as never[]))
    return all
  }
  const modelFor = (texts: readonly string[]) =>
    ({ config: { contextTokens: 4096 }, tokenizer: trainCharacterTokenizer(texts) }) as never

  it.each([8, 32])(
    'an update of %i preference pairs computes at most 1.15 times their tokens',
    async (pairs) => {
      const given = await of('sentiment-preference-pairs.jsonl', preferencePairs)
      const model = modelFor(
        given.flatMap(({ prompt, chosen, rejected }) => [prompt, chosen, rejected].map(String)),
      )
      const { rows } = readPairs(model, given)
      const plan = planPairs(rows, { pairs, parts: 2 }, whole)
      const referred = rows.map((row) => ({ ...row, chosenReference: 0, rejectedReference: 0 }))
      let real = 0
      let computed = 0
      for (let step = 0; step < 20; step++) {
        const batch = examplesAt(referred, pairs, step, 7)
        real += batch.reduce(
          (sum, { chosen, rejected }) => sum + positionsOf(chosen) + positionsOf(rejected),
          0,
        )
        for (const part of pairsInParts(batch, { ...plan, tailWeight: 1, margin: 0 }))
          computed += size(part.ids) + (part.shorterIds ? size(part.shorterIds) : 0)
      }
      expect(computed / real).toBeLessThan(1.15)
    },
  )

  it.each([8, 32])('an update of %i definitions computes at most 1.15 times their tokens', async (count) => {
    const given = await of('devils-dictionary-qa.jsonl', demonstrationsOf)
    const { tokenizer } = modelFor(
      given.flatMap(({ prompt, completion }) => [String(prompt), String(completion)]),
    )
    const rows = given.map((each) => rowOf(tokenizer, each, 4096))
    const plan = planLengths(rows.map(positionsOf), { rows: count, parts: 2 }, whole)
    let real = 0
    let computed = 0
    for (let step = 0; step < 20; step++) {
      const batch = examplesAt(rows, count, step, 7)
      real += batch.reduce((sum, row) => sum + positionsOf(row), 0)
      for (const { batch: part } of inPartsOfLikeLength(batch, plan)) computed += size(part.ids)
    }
    expect(computed / real).toBeLessThan(1.15)
  })
})
