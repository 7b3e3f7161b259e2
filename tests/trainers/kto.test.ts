import { describe, expect, it } from 'vitest'
import { defaultsOf } from '../../src-shared/fields'
import { ktoFields, type KtoSettings } from '../../src-shared/recipes/kto'
import type { RatedText } from '../../src-main/data/training-data'
import type { LanguageModel } from '../../src-main/model/model'
import { trainKto, type KtoInputs } from '../../src-main/trainers/kto'
import { mismatched, judgedRows, type UnpairedBatch } from '../../src-main/trainers/unpaired-rows'
import { trl } from '../fixtures/losses/trl'
import { exactLoss, vector } from './exact-loss'
import { logsOf, run, testEngine, tinyModel, valuesOf } from './tiny'

const letters = 'abcdxyz?'
/** Texts with an x somewhere are good, others are bad; prompts differ. */
const rated: readonly RatedText[] = Array.from({ length: 60 }, (_, row) => {
  const plain = [0, 1, 2].map((index) => 'abcd'[(row * 7 + index * 5 + (row >> index)) % 4]).join('')
  const isGood = row % 2 === 0
  const at = (row >> 1) % 4
  return {
    prompt: `${'abcd'[row % 4]}${'abcd'[(row >> 2) % 4]}?`,
    completion: isGood ? `${plain.slice(0, at)}x${plain.slice(at)}` : `${plain}${'yz'[(row >> 1) % 2]}`,
    rating: Number(isGood),
  }
})
const texts = { rated, pairs: [] }

const ktoSettings = (settings: Partial<KtoSettings>): KtoSettings => ({
  ...defaultsOf(ktoFields),
  batchExamples: 8,
  epochs: 2,
  warmupUpdates: 1,
  samplesEvery: 100,
  learningRate: 1e-2,
  ...settings,
})

const train = (settings: Partial<KtoSettings>, more: Partial<KtoInputs> = {}, updates?: number) =>
  run(trainKto(testEngine(), { policy: tinyModel(letters), texts, ...more }, ktoSettings(settings)), updates)

