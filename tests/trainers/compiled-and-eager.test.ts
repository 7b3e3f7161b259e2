/**
 * Whole programs: every trainer, and every architecture under one, runs alike on the compiled engine and on
 * TensorFlow.js as it stands.
 */
import { describe, expect, it } from 'vitest'
import { defaultsOf } from '../../src-shared/fields'
import { dpoFields } from '../../src-shared/recipes/dpo'
import { compiledEngine } from '../../src-main/compute/cpu/compile'
import { eagerEngine } from '../../src-main/compute/tensorflow/eager'
import type { Engine } from '../../src-main/compute/engine'
import { spansOf, trainedPart, type Parameters } from '../../src-main/compute/parameters'
import type { LanguageModel } from '../../src-main/model/model'
import type { Reward } from '../../src-main/rewards/reward'
import { trainDpo } from '../../src-main/trainers/dpo'
import { trainPpo } from '../../src-main/trainers/ppo'
import { pretrain } from '../../src-main/trainers/pretrain'
import { trainRewardModel } from '../../src-main/trainers/reward'
import { trainSft } from '../../src-main/trainers/sft'
import type { Snapshot, TrainerEvent } from '../../src-main/trainers/trainer'
import { architectures, wideModel } from '../model/architectures'
import { ppoSettings, pretrainSettings, rewardSettings, rewardedBy, sftSettings, tinyModel } from './tiny'

const UPDATES = 50

const letters = 'abcd?'
const texts = Array.from({ length: 40 }, (_, start) => 'abcdabcd'.slice(start % 4, 4 + (start % 4)))
const answers = texts.map((text) => ({ prompt: `${text.slice(0, 1)}?`, completion: text.slice(1, 3) }))
const pairs = texts.map((text, row) => ({
  prompt: '?',
  chosen: `${text.slice(0, 2)}a`,
  rejected: `${text.slice(0, 2)}${'bcd'[row % 3]}`,
  margin: 1,
}))
const wantsA: Reward = async (scored) =>
  scored.map(({ completion }) => [...completion].filter((letter) => letter === 'a').length)

const slow = { learningRate: 1e-3, epochs: UPDATES }
const lora = { adapter: 'lora', loraRank: 2, loraTargets: 'all' } as const
const ppo = (engine: Engine, settings: SettingsOf<typeof ppoSettings>) =>
  trainPpo(
    engine,
    { policy: tinyModel(letters), rewards: rewardedBy(wantsA), prompts: [] },
    ppoSettings({ updates: UPDATES, epochs: 1, minibatches: 1, completions: 8, maxTokens: 6, ...settings }),
  )

type SettingsOf<F extends (settings: never) => unknown> = F extends (settings: infer S) => unknown ? S : never
type Run = (engine: Engine) => AsyncGenerator<TrainerEvent>

const trainers: Readonly<Record<string, Run>> = {
  pretraining: (engine) =>
    pretrain(
      engine,
      texts.map((completion) => ({ prompt: '', completion })),
      pretrainSettings({ updates: UPDATES }),
    ),
  'pretraining with dropout': (engine) =>
    pretrain(
      engine,
      texts.map((completion) => ({ prompt: '', completion })),
      pretrainSettings({ updates: UPDATES, dropout: 0.2 }),
    ),
  'fine-tuning': (engine) => trainSft(engine, tinyModel(letters), answers, sftSettings(slow)),
  'fine-tuning of an adapter': (engine) =>
    trainSft(engine, tinyModel(letters), answers, sftSettings({ ...slow, ...lora, loraDropout: 0.2 })),
  'a reward model': (engine) => trainRewardModel(engine, tinyModel(letters), pairs, rewardSettings(slow)),
  'a reward model with an adapter': (engine) =>
    trainRewardModel(engine, tinyModel(letters), pairs, rewardSettings({ ...slow, ...lora })),
  DPO: (engine) =>
    trainDpo(
      engine,
      { policy: tinyModel(letters), pairs },
      { ...defaultsOf(dpoFields), ...slow, batchPairs: 8 },
    ),
  'IPO of an adapter': (engine) =>
    trainDpo(
      engine,
      { policy: tinyModel(letters), pairs },
      { ...defaultsOf(dpoFields), ...slow, ...lora, batchPairs: 8, loss: 'ipo' },
    ),
  'PPO with a value head and the exact KL': (engine) =>
    ppo(engine, { critic: 'value-head', klEstimator: 'exact' }),
  'PPO with a critic of its own and the sampled KL': (engine) =>
    ppo(engine, { critic: 'separate', klEstimator: 'sampled' }),
  'PPO of an adapter under top-k': (engine) => ppo(engine, { ...lora, topK: 3 }),
}

