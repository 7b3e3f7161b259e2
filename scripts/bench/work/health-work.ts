/**
 * How often each health rule speaks where nothing is wrong: 20 runs each of PPO, GRPO, online DPO and DPO, each from a
 * start of its own, small enough to take seconds. They learn a rule that can be learned, are held to their start, and
 * are watched by a rule that agrees with it. Writes one line of JSON a rule: in how many of the runs that measure what
 * it reads it spoke. `node scripts/health-rates.mjs` prints the table.
 */
import { compiledEngine } from '../../../src-main/compute/cpu/compile'
import { seeded } from '../../../src-main/maths/random'
import { createLanguageModel } from '../../../src-main/model/language-model'
import type { LanguageModel } from '../../../src-main/model/model'
import { trainCharacterTokenizer } from '../../../src-main/model/tokenizers/character'
import type { ScoredText } from '../../../src-main/rewards/reward'
import type { OpenTerm } from '../../../src-main/rewards/terms'
import { trainDpo } from '../../../src-main/trainers/dpo'
import { trainGrpo } from '../../../src-main/trainers/grpo'
import { healthRules } from '../../../src-main/trainers/health/rules'
import { trainOnlineDpo } from '../../../src-main/trainers/online-dpo'
import { trainPpo } from '../../../src-main/trainers/ppo'
import { trainSft } from '../../../src-main/trainers/sft'
import type { TrainerEvent } from '../../../src-main/trainers/trainer'
import { defaultsOf } from '../../../src-shared/fields'
import { dpoFields } from '../../../src-shared/recipes/dpo'
import { grpoFields } from '../../../src-shared/recipes/grpo'
import { onlineDpoFields } from '../../../src-shared/recipes/online-dpo'
import { ppoFields } from '../../../src-shared/recipes/ppo'
import { sftFields } from '../../../src-shared/recipes/sft'

const runs = Number(process.argv[2] ?? 20)
const asked = process.argv[3]
const letters = 'abc '
const words = 6

/** Words of one letter, as many a's as the number wants of the others. */
function texts(count: number, seed: number, wanted = 1 / 3): readonly string[] {
  const random = seeded(seed, 'texts')
  const word = (): string => (random() < wanted ? 'a' : random() < 0.5 ? 'b' : 'c')
  return Array.from({ length: count }, () => Array.from({ length: words }, word).join(' '))
}

const shareIn = (text: string, letter: string): number =>
  text.split(' ').filter((word) => word === letter).length / words
const wantsA = ({ completion }: Pick<ScoredText, 'completion'>): number => shareIn(completion, 'a')
const noC = ({ completion }: Pick<ScoredText, 'completion'>): number => 1 - shareIn(completion, 'c')
/** Another who wants the same, and looks at the beginning only. */
const agrees = ({ completion }: Pick<ScoredText, 'completion'>): number =>
  shareIn(completion.slice(0, words), 'a')

const rewards: readonly OpenTerm[] = [
  { source: 'rule', place: 1, weight: 1, score: async (all) => all.map(wantsA) },
  { source: 'rule', place: 2, weight: 0.5, score: async (all) => all.map(noC) },
  { source: 'rule', place: 3, weight: 0, score: async (all) => all.map(agrees) },
]

async function last(trainer: AsyncGenerator<TrainerEvent>): Promise<LanguageModel> {
  let model: LanguageModel | undefined
  for await (const event of trainer)
    if (event.kind === 'update') model = event.snapshot().model as LanguageModel
  return model!
}

