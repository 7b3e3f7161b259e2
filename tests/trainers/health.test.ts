/** Every health rule, provoked by a real run in which that is wrong. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Engine, Program, Tensors } from '../../src-main/compute/engine'
import { healthRules } from '../../src-main/trainers/health/rules'
import { trainDpo } from '../../src-main/trainers/dpo'
import { trainGrpo } from '../../src-main/trainers/grpo'
import { trainPpo } from '../../src-main/trainers/ppo'
import { trainSft } from '../../src-main/trainers/sft'
import { seeded } from '../../src-main/maths/random'
import { createRewardModel } from '../../src-main/model/heads'
import type { LanguageModel } from '../../src-main/model/model'
import type { Reward, ScoredText } from '../../src-main/rewards/reward'
import type { TrainerEvent } from '../../src-main/trainers/trainer'
import { defaultsOf } from '../../src-shared/fields'
import { dpoFields, type DpoSettings } from '../../src-shared/recipes/dpo'
import {
  fluentModel,
  grpoSettings,
  ppoSettings,
  rewardedBy,
  run,
  sftSettings,
  testEngine,
  tinyModel,
} from './tiny'

type Alarms = readonly { readonly step: number; readonly text: string }[]

/** What a run warned of, and after which update. */
async function alarmsOf(trainer: AsyncGenerator<TrainerEvent>): Promise<Alarms> {
  let step = 0
  return (await run(trainer)).events.flatMap((event) => {
    if (event.kind === 'update') step = event.step
    return event.kind === 'log' && event.level === 'alarm' ? [{ step, text: event.text }] : []
  })
}

const start = fluentModel()
const share =
  (letter: string) =>
  ({ completion }: ScoredText) =>
    completion === '' ? 0 : [...completion].filter((each) => each === letter).length / completion.length
const scoring =
  (score: (text: ScoredText) => number): Reward =>
  async (texts) =>
    texts.map(score)
const wantsA = scoring(share('a'))

const grpo = async (reward: Reward, settings: Parameters<typeof grpoSettings>[0]) =>
  trainGrpo(
    testEngine(),
    { policy: await start, rewards: rewardedBy(reward), prompts: [] },
    grpoSettings({
      klBeta: 0,
      noEndPenalty: 0,
      groups: 4,
      groupSize: 16,
      epochs: 1,
      minibatches: 1,
      ...settings,
    }),
  )
const ppo = async (engine: Engine, reward: Reward, settings: Parameters<typeof ppoSettings>[0]) =>
  trainPpo(engine, { policy: await start, rewards: rewardedBy(reward), prompts: [] }, ppoSettings(settings))

/** A device on which a program's output of that name comes out negated. */
function negating(engine: Engine, name: string): Engine {
  type Answer = Awaited<ReturnType<Program['run']>>
  const negated = (answer: Answer): Answer => {
    const found = answer[name]
    return found ? { ...answer, [name]: { ...found, data: found.data.map((value) => -value) } } : answer
  }
  const broken = <B extends Tensors>(program: Program<B>): Program<B> => ({
    ...program,
    run: async (...given) => negated(await program.run(...given)),
    runParts: async (...given) => (await program.runParts(...given)).map(negated),
  })
  return { ...engine, program: (body) => broken(engine.program(body)) }
}

describe('what cannot be is said at once:', () => {
  it('a KL below 0, on a device that computes wrong', async () => {
    const alarms = await alarmsOf(
      await ppo(negating(testEngine(), 'kl'), wantsA, { updates: 6, completions: 32, learningRate: 1e-2 }),
    )
    expect(alarms[0]?.text).toMatch(
      /^KL to the reference is -\d+\.\d+ nats a text, and a KL is never negative/,
    )
  })

  it('a KL before the first update, of a policy that does not start as its reference', async () => {
    const other = await run(await grpo(wantsA, { updates: 5, learningRate: 1e-2 }))
    const { tensors } = other.last.resume
    const trainer = trainGrpo(
      testEngine(),
      { policy: await start, rewards: rewardedBy(wantsA), prompts: [] },
      grpoSettings({ updates: 1, klBeta: 0 }),
      { model: other.last.model, resume: { step: 0, tensors, numbers: { 'policy/updates': 5 } } },
    )
    const [alarm] = await alarmsOf(trainer)
    expect(alarm).toEqual({
      step: 1,
      text: expect.stringContaining('does not start as its reference') as string,
    })
  })

  it('a ratio that is not 1, where the weights change between drawing and learning', async () => {
    const engine = testEngine()
    let weights: Float32Array | undefined
    const watching: Engine = {
      ...engine,
      trainStep: (parameters, ...rest) => {
        weights = parameters.flat
        return engine.trainStep(parameters, ...rest)
      },
    }
    const meddling: Reward = async (texts) => {
      weights?.forEach((value, index) => (weights![index] = value * 1.02))
      return texts.map(share('a'))
    }
    const trainer = trainGrpo(
      watching,
      { policy: await start, rewards: rewardedBy(meddling), prompts: [] },
      grpoSettings({ updates: 2, klBeta: 0, noEndPenalty: 0 }),
    )
    const found = await alarmsOf(trainer)
    expect(found.map(({ text }) => text).join()).toMatch(
      /ρ reached 1\.\d+ before the first update of a rollout/,
    )
  })
})

