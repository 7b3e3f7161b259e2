import { describe, expect, it } from 'vitest'
import { deviceEngine } from '../../src-main/compute/webgpu/device-engine'
import type { Engine } from '../../src-main/compute/engine'
import type { Reward } from '../../src-main/rewards/reward'
import { trainPpo } from '../../src-main/trainers/ppo'
import { pretrain } from '../../src-main/trainers/pretrain'
import { trainRewardModel } from '../../src-main/trainers/reward'
import { trainSft } from '../../src-main/trainers/sft'
import type { TrainerEvent } from '../../src-main/trainers/trainer'
import { whyNoWebgpu } from '../helpers/software-vulkan'
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

const whyNot = await whyNoWebgpu()
if (whyNot !== undefined) console.warn(`The trainers are not run on WebGPU: ${whyNot}`)

const patienceMs = 600_000
const letters = 'abcd?'
const texts = Array.from({ length: 16 }, (_, start) => 'abcdabcd'.slice(start % 4, 4 + (start % 4)))
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
const lora = { adapter: 'lora', loraRank: 2, loraTargets: 'all' } as const

const trainers: Readonly<Record<string, (engine: Engine) => AsyncGenerator<TrainerEvent>>> = {
  pretraining: (engine) =>
    pretrain(
      engine,
      texts.map((completion) => ({ prompt: '', completion })),
      pretrainSettings({ updates: 4 }),
    ),
  'pretraining in parts': (engine) =>
    pretrain(
      engine,
      texts.map((completion) => ({ prompt: '', completion })),
      pretrainSettings({ updates: 3, accumulation: 2 }),
    ),
  'fine-tuning of an adapter': (engine) =>
    trainSft(engine, tinyModel(letters), answers, sftSettings({ epochs: 2, ...lora })),
  'the reward model’s trainer': (engine) =>
    trainRewardModel(engine, tinyModel(letters), pairs, rewardSettings({ epochs: 2 })),
  'PPO with a value head': (engine) =>
    trainPpo(engine, ppoInputs(), ppoSettings({ critic: 'value-head', updates: 2, completions: 8 })),
  'PPO with a critic of its own': (engine) =>
    trainPpo(engine, ppoInputs(), ppoSettings({ critic: 'separate', updates: 2, completions: 8 })),
}

describe.skipIf(whyNot !== undefined)(`on WebGPU${skipped(whyNot)}`, () => {
  it.each(Object.entries(trainers))(
    '%s goes as it goes on the CPU, stays on the device, and leaves nothing behind',
    { timeout: patienceMs },
    async (_, trainer) => {
      const engine = deviceEngine('GPU')
      const before = engine.memory()
      const onGpu = await run(trainer(engine))
      const onCpu = await run(trainer(testEngine()))
      expect(onGpu.updates.length).toBe(onCpu.updates.length)
      for (const [update, { values }] of onGpu.updates.entries()) {
        for (const [name, value] of Object.entries(values))
          expect(value, `${name} of update ${update + 1}`).toBeCloseTo(
            onCpu.updates[update]!.values[name as never]!,
            3,
          )
      }
      expect(engine.placement().onCpu).toEqual({})
      expect(engine.memory()).toEqual(before)
      engine.dispose()
    },
  )
})