interface Told {
  readonly updates: readonly Readonly<Record<string, number | undefined>>[]
  readonly first: Snapshot
  readonly last: Snapshot
}

async function told(run: Run, engine: Engine, most = UPDATES): Promise<Told> {
  const updates: Record<string, number | undefined>[] = []
  let first: Snapshot | undefined
  let last: Snapshot | undefined
  for await (const event of run(engine)) {
    if (event.kind !== 'update') continue
    updates.push(event.values)
    first ??= event.snapshot()
    last = event.snapshot()
    if (event.step >= most) break
  }
  engine.dispose()
  return { updates, first: first as Snapshot, last: last as Snapshot }
}

/** After one update a first moment is a tenth of the clipped gradient: by parameter. */
function gradientsOf({ model, resume }: Snapshot, moment: string): ReadonlyMap<string, Float32Array> {
  const all = resume.tensors[moment] as Float32Array
  return new Map(
    spansOf(specOf(model.parameters, all.length)).map(({ name, start, end }) => [
      name,
      all.subarray(start, end),
    ]),
  )
}

/** A policy is saved without its value head, which stands last in what is trained. */
function specOf(parameters: Parameters, count: number): Parameters['spec'] {
  const { spec, count: own } = trainedPart(parameters)
  return own === count ? spec : { ...spec, 'the rest': [count - own] }
}

const norm = (values: Float32Array) => Math.hypot(...values)

function expectAlike(compiled: Told, eager: Told): void {
  expect(compiled.updates).toHaveLength(UPDATES)
  expect(eager.updates).toHaveLength(UPDATES)
  for (const [update, values] of eager.updates.entries()) {
    for (const [name, value] of Object.entries(values)) {
      // before the first update DPO's policy is its reference: which lead is above 0 is rounding
      if (update === 0 && name === 'accuracy/train') continue
      const difference =
        Math.abs((compiled.updates[update]?.[name] as number) - (value as number)) /
        Math.max(1, Math.abs(value as number))
      expect(difference, `${name} of update ${update + 1}`).toBeLessThan(
        name.startsWith('loss/') ? 1e-4 : 5e-3,
      )
    }
  }
  for (const moment of Object.keys(eager.first.resume.tensors).filter((name) =>
    name.endsWith('/first-moment'),
  )) {
    const ofCompiled = gradientsOf(compiled.first, moment)
    for (const [name, gradient] of gradientsOf(eager.first, moment)) {
      expect(
        norm(gradient.map((value, index) => value - (ofCompiled.get(name)?.[index] as number))),
        `gradient of ${name} in ${moment}`,
      ).toBeLessThan(1e-4 * norm(gradient) + 1e-8)
    }
  }
}

describe(`over ${UPDATES} updates, compiled and eager agree on`, () => {
  it.each(Object.entries(trainers))('%s', async (_, run) => {
    expectAlike(await told(run, compiledEngine({ threads: 2 })), await told(run, eagerEngine()))
  })

  it.each(architectures)('fine-tuning of %s', async (_, config) => {
    const model = (): LanguageModel => wideModel(config)
    const run: Run = (engine) =>
      trainSft(
        engine,
        model(),
        [
          { prompt: 'ab', completion: 'cab' },
          { prompt: 'h', completion: 'face.' },
          { prompt: '', completion: 'bad' },
        ],
        sftSettings({ learningRate: 1e-3, epochs: UPDATES, batchExamples: 2, heldOutFraction: 0 }),
      )
    expectAlike(await told(run, compiledEngine({ threads: 2 })), await told(run, eagerEngine()))
  })
})

describe('the same seed on the same device gives the same run to the bit:', () => {
  it.each(Object.entries(trainers))('%s', async (_, run) => {
    const [one, two] = [
      await told(run, compiledEngine({ threads: 2 }), 15),
      await told(run, compiledEngine({ threads: 2 }), 15),
    ]
    expect(two.updates).toEqual(one.updates)
    expect(two.last.resume).toEqual(one.last.resume)
    for (const name of Object.keys(one.last.model.parameters.spec))
      expect(two.last.model.parameters.view(name)).toEqual(one.last.model.parameters.view(name))
  })
})
