import { describe, expect, it } from 'vitest'
import type { Engine } from '../../src-main/compute/engine'
import { openTensorflow, tensorflowDevice } from '../../src-main/compute/tensorflow/device'
import type { Reward } from '../../src-main/rewards/reward'
import { trainPpo } from '../../src-main/trainers/ppo'
import { pretrain } from '../../src-main/trainers/pretrain'
import { trainRewardModel } from '../../src-main/trainers/reward'
import { trainSft } from '../../src-main/trainers/sft'
import type { TrainerEvent } from '../../src-main/trainers/trainer'
import {
  ppoSettings,
  pretrainSettings,
  rewardSettings,
  rewardedBy,
  run,
  sftSettings,
  testEngine,
  tinyModel,
} from './tiny'
import { skipped } from '../helpers/skipping'

const { isUsable, whyNot } = tensorflowDevice({})
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
const ppoInputs = () => ({ policy: tinyModel(letters), rewards: rewardedBy(wantsA), prompts: [] })

const trainers: Readonly<Record<string, (engine: Engine) => AsyncGenerator<TrainerEvent>>> = {
  pretraining: (engine) =>
    pretrain(
      engine,
      texts.map((completion) => ({ prompt: '', completion })),
      pretrainSettings({ updates: 20 }),
    ),
  'fine-tuning': (engine) => trainSft(engine, tinyModel(letters), answers, sftSettings({ epochs: 4 })),
  'the reward model’s trainer': (engine) =>
    trainRewardModel(engine, tinyModel(letters), pairs, rewardSettings({ epochs: 4 })),
  'PPO with a value head': (engine) =>
    trainPpo(engine, ppoInputs(), ppoSettings({ critic: 'value-head', updates: 6 })),
  'PPO with a critic of its own': (engine) =>
    trainPpo(engine, ppoInputs(), ppoSettings({ critic: 'separate', updates: 6 })),
}

/** Everything an update says that depends on no clock. */
async function valuesOn(
  engine: Engine,
  trainer: (engine: Engine) => AsyncGenerator<TrainerEvent>,
): Promise<readonly Readonly<Record<string, number | undefined>>[]> {
  const { updates } = await run(trainer(engine))
  return updates.map(({ values }) => values)
}

describe.skipIf(!isUsable)(`on TensorFlow${skipped(whyNot)}`, () => {
  it.each(Object.entries(trainers))(
    '%s goes as it goes on the compiled CPU, and leaves nothing behind',
    async (_, trainer) => {
      const engine = openTensorflow(2)
      const before = engine.memory()
      const [eager, compiled] = [await valuesOn(engine, trainer), await valuesOn(testEngine(), trainer)]
      expect(eager.length).toBe(compiled.length)
      for (const [update, values] of eager.entries()) {
        expect(Object.keys(values)).toEqual(Object.keys(compiled[update]!))
        for (const [name, value] of Object.entries(values))
          expect(value, `${name} of update ${update + 1}`).toBeCloseTo(compiled[update]![name]!, 3)
      }
      expect(engine.memory()).toEqual(before)
    },
  )
})