async function started(seed: number): Promise<LanguageModel> {
  const tokenizer = trainCharacterTokenizer([letters])
  const { vocabulary } = tokenizer
  const shape = {
    architecture: 'gpt',
    layers: 1,
    heads: 2,
    width: 16,
    contextTokens: 16,
    vocabulary,
    isTied: true,
  } as const
  const model = createLanguageModel(shape, tokenizer, seeded(seed, 'weights'))
  const settings = {
    ...defaultsOf(sftFields),
    seed,
    epochs: 8,
    batchExamples: 32,
    heldOutFraction: 0,
    learningRate: 1e-2,
    samplesEvery: 1000,
  }
  return last(
    trainSft(
      compiledEngine({ threads: 1 }),
      model,
      texts(400, seed).map((completion) => ({ prompt: '', completion })),
      settings,
    ),
  )
}

const drawing = {
  updates: 60,
  maxTokens: 12,
  learningRate: 5e-4,
  klBeta: 0.05,
  noEndPenalty: 0,
  samplesEvery: 1000,
}

type Training = (policy: LanguageModel, seed: number) => AsyncGenerator<TrainerEvent>
const trainings: Readonly<Record<string, Training>> = {
  PPO: (policy, seed) =>
    trainPpo(
      compiledEngine({ threads: 1 }),
      { policy, rewards, prompts: [] },
      {
        ...defaultsOf(ppoFields),
        ...drawing,
        seed,
        completions: 64,
        minibatches: 2,
        criticWarmup: 5,
        criticLearningRate: 5e-3,
      },
    ),
  GRPO: (policy, seed) =>
    trainGrpo(
      compiledEngine({ threads: 1 }),
      { policy, rewards, prompts: [] },
      { ...defaultsOf(grpoFields), ...drawing, seed, groups: 8, groupSize: 8, epochs: 1, minibatches: 1 },
    ),
  'online DPO': (policy, seed) =>
    trainOnlineDpo(
      compiledEngine({ threads: 1 }),
      { policy, rewards, prompts: [] },
      {
        ...defaultsOf(onlineDpoFields),
        ...drawing,
        seed,
        groups: 32,
        groupSize: 2,
        epochs: 1,
        minibatches: 1,
      },
    ),
  DPO: (policy, seed) =>
    trainDpo(compiledEngine({ threads: 1 }), { policy, pairs: judged(seed) }, dpoSettings(seed)),
}

/** Pairs of the start's own kind of texts; of ties nothing is said. */
const judged = (seed: number) =>
  texts(400, seed + 1000).flatMap((first, index, all) => {
    const second = all[(index + 1) % all.length]!
    const lead = shareIn(first, 'a') - shareIn(second, 'a')
    if (index % 2 === 1 || lead === 0) return []
    const [chosen, rejected] = lead > 0 ? [first, second] : [second, first]
    return [{ prompt: '', chosen, rejected, margin: 1 }]
  })

const dpoSettings = (seed: number) => ({
  ...defaultsOf(dpoFields),
  seed,
  batchPairs: 16,
  epochs: 4,
  learningRate: 5e-4,
  samplesEvery: 1000,
})

/** What a run measured, and what it warned of. */
async function heard(trainer: AsyncGenerator<TrainerEvent>) {
  const measured = new Set<string>()
  const said: string[] = []
  for await (const event of trainer) {
    if (event.kind === 'update') Object.keys(event.values).forEach((name) => measured.add(name))
    if (event.kind === 'log' && event.level === 'alarm') said.push(event.text)
  }
  return { measured, said }
}

const rules = healthRules(['reward/judge'])
const found = rules.map(({ name }) => ({ rule: name, runs: 0, where: [] as string[] }))
for (const [algorithm, training] of Object.entries(trainings).filter(
  ([name]) => asked === undefined || name === asked,
))
  for (let seed = 1; seed <= runs; seed++) {
    const { measured, said } = await heard(training(await started(seed), seed))
    for (const [index, { reads, advice }] of rules.entries()) {
      if (!reads.every((name) => measured.has(name))) continue
      found[index]!.runs++
      if (said.some((text) => text.endsWith(advice))) found[index]!.where.push(`${algorithm} ${seed}`)
    }
  }
for (const each of found) console.log(JSON.stringify({ ...each, spoke: each.where.length }))
