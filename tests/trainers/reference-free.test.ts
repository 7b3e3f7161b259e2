import { describe, expect, it } from 'vitest'
import { defaultsOf } from '../../src-shared/fields'
import {
  referenceFree,
  referenceFreeFields,
  type ReferenceFreeSettings,
} from '../../src-shared/recipes/reference-free'
import type { PairBatch } from '../../src-main/trainers/pair-rows'
import { shares } from '../../src-main/trainers/pair-objective'
import { judgedFreely, trainReferenceFree } from '../../src-main/trainers/reference-free'
import { trl } from '../fixtures/losses/trl'
import { exactLoss, vector } from './exact-loss'
import { logsOf, run, testEngine, tinyModel, valuesOf } from './tiny'

const letters = 'abcdxyz?'
/** Texts with an x somewhere are preferred to texts without. */
const pairs = Array.from({ length: 40 }, (_, row) => {
  const plain = [0, 1, 2].map((index) => 'abcd'[(row * 7 + index * 5 + (row >> index)) % 4]).join('')
  const at = row % 4
  return {
    prompt: '?',
    chosen: `${plain.slice(0, at)}x${plain.slice(at)}`,
    rejected: `${plain}${'yz'[row % 2]}${'d'.repeat(row % 3)}`,
    margin: 1,
  }
})

const settingsOf = (settings: Partial<ReferenceFreeSettings>): ReferenceFreeSettings => ({
  ...defaultsOf(referenceFreeFields),
  batchPairs: 8,
  epochs: 2,
  warmupUpdates: 1,
  samplesEvery: 100,
  learningRate: 1e-2,
  ...settings,
})

const train = (settings: Partial<ReferenceFreeSettings>, given = pairs, updates?: number) =>
  run(
    trainReferenceFree(testEngine(), { policy: tinyModel(letters), pairs: given }, settingsOf(settings)),
    updates,
  )

const published: readonly (readonly [string, Partial<ReferenceFreeSettings>])[] = [
  ['ORPO', {}],
  ...referenceFree.presets.map(({ name, settings }) => [name, settings] as const),
]

