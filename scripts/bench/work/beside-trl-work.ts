/**
 * `beside-trl-work.js write FOLDER`: a tiny GPT-2 with random weights and what it learns from, as TRL reads them.
 * `beside-trl-work.js run NAME SEEDS`: one trainer on the same, by each seed: a line of JSON each, the seed and what it
 * measured after every update. `node scripts/beside-trl.mjs` holds both against one another.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { compiledEngine } from '../../../src-main/compute/cpu/compile'
import { seeded } from '../../../src-main/maths/random'
import { exportModel } from '../../../src-main/model/exporting/export-model'
import { createLanguageModel } from '../../../src-main/model/language-model'
import type { LanguageModel } from '../../../src-main/model/model'
import { trainCharacterTokenizer } from '../../../src-main/model/tokenizers/character'
import type { ScoredText } from '../../../src-main/rewards/reward'
import { trainDpo } from '../../../src-main/trainers/dpo'
import { trainGkd } from '../../../src-main/trainers/gkd'
import { trainGrpo } from '../../../src-main/trainers/grpo'
import { trainKto } from '../../../src-main/trainers/kto'
import { trainReferenceFree } from '../../../src-main/trainers/reference-free'
import { trainRewardModel } from '../../../src-main/trainers/reward'
import { rowOf } from '../../../src-main/trainers/rows'
import { trainSft } from '../../../src-main/trainers/sft'
import type { TrainerEvent } from '../../../src-main/trainers/trainer'
import { defaultsOf } from '../../../src-shared/fields'
import type { MetricName } from '../../../src-shared/metrics'
import { dpoFields } from '../../../src-shared/recipes/dpo'
import { gkdFields } from '../../../src-shared/recipes/gkd'
import { grpoFields } from '../../../src-shared/recipes/grpo'
import { ktoFields } from '../../../src-shared/recipes/kto'
import { referenceFreeFields } from '../../../src-shared/recipes/reference-free'
import { rewardFields } from '../../../src-shared/recipes/reward-fields'
import { sftFields } from '../../../src-shared/recipes/sft'

const letters = 'abcd?'
const tokenizer = trainCharacterTokenizer([letters])
const modelOf = (name: string): LanguageModel =>
  createLanguageModel(
    {
      architecture: 'gpt',
      layers: 2,
      heads: 2,
      width: 32,
      contextTokens: 16,
      vocabulary: tokenizer.vocabulary,
      isTied: true,
    },
    tokenizer,
    seeded('beside TRL', name),
  )
const policy = modelOf('weights')
/** Knows nothing either, but says it more decidedly: it is its distributions that are learned. */
const teacher = sharpened(modelOf('teacher'))

/** Texts of which a's are preferred, three times in four: there is something to learn, and noise. */
const random = seeded('beside TRL', 'texts')
const text = (): string =>
  Array.from({ length: 3 + Math.floor(random() * 4) }, () => letters[Math.floor(random() * 4)]).join('')
const wanted = (of: string): number => [...of].filter((letter) => letter === 'a').length
const pairs = Array.from({ length: 240 }, (_, index) => {
  const [first, second] = [text(), text()]
  const isRight = random() < 0.75
  const [chosen, rejected] = wanted(first) > wanted(second) === isRight ? [first, second] : [second, first]
  return { prompt: `${letters[index % 4]}?`, chosen, rejected, margin: 1 }
}).filter(({ chosen, rejected }) => chosen !== rejected)
const demonstrations = pairs.map(({ prompt, chosen }) => ({ prompt, completion: chosen }))
const rated = pairs.flatMap(({ prompt, chosen, rejected }) => [
  { prompt, completion: chosen, rating: 1 },
  { prompt, completion: rejected, rating: 0 },
])
const prompts = ['a?', 'b?', 'c?', 'd?']
const shareOfA = ({ completion }: Pick<ScoredText, 'completion'>): number =>
  completion === '' ? 0 : wanted(completion) / completion.length

/** The same on both sides: a step of half the size first, then all of one. */
const common = {
  learningRate: 1e-3,
  warmupUpdates: 1,
  finalLearningRateFraction: 1,
  beta2: 0.999,
  weightDecay: 0,
  clipNorm: 1,
  heldOutFraction: 0,
  samplesEvery: 10_000,
  epochs: 3,
}
const rollouts = {
  updates: 40,
  maxTokens: 8,
  klBeta: 0,
  noEndPenalty: 0,
  groups: 8,
  groupSize: 8,
  epochs: 1,
  minibatches: 1,
} as const
const rewards = [
  { source: 'rule', place: 1, weight: 1, score: async (all: readonly ScoredText[]) => all.map(shareOfA) },
] as const
const drawing = { policy, rewards, prompts }