describe('Kahneman–Tversky optimization', () => {
  it.each(ktoFields.loss.choices)(
    'learns to tell good texts from bad ones, of those it never saw: %s',
    async (loss) => {
      const { updates } = await train({ loss, epochs: 12, heldOutFraction: 0.2 })
      expect(updates.at(-1)?.values['accuracy/held-out']).toBe(1)
      expect(updates.at(-1)?.values['accuracy/held-out-count']).toBeGreaterThan(0)
      expect(updates.at(-1)?.values['accuracy/held-out-low']).toBeLessThan(1)
      expect(updates.at(-1)?.values['margin/held-out']).toBeGreaterThan(0.1)
    },
  )

  it('learns the same of preference pairs, each a good and a bad text', async () => {
    const pairs = Array.from({ length: 30 }, (_, index) => ({
      prompt: '?',
      chosen: rated[2 * index]!.completion,
      rejected: rated[2 * index + 1]!.completion,
      margin: 1,
    }))
    const { updates } = await train({ epochs: 12, heldOutFraction: 0.2 }, { texts: { rated: [], pairs } })
    expect(updates.at(-1)?.values['accuracy/held-out']).toBe(1)
  })

  it('starts at λ/2 for each kind, and at log 2 with BCO: policy and reference agree', async () => {
    const first = async (settings: Partial<KtoSettings>) => (await train(settings, {}, 1)).updates[0]?.values
    expect((await first({}))?.['loss/preference']).toBeCloseTo(0.5, 5)
    expect((await first({ loss: 'bco' }))?.['loss/preference']).toBeCloseTo(Math.log(2), 5)
    expect((await first({ goodWeight: 3, badWeight: 3 }))?.['loss/preference']).toBeCloseTo(1.5, 5)
    expect((await first({}))?.['reward/baseline']).toBeCloseTo(0, 4)
  })

  it('repeats itself exactly with the same seed, and not with another', async () => {
    const values = async (seed: number) => valuesOf((await train({ seed })).updates)
    const one = await values(1)
    expect(await values(1)).toEqual(one)
    expect(await values(2)).not.toEqual(one)
  })

  it.each(ktoFields.loss.choices)(
    'gives the same weights to the bit when it is stopped and resumed: %s',
    async (loss) => {
      const go = (updates?: number, resume?: Parameters<typeof trainKto>[3]) =>
        run(
          trainKto(testEngine(), { policy: tinyModel(letters), texts }, ktoSettings({ loss }), resume),
          updates,
        )
      const whole = await go()
      const resumed = await go(undefined, (await go(5)).last)
      expect(resumed.updates[0]?.step).toBe(6)
      expect(resumed.last.model.parameters.flat).toEqual(whole.last.model.parameters.flat)
      expect(resumed.last.resume).toEqual(whole.last.resume)
    },
  )

  it.each([{ accumulation: 3 }, { accumulation: 7, loss: 'bco' }, { recompute: 'on' }] as const)(
    'makes the same updates with %o',
    async (settings) => {
      const losses = async (more: Partial<KtoSettings>) =>
        (await train(more)).updates.map(({ values }) => values['loss/preference'] as number)
      const plain = await losses({ ...settings, accumulation: 1, recompute: 'off' })
      for (const [index, loss] of (await losses(settings)).entries())
        expect(loss).toBeCloseTo(plain[index] as number, 4)
    },
  )

  const others: Partial<KtoSettings> = {
    goodFrom: 2,
    loss: 'bco',
    beta: 0.5,
    goodWeight: 2,
    badWeight: 2,
    epochs: 3,
    seed: 7,
    batchExamples: 4,
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
  const changeNothingLearned = ['longPrompts', 'checkpointEvery', 'samplesEvery', 'accumulation', 'recompute']

  it('has no setting that changes nothing', async () => {
    expect([...Object.keys(others), ...changeNothingLearned].sort()).toEqual(Object.keys(ktoFields).sort())
    // Ratings of 0, 1 and 2, so that where good begins can move.
    const three = rated.map((text, index) => ({
      ...text,
      rating: text.rating * (1 + (index % 3 === 0 ? 1 : 0)),
    }))
    const weights = async (settings: Partial<KtoSettings>) => {
      const { parameters } = (await train(settings, { texts: { rated: three, pairs: [] } })).last.model
      return Object.keys(parameters.spec).map((name) => [name, [...parameters.view(name)]])
    }
    const plain = await weights({})
    const adapted = await weights({ adapter: 'lora' })
    for (const [name, value] of Object.entries(others)) {
      const isOfAdapter = name.startsWith('lora') || name === 'frozenWeights'
      const found = await weights({ ...(isOfAdapter && { adapter: 'lora' }), [name]: value })
      expect(found, name).not.toEqual(isOfAdapter ? adapted : plain)
    }
    expect(await weights({ loss: 'apo-zero' })).not.toEqual(plain)
  }, 120_000)

  it('leaves the model it starts from as it was, and nothing behind when stopped early', async () => {
    const engine = testEngine()
    const policy = tinyModel(letters)
    const before = policy.parameters.flat.slice()
    const memory = engine.memory()
    await run(trainKto(engine, { policy, texts }, ktoSettings({ samplesEvery: 1 })), 2)
    expect(engine.memory()).toEqual(memory)
    expect(policy.parameters.flat).toEqual(before)
  })

  it('refuses texts that are all good or all bad, and none at all, in words', async () => {
    const problemOf = async (given: readonly RatedText[]) => {
      const refused = train({}, { texts: { rated: given, pairs: [] } })
      return refused.then(
        () => undefined,
        (error: { error: { problems: readonly { field: string; problem: string }[] } }) =>
          error.error.problems[0],
      )
    }
    const all = (rating: number) => rated.map((text) => ({ ...text, rating }))
    expect(await problemOf(all(1))).toMatchObject({
      field: 'examples',
      problem: expect.stringMatching(/all good/),
    })
    expect(await problemOf(all(0))).toMatchObject({
      field: 'examples',
      problem: expect.stringMatching(/all bad/),
    })
    expect(await problemOf([])).toMatchObject({ field: 'examples' })
  })

  it('says how many texts were cut', async () => {
    const { events } = await train(
      {},
      { texts: { rated: [...rated, { prompt: '?', completion: 'abcdabcdabcdx', rating: 1 }], pairs: [] } },
    )
    expect(logsOf(events)).toEqual([
      'Longer than 12 tokens and cut there, without an end token: 1 of 61 texts.',
    ])
  })
})

describe('mismatched completions', () => {
  const row = (...ids: number[]) => ({ ids: Int32Array.from(ids), learnedFrom: 1 })

  it('every prompt gets the next one’s completion, and every completion one prompt, in batches of any size', () => {
    // begin 0, prompt 1, 2 or 3; completions 10…, 20…, 30…
    const three = [row(0, 1, 10, 11), row(0, 2, 20), row(0, 3, 30, 31, 32)]
    expect(mismatched(three, 9).map(({ ids }) => [...ids])).toEqual([
      [0, 1, 20],
      [0, 2, 30, 31, 32],
      [0, 3, 10, 11],
    ])
  })

  it('is cut where the context ends', () => {
    expect(mismatched([row(0, 1, 10), row(0, 2, 20, 21, 22)], 4).map(({ ids }) => [...ids])).toEqual([
      [0, 1, 20, 21],
      [0, 2, 10],
    ])
  })
})

describe('a loss of single completions agrees with TRL, and so does its gradient', () => {
  const { pairs, time, mask, labels } = trl
  const rows = 2 * pairs
  const z0 = Math.max(0, trl.klOfMismatched.reduce((sum, value) => sum + value, 0) / rows)

  it.each([
    ['kto', 'kto', 1, 1],
    ['weighted', 'kto', 1.5, 0.75],
    ['apo_zero_unpaired', 'apo-zero', 1, 1],
  ] as const)('%s', (name, loss, goodWeight, badWeight) => {
    const beta = 0.3
    const batch = {
      mask: { shape: [rows, time], data: mask.flat() },
      reference: vector(trl.sumsOf(trl.reference)),
      signs: vector(labels.map((label) => 2 * label - 1)),
      weights: vector(labels.map((label) => (label ? goodWeight : badWeight) / rows)),
      ofGood: vector(labels),
      ofBad: vector(labels),
      baseline: { shape: [], data: [loss === 'kto' ? beta * z0 : 0] },
    }
    const theirs = trl.kto[name]!
    const ours = exactLoss(
      (logProbs, given) => judgedRows(logProbs, given as UnpairedBatch, { loss, beta }).loss,
      { shape: [rows, time], data: trl.logProbs },
      batch,
    )
    expect(Math.abs(ours.loss - theirs.loss)).toBeLessThan(1e-6)
    for (const [index, slope] of theirs.gradient.entries())
      expect(Math.abs(ours.gradient[index]! - slope)).toBeLessThan(1e-6)
  })
})

describe('BCO', () => {
  it('takes −log σ of the distance from the middle of good and bad rewards, by hand', async () => {
    // Two good rewards of 3 and 1, a bad one of −2: δ = ½ (2 − 2) = 0; then another bad one of −6: δ = ½ (2 − 4).
    const { openBaseline } = await import('../../src-main/trainers/unpaired-baseline')
    const model = tinyModel(letters) as LanguageModel
    const engine = testEngine()
    const ids = Int32Array.of(model.tokenizer.beginToken, 1, 2)
    const sizes = { rows: 4, lengths: [4] }
    const zero = openBaseline(engine, { policy: model, reference: model }, { loss: 'bco', beta: 1 }, sizes)
    const plain = { ids, learnedFrom: 0, isGood: true, reference: 0 }
    const sum = await zero.ofBatch([plain]) // its log-probability, with a reference of 0
    const baseline = openBaseline(
      engine,
      { policy: model, reference: model },
      { loss: 'bco', beta: 1 },
      sizes,
    )
    const rewarded = (reward: number, isGood: boolean) => ({ ...plain, isGood, reference: sum - reward })
    expect(await baseline.ofBatch([rewarded(3, true), rewarded(1, true), rewarded(-2, false)])).toBeCloseTo(
      0,
      5,
    )
    expect(await baseline.ofBatch([rewarded(-6, false)])).toBeCloseTo(-1, 5)
    zero.dispose()
    baseline.dispose()
    engine.dispose()
  })
})