describe('a policy from pairs without a reference', () => {
  it.each(published)('learns what people prefer, for pairs it never saw: %s', async (_, settings) => {
    const { updates } = await train({ ...settings, epochs: 12, heldOutFraction: 0.2 })
    const first = updates[0]!.values
    const last = updates.at(-1)!.values
    expect(last['accuracy/held-out']).toBe(1)
    expect(last['margin/held-out']).toBeGreaterThan(0)
    const lead = (values: typeof first) =>
      values['policy/chosen-log-prob']! - values['policy/rejected-log-prob']!
    expect(lead(last)).toBeGreaterThan(lead(first) + 0.2)
  })

  it('with imitation the chosen completions become likelier, without it they need not', async () => {
    const { updates } = await train({ loss: 'simpo', beta: 2.5, sftWeight: 1, epochs: 6 })
    expect(updates.at(-1)!.values['policy/chosen-log-prob']).toBeGreaterThan(
      updates[0]!.values['policy/chosen-log-prob']!,
    )
  })

  it('repeats itself exactly with the same seed, and not with another', async () => {
    const values = async (seed: number) => valuesOf((await train({ seed })).updates)
    const one = await values(1)
    expect(await values(1)).toEqual(one)
    expect(await values(2)).not.toEqual(one)
  })

  it('gives the same weights to the bit when it is stopped and resumed', async () => {
    const go = (updates?: number, resume?: Parameters<typeof trainReferenceFree>[3]) =>
      run(
        trainReferenceFree(testEngine(), { policy: tinyModel(letters), pairs }, settingsOf({}), resume),
        updates,
      )
    const whole = await go()
    const resumed = await go(undefined, (await go(4)).last)
    expect(resumed.updates[0]?.step).toBe(5)
    expect(resumed.last.model.parameters.flat).toEqual(whole.last.model.parameters.flat)
    expect(resumed.last.resume).toEqual(whole.last.resume)
  })

  it.each([{ accumulation: 3 }, { accumulation: 5, loss: 'simpo' }, { recompute: 'on' }] as const)(
    'makes the same updates with %o',
    async (settings) => {
      const losses = async (more: Partial<ReferenceFreeSettings>) =>
        (await train(more)).updates.map(({ values }) => values['loss/preference'] as number)
      const plain = await losses({ ...settings, accumulation: 1, recompute: 'off' })
      for (const [index, loss] of (await losses(settings)).entries())
        expect(loss).toBeCloseTo(plain[index] as number, 4)
    },
  )

  const others: Partial<ReferenceFreeSettings> = {
    loss: 'cpo',
    beta: 0.5,
    gamma: 0.3,
    alpha: 1,
    sftWeight: 0.1,
    epochs: 3,
    seed: 7,
    batchPairs: 4,
    heldOutFraction: 0.4,
    learningRate: 1e-3,
    warmupUpdates: 5,
    finalLearningRateFraction: 0.5,
    weightDecay: 0.5,
    beta2: 0.8,
    clipNorm: 0.01,
    adapter: 'lora',
    lastLayers: 1,
    embeddings: 'frozen',
    frozen: 'ln_*',
    loraRank: 2,
    loraAlpha: 4,
    loraScaling: 'by-root-of-rank',
    loraTargets: 'all',
    loraDropout: 0.5,
    frozenWeights: '8-bit',
  }
  const beside: Readonly<Record<string, Partial<ReferenceFreeSettings>>> = {
    frozenWeights: { adapter: 'lora' },
    gamma: { loss: 'simpo' },
    alpha: { loss: 'alphapo' },
  }
  const changeNothingLearned = ['longPrompts', 'checkpointEvery', 'samplesEvery', 'accumulation', 'recompute']

  it('has no setting that changes nothing', async () => {
    expect([...Object.keys(others), ...changeNothingLearned].sort()).toEqual(
      Object.keys(referenceFreeFields).sort(),
    )
    const weights = async (settings: Partial<ReferenceFreeSettings>) => {
      const { parameters } = (await train(settings)).last.model
      return Object.keys(parameters.spec).map((name) => [name, [...parameters.view(name)]])
    }
    for (const [name, value] of Object.entries(others)) {
      const among = name.startsWith('lora') ? { adapter: 'lora' as const } : (beside[name] ?? {})
      expect(await weights({ ...among, [name]: value }), name).not.toEqual(await weights(among))
    }
  }, 120_000)

  it('leaves the model it starts from as it was, and nothing behind when stopped early', async () => {
    const engine = testEngine()
    const policy = tinyModel(letters)
    const before = policy.parameters.flat.slice()
    const memory = engine.memory()
    await run(trainReferenceFree(engine, { policy, pairs }, settingsOf({ samplesEvery: 1 })), 2)
    expect(engine.memory()).toEqual(memory)
    expect(policy.parameters.flat).toEqual(before)
  })

  it('leaves out pairs whose completions are the same, and refuses when all are', async () => {
    const ties = pairs.map((pair) => ({ ...pair, rejected: pair.chosen }))
    expect(logsOf((await train({}, [...pairs, ...ties.slice(0, 3)])).events)).toContain(
      'Left out, because both completions are the same to the model: 3 of 43 pairs.',
    )
    await expect(train({}, ties)).rejects.toMatchObject({ error: { problems: [{ field: 'pairs' }] } })
  })
})

describe('a loss without a reference agrees with TRL, and so does its gradient', () => {
  const { pairs: count, time, mask, tokens } = trl
  const cases = {
    orpo: { loss: 'orpo', beta: 0.1, gamma: 0, alpha: 1 },
    simpo: { loss: 'simpo', beta: 2.5, gamma: 1.375, alpha: 1 },
    cpo: { loss: 'cpo', beta: 0.1, gamma: 0, alpha: 1 },
    alphapo: { loss: 'alphapo', beta: 2.5, gamma: 0.1, alpha: 0.25 },
  } as const

  it.each(Object.entries(cases))('%s', (name, settings) => {
    const batch = {
      mask: { shape: [2 * count, time], data: mask.flat() },
      tokens: vector(tokens),
      counts: vector(new Array<number>(count).fill(1)),
      total: { shape: [], data: [count] },
    }
    const theirs = trl.free[name]!
    const ours = exactLoss(
      (logProbs, given) =>
        shares(judgedFreely(logProbs, given as PairBatch, { ...settings, sftWeight: 0 }), given as PairBatch)
          .loss,
      { shape: [2 * count, time], data: trl.scaled },
      batch,
    )
    expect(Math.abs(ours.loss - theirs.loss)).toBeLessThan(1e-6)
    for (const [index, slope] of theirs.gradient.entries())
      expect(Math.abs(ours.gradient[index]! - slope)).toBeLessThan(1e-6)
  })
})