describe('what no one wanted is said when it begins:', () => {
  it('entropy that collapses', async () => {
    const alarms = await alarmsOf(await grpo(wantsA, { updates: 25, learningRate: 1e-2 }))
    const entropy = alarms.find(({ text }) => text.startsWith('Entropy fell'))
    expect(entropy!.step).toBeGreaterThan(3)
  })

  it('texts that repeat themselves', async () => {
    const words = Array.from({ length: 243 }, (_, n) => ({
      prompt: '',
      completion: [0, 1, 2, 3, 4].map((place) => 'abc'[Math.floor(n / 3 ** place) % 3]).join(' '),
    }))
    const settings = sftSettings({ epochs: 6, heldOutFraction: 0 })
    const speaker = (await run(trainSft(testEngine(), tinyModel('abc ', 12), words, settings))).last
      .model as LanguageModel
    const trainer = trainGrpo(
      testEngine(),
      { policy: speaker, rewards: rewardedBy(wantsA), prompts: [] },
      grpoSettings({
        updates: 40,
        klBeta: 0,
        noEndPenalty: 0,
        learningRate: 1e-2,
        maxTokens: 10,
        groups: 1,
        groupSize: 8,
        minibatches: 1,
        epochs: 1,
      }),
    )
    expect((await alarmsOf(trainer)).map(({ text }) => text).join()).toMatch(
      /The reward rises while texts repeat themselves: distinct-2 fell from/,
    )
  })

  it('texts that grow longer', async () => {
    const length = scoring(({ completion }) => completion.length)
    const alarms = await alarmsOf(await grpo(length, { updates: 30, learningRate: 1e-2 }))
    expect(alarms.map(({ text }) => text).join()).toMatch(
      /texts change their length: from 3\.\d to [5-8]\.\d tokens/,
    )
  })

  it('groups of which all have the same reward', async () => {
    const [alarm] = await alarmsOf(
      await grpo(
        scoring(() => 1),
        { updates: 6 },
      ),
    )
    expect(alarm).toEqual({ step: 4, text: expect.stringMatching(/^In 100 % of the groups all/) as string })
  })

  it('a reward that is saturated', async () => {
    const alarms = await alarmsOf(await grpo(wantsA, { updates: 80, learningRate: 2e-2 }))
    expect(alarms.map(({ text }) => text).join()).toMatch(/Completions hardly differ in reward any more/)
  })

  it('one reward that dominates, and none where each is normalised', async () => {
    const rewards = [
      { source: 'rule', place: 1, weight: 1, score: scoring((text) => 10 * share('a')(text)) },
      { source: 'rule', place: 2, weight: 1, score: scoring(share('b')) },
    ] as const
    const found = async (advantage: 'group' | 'each-reward') =>
      (
        await alarmsOf(
          trainGrpo(
            testEngine(),
            { policy: await start, rewards, prompts: [] },
            grpoSettings({
              updates: 5,
              advantage,
              groupSize: 16,
              minibatches: 1,
              epochs: 1,
              learningRate: 1e-4,
            }),
          ),
        )
      ).map(({ text }) => text)
    expect((await found('group')).join()).toMatch(/One reward makes 9\d % of what tells completions apart/)
    expect(await found('each-reward')).toEqual([])
  })
})

describe('what is not learned, or lost, is said:', () => {
  it('a critic that explains nothing: it began as a reward model of something else, and hardly learns', async () => {
    const policy = await start
    const rewardModel = createRewardModel(policy, seeded(1, 'head'))
    const head = rewardModel.parameters.view('score.weight')
    head.forEach((weight, index) => (head[index] = 100 * weight))
    const trainer = trainPpo(
      testEngine(),
      { policy, rewards: rewardedBy(wantsA), prompts: [], rewardModel },
      ppoSettings({
        updates: 31,
        learningRate: 1e-4,
        klBeta: 0,
        criticFrom: 'reward-model',
        criticLearningRate: 1e-9,
      }),
    )
    const critic = (await alarmsOf(trainer)).find(({ text }) => text.includes('the critic explains nothing'))
    expect(critic!.step).toBe(30)
  })

  it('chosen completions that lose probability in DPO', async () => {
    const pairs = ['b', 'c', 'bb', 'cb', 'bc', 'cc', 'ab', 'ac'].flatMap((end) => [
      { prompt: '', chosen: `aa${end}`, rejected: `ba${end}`, margin: 1 },
      { prompt: '', chosen: `ca${end}`, rejected: `bb${end}`, margin: 1 },
    ])
    const settings: DpoSettings = {
      ...defaultsOf(dpoFields),
      batchPairs: 4,
      epochs: 12,
      warmupUpdates: 1,
      samplesEvery: 1000,
      learningRate: 2e-2,
      heldOutFraction: 0,
    }
    const alarms = await alarmsOf(trainDpo(testEngine(), { policy: await start, pairs }, settings))
    expect(alarms[0]?.text).toMatch(
      /^Chosen completions have become \d+ times less probable than at the start/,
    )
  })
})

it('every rule says what to do, its advice is its own, and the page of results names it', () => {
  const rules = healthRules(['reward/judge'])
  const page = readFileSync(new URL('../../resources/docs/results.md', import.meta.url), 'utf8')
  // what it is, and how often it spoke
  for (const { name } of rules) expect(page.match(new RegExp(`^\\| ${name} +\\|`, 'gm'))).toHaveLength(2)
  expect(new Set(rules.map(({ advice }) => advice)).size).toBe(rules.length)
  expect(rules.every(({ reads }) => reads.length > 0)).toBe(true)
})