interface Way {
  readonly metric: MetricName
  train(seed: number): AsyncGenerator<TrainerEvent>
}
const engine = compiledEngine({ threads: 1 })
const ways: Readonly<Record<string, Way>> = {
  sft: {
    metric: 'loss/train',
    train: (seed) =>
      trainSft(engine, policy, demonstrations, {
        ...defaultsOf(sftFields),
        ...common,
        seed,
        batchExamples: 16,
      }),
  },
  reward: {
    metric: 'loss/reward',
    train: (seed) =>
      trainRewardModel(engine, policy, pairs, {
        ...defaultsOf(rewardFields),
        ...common,
        seed,
        batchPairs: 16,
        centering: 0,
        sizePenalty: 0,
        margin: 0,
      }),
  },
  dpo: {
    metric: 'loss/preference',
    train: (seed) =>
      trainDpo(
        engine,
        { policy, pairs },
        { ...defaultsOf(dpoFields), ...common, seed, batchPairs: 16, beta: 0.1 },
      ),
  },
  kto: {
    metric: 'loss/preference',
    train: (seed) =>
      trainKto(
        engine,
        { policy, texts: { rated, pairs: [] } },
        {
          ...defaultsOf(ktoFields),
          ...common,
          seed,
          batchExamples: 16,
          beta: 0.1,
          goodWeight: 1,
          badWeight: 1,
        },
      ),
  },
  orpo: {
    metric: 'loss/preference',
    train: (seed) =>
      trainReferenceFree(
        engine,
        { policy, pairs },
        { ...defaultsOf(referenceFreeFields), ...common, seed, loss: 'orpo', batchPairs: 16, beta: 0.1 },
      ),
  },
  grpo: {
    metric: 'reward/mean',
    train: (seed) =>
      trainGrpo(engine, drawing, {
        ...defaultsOf(grpoFields),
        ...common,
        ...rollouts,
        seed,
        advantage: 'group',
        importance: 'token',
        normalisation: 'rollout-tokens',
      }),
  },
  gkd: {
    metric: 'loss/train',
    train: (seed) =>
      trainGkd(
        engine,
        { policy, teacher, demonstrations, prompts: [] },
        {
          ...defaultsOf(gkdFields),
          ...common,
          seed,
          batchExamples: 16,
          ownShare: 0,
          beta: 0.5,
          updates: Math.ceil((common.epochs * demonstrations.length) / 16),
        },
      ),
  },
  rloo: {
    metric: 'reward/mean',
    train: (seed) =>
      trainGrpo(engine, drawing, {
        ...defaultsOf(grpoFields),
        ...common,
        ...rollouts,
        seed,
        advantage: 'leave-one-out',
        importance: 'text',
      }),
  },
}

/** The same with a wider spread of everything it says. */
function sharpened(model: LanguageModel): LanguageModel {
  model.parameters.flat.forEach((value, place, flat) => (flat[place] = 3 * value))
  return model
}

/** What is read, and what is learned of it. */
function ids(prompt: string, completion: string) {
  const row = rowOf(tokenizer, { prompt, completion }, 16)
  const learned = row.learnedFrom + 1
  return { prompt: [...row.ids.subarray(0, learned)], completion: [...row.ids.subarray(learned)] }
}

async function write(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true })
  for (const [name, model] of Object.entries({ model: policy, teacher }))
    await exportModel(model, { format: 'hugging-face', parent: folder, name, licence: '', lineage: {} })
  const given = {
    common,
    rollouts,
    prompts: prompts.map((prompt) => ({ text: prompt, ids: ids(prompt, 'a').prompt })),
    wanted: ids('', 'a').completion[0],
    end: tokenizer.endToken,
    pairs: pairs.map(({ prompt, chosen, rejected }) => ({
      texts: { prompt, chosen, rejected },
      prompt: ids(prompt, chosen).prompt,
      chosen: ids(prompt, chosen).completion,
      rejected: ids(prompt, rejected).completion,
    })),
  }
  writeFileSync(path.join(folder, 'given.json'), JSON.stringify(given))
  writeFileSync(path.join(folder, 'way.json'), JSON.stringify({ start: 'small' }))
}

async function show(name: string, seeds: number): Promise<void> {
  const { metric, train } = ways[name]!
  for (let seed = 1; seed <= seeds; seed++) {
    const values: number[] = []
    for await (const event of train(seed))
      if (event.kind === 'update') values.push(event.values[metric] as number)
    console.log(JSON.stringify({ seed, values }))
  }
}

const [what, name = '', seeds = '5'] = process.argv.slice(2)
if (what === 'write') await write(name)
else await show(name, Number(seeds))
