/** Distillation: a small model learns from a larger one, over texts of others and its own. */
import { describe, expect, it } from 'vitest'
import { gkdFields, type GkdSettings } from '../../src-shared/recipes/gkd'
import type { SettingsValues } from '../../src-shared/fields'
import type { LanguageModel } from '../../src-main/model/model'
import { trainGkd, gkdTrainer, type GkdInputs } from '../../src-main/trainers/gkd'
import { trainSft } from '../../src-main/trainers/sft'
import type { Snapshot } from '../../src-main/trainers/trainer'
import { allocate } from '../../src-main/compute/parameters'
import { trunkSpec } from '../../src-main/model/trunk-parameters'
import { createLanguageModel } from '../../src-main/model/language-model'
import { seeded } from '../../src-main/maths/random'
import { mean } from '../maths/tensors'
import { gkdSettings, run, sftSettings, testEngine, tinyModel, valuesOf } from './tiny'

const letters = 'abc'
/** The next letter twice: a rule that a child can state. */
const rule = [...letters].map((letter, place) => ({
  prompt: letter,
  completion: (letters[(place + 1) % 3] ?? '').repeat(2),
}))
const others = [...letters].flatMap((prompt) => [...letters].map((completion) => ({ prompt, completion })))
const learned = new Map<string, Promise<LanguageModel>>()

/** Twice as wide as the policy, and it knows the rule. */
function teacherModel(): Promise<LanguageModel> {
  const known = learned.get(letters) ?? taught()
  learned.set(letters, known)
  return known
}
async function taught(): Promise<LanguageModel> {
  const { tokenizer, config } = tinyModel(letters)
  const wide = createLanguageModel({ ...config, width: 32, layers: 2 }, tokenizer, seeded(3, 'weights'))
  const examples = Array.from({ length: 60 }, (_, index) => rule[index % 3]!)
  const settings = sftSettings({ epochs: 30, heldOutFraction: 0 })
  return (await run(trainSft(testEngine(), wide, examples, settings))).last.model as LanguageModel
}

const given = async (more: Partial<GkdInputs> = {}): Promise<GkdInputs> => ({
  policy: tinyModel(letters),
  teacher: await teacherModel(),
  demonstrations: others,
  prompts: [...letters],
  ...more,
})
const trained = async (
  settings: Partial<GkdSettings> = {},
  { inputs, updates, resume }: { inputs?: GkdInputs; updates?: number; resume?: Snapshot } = {},
) => run(trainGkd(testEngine(), inputs ?? (await given()), gkdSettings(settings), resume), updates)
const flat = ({ last }: { readonly last: Snapshot }) => last.model.parameters.flat

const ways: readonly (readonly [string, Partial<GkdSettings>])[] = [
  ['half its own texts', {}],
  ['its own alone, KL(policy ‖ teacher)', { ownShare: 1, beta: 1 }],
  ['the teacher’s texts', { ownShare: 0, otherTexts: 'teacher', beta: 0 }],
  ['texts of others that do not follow the rule', { ownShare: 0, beta: 0 }],
]

