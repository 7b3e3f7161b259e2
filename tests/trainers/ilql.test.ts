/** Implicit language Q-learning on texts that were rated; what it learns of a task stands in tasks.test.ts. */
import { describe, expect, it } from 'vitest'
import type { SettingsValues } from '../../src-shared/fields'
import { ilqlFields } from '../../src-shared/recipes/ilql'
import { generate } from '../../src-main/model/writing/generation'
import type { LanguageModel } from '../../src-main/model/model'
import { trainIlql } from '../../src-main/trainers/ilql'
import type { Snapshot } from '../../src-main/trainers/trainer'
import { ilqlSettings, run, testEngine, tinyModel, valuesOf } from './tiny'

const letters = 'abc'
/** The more a's the better. */
const rated = Array.from({ length: 54 }, (_, n) => {
  const completion = [0, 1, 2].map((place) => letters[Math.floor(n / 3 ** place) % 3]).join('')
  return { prompt: '', completion, rating: [...completion].filter((letter) => letter === 'a').length }
})
const trained = (
  settings: Parameters<typeof ilqlSettings>[0] = {},
  {
    start = tinyModel(letters),
    texts = rated,
    updates,
    resume,
  }: { start?: LanguageModel; texts?: typeof rated; updates?: number; resume?: Snapshot } = {},
) => run(trainIlql(testEngine(), start, texts, ilqlSettings(settings), resume), updates)
const flat = ({ last }: { readonly last: Snapshot }) => last.model.parameters.flat

async function shareOfA(model: LanguageModel): Promise<number> {
  const sampling = { temperature: 1, topK: 0, topP: 1, maxTokens: 6, seed: 3 }
  const written = await generate(testEngine(), model, new Array<string>(60).fill(''), sampling)
  const all = written.map(({ text }) => text).join('')
  return [...all].filter((letter) => letter === 'a').length / all.length
}

describe('ILQL', () => {
  it('writes what was rated higher, the more the more it is guided; without guidance what the texts do', async () => {
    const share = async (guidance: number) => {
      const settings = { epochs: 40, batchExamples: 27, learningRate: 1e-2, guidance }
      return shareOfA((await trained(settings)).last.model as LanguageModel)
    }
    const [none, some, much] = [await share(0), await share(1), await share(8)]
    expect(Math.abs(none - 1 / 3)).toBeLessThan(0.15)
    expect(some).toBeGreaterThan(none)
    expect(much).toBeGreaterThan(none + 0.25)
  })

  it('gives the same weights to the bit when it is stopped and resumed, guidance and slow heads too', async () => {
    const start = tinyModel(letters)
    const settings = { samplesEvery: 1, targetEvery: 2, guidance: 3 }
    const whole = await trained(settings, { start })
    for (const stop of [1, 5]) {
      const stopped = await trained(settings, { start, updates: stop })
      const resumed = await trained(settings, { start, resume: stopped.last })
      expect(valuesOf(resumed.updates)).toEqual(valuesOf(whole.updates.slice(stop)))
      expect(flat(resumed)).toEqual(flat(whole))
      expect(resumed.last.resume).toEqual(whole.last.resume)
    }
  })

  it('repeats itself exactly with the same seed, and not with another', async () => {
    const values = async (seed: number) => valuesOf((await trained({ seed })).updates)
    expect(await values(7)).toEqual(await values(7))
    expect(await values(7)).not.toEqual(await values(8))
  })

  it('leaves nothing behind when stopped early, and its start as it was', async () => {
    const engine = testEngine()
    const start = tinyModel(letters)
    const before = start.parameters.flat.slice()
    const memory = engine.memory()
    await run(trainIlql(engine, start, rated, ilqlSettings({ samplesEvery: 1 })), 2)
    expect(engine.memory()).toEqual(memory)
    expect(start.parameters.flat).toEqual(before)
  })

  it('makes the same update in any parts', async () => {
    const first = async (accumulation: number) => (await trained({ accumulation }, { updates: 1 })).updates[0]
    const whole = (await first(1))?.values
    for (const parts of [2, 3, 8])
      for (const metric of ['loss/train', 'loss/q', 'loss/value', 'optimizer/gradient-norm'] as const)
        expect((await first(parts))?.values[metric]).toBeCloseTo(whole?.[metric] as number, 5)
  })

  it('refuses texts of one rating, and none', async () => {
    const same = rated.map((text) => ({ ...text, rating: 2 }))
    await expect(trained({}, { texts: same })).rejects.toThrow(
      'examples: are all rated 2: nothing tells good ones from bad ones',
    )
    await expect(trained({}, { texts: [] })).rejects.toThrow('examples: has no rated texts')
  })
})

describe('a setting of ILQL', () => {
  const changes: readonly SettingsValues[] = [
    { guidance: 0 },
    { ratings: 'as-given' },
    { tau: 0.9 },
    { gamma: 0.5 },
    { cqlWeight: 1 },
    { imitationWeight: 0.1 },
    { imitationBeta: 1 },
    { targetShare: 1 },
    { targetEvery: 1 },
    { epochs: 1 },
    { batchExamples: 5 },
    { seed: 7 },
    { learningRate: 1e-3 },
    { warmupUpdates: 3 },
    { finalLearningRateFraction: 1 },
    { weightDecay: 1 },
    { beta2: 0.6 },
    { clipNorm: 0.01 },
  ]

  it('is tried, whichever it is', () => {
    const tried = changes.flatMap((change) => Object.keys(change))
    const changesNothing = ['longPrompts', 'checkpointEvery', 'samplesEvery', 'accumulation', 'recompute']
    expect([...tried, ...changesNothing].sort()).toEqual(Object.keys(ilqlFields).sort())
  })

  it.each(changes)('%o makes other weights', async (change) => {
    expect(flat(await trained(change))).not.toEqual(flat(await trained()))
  })
})
