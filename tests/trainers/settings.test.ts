/**
 * Settings that decide what is learned, one by one: each turns into other weights, or stands below with the
 * reason why it does not. PPO's and DPO's stand with their trainers.
 */
import { describe, expect, it } from 'vitest'
import type { Fields, SettingsValues } from '../../src-shared/fields'
import { pretrainFields } from '../../src-shared/recipes/pretrain'
import { rewardFields } from '../../src-shared/recipes/reward-fields'
import { sftFields } from '../../src-shared/recipes/sft'
import { rankings } from '../../src-main/data/rankings'
import { demonstrations } from '../../src-main/data/training-data'
import { pretrain } from '../../src-main/trainers/pretrain'
import { trainRatedReward } from '../../src-main/trainers/rating'
import { trainRewardModel } from '../../src-main/trainers/reward'
import { trainProcessReward } from '../../src-main/trainers/steps'
import { trainSft } from '../../src-main/trainers/sft'
import type { TrainerEvent } from '../../src-main/trainers/trainer'
import { asked, assistant, user } from '../helpers/turns'
import { pretrainSettings, rewardSettings, run, sftSettings, testEngine, tinyModel } from './tiny'

const letters = 'abcdefgh?'
const rows = Array.from({ length: 24 }, (_, index) => ({
  prompt: `${letters[index % 4]}?`,
  completion: (letters[(index % 4) + 1] ?? '').repeat(1 + (index % 3)),
  label: index % 2,
}))
const spoken = `${letters}\n: HumanAssistantInstructionResponse#`
const talk = {
  prompt: asked(user('a?'), assistant('b'), user('c?')),
  completion: [assistant('d')],
}
const pairs = rows.map(({ prompt, completion }, index) => ({
  prompt,
  chosen: completion,
  rejected: 'h',
  margin: index % 2 ? 1 : 1 / 3,
}))
const steps = rows.map(({ prompt, completion }, index) => ({ prompt, completion, rating: index % 2 }))
const rated = rows.map(({ prompt, completion }) => ({ prompt, completion, rating: completion.length }))

/** A setting's other value, and what must be set beside it so that it matters. */
interface Change {
  readonly [setting: string]: number | string
}
interface Case {
  readonly title: string
  readonly fields: Fields
  readonly train: (settings: SettingsValues) => AsyncGenerator<TrainerEvent>
  /** The first key is the setting; further ones stand beside it in both runs. */
  readonly changes: readonly Change[]
  /** What shows, keeps or measures, or computes the same update in another way. */
  readonly changesNothing: readonly string[]
}

const schedule: readonly Change[] = [
  { seed: 7 },
  { learningRate: 3e-3 },
  { warmupUpdates: 3 },
  { finalLearningRateFraction: 0.9 },
  { weightDecay: 0.9 },
  { beta2: 0.6 },
  { clipNorm: 0.01 },
]
const part: readonly Change[] = [
  { adapter: 'lora' },
  { loraRank: 2, adapter: 'lora' },
  { loraAlpha: 3, adapter: 'lora' },
  { loraScaling: 'by-root-of-rank', adapter: 'lora' },
  { loraTargets: 'all', adapter: 'lora' },
  { frozenWeights: '8-bit', adapter: 'lora' },
  { loraDropout: 0.5, adapter: 'lora' },
  { lastLayers: 1 },
  { embeddings: 'frozen' },
  { frozen: 'ln_*' },
]

const cases: readonly Case[] = [
  {
    title: 'pretraining',
    fields: pretrainFields,
    train: (settings) => pretrain(testEngine(), rows, pretrainSettings(settings)),
    changes: [
      ...schedule,
      { trainOn: 'completion', packing: 'one-text-a-row' },
      { architecture: 'llama' },
      { tokenizer: 'byte' },
      { vocabulary: 260, tokenizer: 'bpe' },
      { layers: 2 },
      { heads: 1 },
      { width: 8 },
      { outputMatrix: 'own' },
      { queryNorm: 'on', architecture: 'palm' },
      { contextTokens: 10 },
      { updates: 5 },
      { batchRows: 4 },
      { packing: 'stream' },
      { heldOutFraction: 0.4 },
      { dropout: 0.5 },
    ],
    changesNothing: ['exactMatch', 'checkpointEvery', 'samplesEvery', 'accumulation', 'recompute'],
  },
  {
    title: 'fine-tuning',
    fields: sftFields,
    train: (settings) => {
      const all = sftSettings(settings)
      const examples = [...rows, { ...talk, label: 0 }]
      return trainSft(testEngine(), tinyModel(spoken, 64), demonstrations(examples, all.label), all)
    },
    changes: [
      ...schedule,
      ...part,
      { label: '1' },
      { trainOn: 'whole-text' },
      { turns: 'last', heldOutFraction: 0 },
      { plainForm: 'alpaca', heldOutFraction: 0 },
      { embeddingNoise: 5 },
      { epochs: 1 },
      { batchExamples: 4 },
      { heldOutFraction: 0.4 },
    ],
    changesNothing: ['longPrompts', 'checkpointEvery', 'samplesEvery', 'accumulation', 'recompute'],
  },
  {
    title: 'a reward model',
    fields: rewardFields,
    train: (settings) => {
      const all = rewardSettings({ learnFrom: 'preferences', ...settings })
      if (all.learnFrom === 'ratings') return trainRatedReward(testEngine(), tinyModel(letters), rated, all)
      if (all.learnFrom === 'steps') return trainProcessReward(testEngine(), tinyModel(letters), steps, all)
      return trainRewardModel(
        testEngine(),
        tinyModel(letters),
        all.learnFrom === 'rankings' ? rankings(pairs, rated, all.rankingSize) : pairs,
        all,
      )
    },
    changes: [
      ...schedule,
      ...part,
      { learnFrom: 'ratings' },
      { learnFrom: 'steps' },
      { rankingSize: 2, learnFrom: 'rankings' },
      { readPrompt: 'completion-only' },
      { epochs: 1 },
      { batchPairs: 4 },
      { heldOutFraction: 0.4 },
      { head: 'binned', learnFrom: 'ratings' },
      { bins: 4, head: 'binned', learnFrom: 'ratings' },
      { binTarget: 'one-hot', head: 'binned', learnFrom: 'ratings' },
      { segments: 'on' },
      { heads: 3 },
      { caution: 3, heads: 3, zeroMean: 'on' },
      { compareAt: 'each-token' },
      { centering: 0.3 },
      { sizePenalty: 0.5 },
      { zeroMean: 'on' },
      { margin: 0 },
      { cutFraction: 0.5 },
    ],
    // steps are joined when a text is scored (process-reward.test.ts)
    changesNothing: ['checkpointEvery', 'measureEvery', 'accumulation', 'recompute', 'stepsJoined'],
  },
]

async function weightsOf(trainer: AsyncGenerator<TrainerEvent>): Promise<unknown> {
  const { parameters } = (await run(trainer)).last.model
  return Object.keys(parameters.spec).map((name) => [name, [...parameters.view(name)]])
}

describe.each(cases)('of $title', ({ fields, train, changes, changesNothing }) => {
  it('every setting is tried', () => {
    const tried = new Set(changes.map((change) => Object.keys(change)[0]))
    expect([...tried, ...changesNothing].sort()).toEqual(Object.keys(fields).sort())
  })

  it.each(changes)('%o makes other weights', async (change) => {
    const [setting] = Object.keys(change)
    const beside = Object.fromEntries(Object.entries(change).filter(([name]) => name !== setting))
    expect(await weightsOf(train(change))).not.toEqual(await weightsOf(train(beside)))
  })
})