describe('distillation', () => {
  it.each(ways)('learns what the teacher does, from %s', async (_, settings) => {
    const { updates } = await trained({ ...settings, updates: 120, learningRate: 1e-2 })
    const kl = updates.map(({ values }) => values['kl/teacher'] as number)
    expect(kl[0]).toBeGreaterThan(0.5)
    expect(mean(kl.slice(-8))).toBeLessThan(0.15 * kl[0]!)
  })

  it('writes what the teacher writes when it has learned from its own texts alone', async () => {
    const { events } = await trained({ ownShare: 1, beta: 1, updates: 80, learningRate: 1e-2 })
    const samples = events.flatMap((event) => (event.kind === 'samples' ? event.samples : []))
    const right = samples.filter(({ prompt, completion }) =>
      rule.some((each) => each.prompt === prompt && each.completion === completion),
    )
    expect(right.length).toBeGreaterThanOrEqual(7)
  })

  it('gives the same weights to the bit when it is stopped and resumed at any update', async () => {
    const inputs = await given()
    const whole = await trained({ updates: 6, samplesEvery: 1 }, { inputs })
    for (const stop of [1, 4]) {
      const stopped = await trained({ updates: 6, samplesEvery: 1 }, { inputs, updates: stop })
      const resumed = await trained({ updates: 6, samplesEvery: 1 }, { inputs, resume: stopped.last })
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

  it('leaves nothing behind when stopped early, and both models as they were', async () => {
    const engine = testEngine()
    const inputs = await given()
    const before = [inputs.policy, inputs.teacher].map(({ parameters }) => parameters.flat.slice())
    const memory = engine.memory()
    await run(trainGkd(engine, inputs, gkdSettings({ samplesEvery: 1 })), 2)
    expect(engine.memory()).toEqual(memory)
    expect([inputs.policy, inputs.teacher].map(({ parameters }) => parameters.flat)).toEqual(before)
  })

  it.each(ways)('makes the same update in any parts, from %s', async (_, settings) => {
    const first = async (accumulation: number) =>
      (await trained({ ...settings, updates: 1, accumulation })).updates[0]?.values
    const whole = await first(1)
    for (const parts of [2, 3, 8])
      for (const metric of ['loss/train', 'kl/teacher', 'optimizer/gradient-norm'] as const)
        expect((await first(parts))?.[metric]).toBeCloseTo(whole?.[metric] as number, 5)
  })

  it('counts a token that only ends a text, and not one that was cut', async () => {
    const { updates } = await trained({ ownShare: 1, maxTokens: 1, updates: 3 })
    for (const { values } of updates) expect(values['text/length']! + values['text/ended']!).toBeCloseTo(1, 6)
  })
})

describe('embeddings that are larger than the tokenizer', () => {
  it('are not compared: a teacher padded with rows that mean nothing teaches the same', async () => {
    const inputs = await given()
    const padded = paddedBy(3, inputs.teacher)
    const settings = { ownShare: 0, beta: 0.3, updates: 2 }
    const [plain, other] = [
      await trained(settings, { inputs }),
      await trained(settings, { inputs: { ...inputs, teacher: padded } }),
    ]
    for (const [index, { values }] of other.updates.entries())
      expect(values['loss/train']).toBeCloseTo(plain.updates[index]?.values['loss/train'] as number, 5)
  })
})

/** A model whose token table has more rows than there are tokens, and those large. */
function paddedBy(rows: number, model: LanguageModel): LanguageModel {
  const config = { ...model.config, vocabulary: model.config.vocabulary + rows }
  const parameters = allocate(trunkSpec(config))
  for (const name of Object.keys(parameters.spec)) {
    parameters.view(name).fill(9)
    parameters.view(name).set(model.parameters.view(name))
  }
  return { ...model, config, parameters }
}

describe('a setting of distillation', () => {
  const changes: readonly (readonly [SettingsValues, SettingsValues?])[] = [
    [{ ownShare: 1 }],
    [{ otherTexts: 'teacher' }, { ownShare: 0 }],
    [{ maxTokens: 2 }, { ownShare: 1 }],
    [{ temperature: 0.5 }, { ownShare: 1 }],
    [{ beta: 0 }],
    [{ updates: 4 }],
    [{ batchExamples: 5 }],
    [{ seed: 7 }],
    [{ learningRate: 1e-3 }],
    [{ warmupUpdates: 3 }],
    [{ finalLearningRateFraction: 1 }],
    [{ weightDecay: 1 }],
    [{ beta2: 0.6 }],
    [{ clipNorm: 0.01 }],
    [{ adapter: 'lora' }],
    [{ loraRank: 2 }, { adapter: 'lora' }],
    [{ loraAlpha: 3 }, { adapter: 'lora' }],
    [{ loraScaling: 'by-root-of-rank' }, { adapter: 'lora' }],
    [{ loraTargets: 'all' }, { adapter: 'lora' }],
    [{ frozenWeights: '8-bit' }, { adapter: 'lora' }],
    [{ lastLayers: 1 }],
    [{ embeddings: 'frozen' }],
    [{ frozen: 'ln_*' }],
  ]

  it('is tried, whichever it is', () => {
    const tried = new Set(changes.map(([change]) => Object.keys(change)[0]))
    const changesNothing = ['longPrompts', 'checkpointEvery', 'samplesEvery', 'accumulation', 'recompute']
    expect([...tried, ...changesNothing].sort()).toEqual(Object.keys(gkdFields).sort())
  })

  it.each(changes)('%o makes other weights', async (change, beside = {}) => {
    const weights = async (settings: SettingsValues) => {
      const { parameters } = (await trained(settings)).last.model
      return Object.keys(parameters.spec).map((name) => [name, [...parameters.view(name)]])
    }
    expect(await weights({ ...beside, ...change })).not.toEqual(await weights(beside))
  })
})

describe('before it begins', () => {
  it('a teacher with other tokens is refused, in the form and in the run', async () => {
    const stranger = tinyModel('abd')
    const inputs = await given({ teacher: stranger })
    const words = /has other tokens \(.*\) than the policy .* Choose a teacher with the same tokenizer/
    await expect(trained({}, { inputs })).rejects.toThrow(words)
    const { policy, teacher } = inputs
    const problems = gkdTrainer.checkFound?.(gkdSettings({}), {
      models: { policy, teacher },
      texts: {},
      machineBytes: 1e9,
    })
    expect(problems).toEqual([{ field: 'teacher', problem: expect.stringMatching(words) as string }])
  })

  it('texts that only the policy can read are refused', async () => {
    const inputs = await given({ policy: tinyModel(letters, 40) })
    await expect(trained({ maxTokens: 20 }, { inputs })).rejects.toThrow(
      'teacher: reads 12 tokens; prompt and completion of this run can have 21',
    )
  })

  it('updates from demonstrations without any are refused', async () => {
    await expect(trained({}, { inputs: await given({ demonstrations: [] }) })).rejects.toThrow(
      'demonstrations: has no demonstrations',
    )
  })
})
