/** Tiny real models and runs that take a second. */
import { defaultsOf } from '../../src-shared/fields'
import { pretrainFields, type PretrainSettings } from '../../src-shared/recipes/pretrain'
import { sftFields, type SftSettings } from '../../src-shared/recipes/sft'
import { rewardFields, type RewardSettings } from '../../src-shared/recipes/reward-fields'
import { gkdFields, type GkdSettings } from '../../src-shared/recipes/gkd'
import { grpoFields, type GrpoSettings } from '../../src-shared/recipes/grpo'
import { ilqlFields, type IlqlSettings } from '../../src-shared/recipes/ilql'
import { nashMdFields, type NashMdSettings } from '../../src-shared/recipes/nash-md'
import { onlineDpoFields, type OnlineDpoSettings } from '../../src-shared/recipes/online-dpo'
import { rftFields, type RftSettings } from '../../src-shared/recipes/rft'
import { trpoFields, type TrpoSettings } from '../../src-shared/recipes/trpo'
import { ppoFields, type PpoSettings } from '../../src-shared/recipes/ppo'
import { compiledEngine } from '../../src-main/compute/cpu/compile'
import { seeded } from '../../src-main/maths/random'
import { trainCharacterTokenizer } from '../../src-main/model/tokenizers/character'
import { createLanguageModel } from '../../src-main/model/language-model'
import type { LanguageModel } from '../../src-main/model/model'
import type { Reward } from '../../src-main/rewards/reward'
import type { OpenTerm } from '../../src-main/rewards/terms'
import { trainSft } from '../../src-main/trainers/sft'
import type { Snapshot, TrainerEvent } from '../../src-main/trainers/trainer'

export const testEngine = () => compiledEngine({ threads: 1 })

/** One block, 16 channels, random weights. */
export function tinyModel(characters: string, contextTokens = 12, seed = 1): LanguageModel {
  const tokenizer = trainCharacterTokenizer([characters])
  return createLanguageModel(
    {
      architecture: 'gpt',
      layers: 1,
      heads: 2,
      width: 16,
      contextTokens,
      vocabulary: tokenizer.vocabulary,
      isTied: true,
    },
    tokenizer,
    seeded(seed, 'weights'),
  )
}

export const pretrainSettings = (settings: Partial<PretrainSettings>): PretrainSettings => ({
  ...defaultsOf(pretrainFields),
  layers: 1,
  heads: 2,
  width: 16,
  contextTokens: 12,
  batchRows: 8,
  updates: 6,
  warmupUpdates: 1,
  samplesEvery: 100,
  learningRate: 1e-2,
  ...settings,
})
export const sftSettings = (settings: Partial<SftSettings>): SftSettings => ({
  ...defaultsOf(sftFields),
  batchExamples: 8,
  epochs: 2,
  warmupUpdates: 1,
  samplesEvery: 100,
  learningRate: 1e-2,
  ...settings,
})
export const rewardSettings = (settings: Partial<RewardSettings>): RewardSettings => ({
  ...defaultsOf(rewardFields),
  batchPairs: 8,
  epochs: 2,
  warmupUpdates: 1,
  measureEvery: 100,
  learningRate: 1e-2,
  ...settings,
})
export const ppoSettings = (settings: Partial<PpoSettings>): PpoSettings => ({
  ...defaultsOf(ppoFields),
  completions: 16,
  minibatches: 2,
  epochs: 2,
  updates: 3,
  critic: 'separate',
  criticWarmup: 0,
  maxTokens: 8,
  warmupUpdates: 1,
  samplesEvery: 100,
  learningRate: 3e-3,
  ...settings,
})

export const grpoSettings = (settings: Partial<GrpoSettings>): GrpoSettings => ({
  ...defaultsOf(grpoFields),
  groups: 4,
  groupSize: 4,
  minibatches: 2,
  epochs: 2,
  updates: 3,
  maxTokens: 8,
  warmupUpdates: 1,
  samplesEvery: 100,
  learningRate: 3e-3,
  ...settings,
})

const ownCompletions = {
  groups: 8,
  groupSize: 4,
  epochs: 2,
  updates: 3,
  maxTokens: 8,
  warmupUpdates: 1,
  samplesEvery: 100,
  learningRate: 3e-3,
}
export const rftSettings = (settings: Partial<RftSettings>): RftSettings => ({
  ...defaultsOf(rftFields),
  ...ownCompletions,
  batchExamples: 4,
  ...settings,
})
export const onlineDpoSettings = (settings: Partial<OnlineDpoSettings>): OnlineDpoSettings => ({
  ...defaultsOf(onlineDpoFields),
  ...ownCompletions,
  minibatches: 2,
  ...settings,
})

export const nashMdSettings = (settings: Partial<NashMdSettings>): NashMdSettings => ({
  ...defaultsOf(nashMdFields),
  ...ownCompletions,
  groups: 16,
  epochs: 1,
  ...settings,
})

export const ilqlSettings = (settings: Partial<IlqlSettings>): IlqlSettings => ({
  ...defaultsOf(ilqlFields),
  batchExamples: 8,
  epochs: 2,
  warmupUpdates: 1,
  samplesEvery: 100,
  learningRate: 3e-3,
  ...settings,
})

export const trpoSettings = (settings: Partial<TrpoSettings>): TrpoSettings => ({
  ...defaultsOf(trpoFields),
  groups: 4,
  groupSize: 8,
  updates: 3,
  maxTokens: 8,
  samplesEvery: 100,
  klBeta: 0.01,
  ...settings,
})

export const gkdSettings = (settings: Partial<GkdSettings>): GkdSettings => ({
  ...defaultsOf(gkdFields),
  batchExamples: 8,
  updates: 6,
  maxTokens: 4,
  warmupUpdates: 1,
  samplesEvery: 100,
  learningRate: 3e-3,
  ...settings,
})

export type Update = Extract<TrainerEvent, { readonly kind: 'update' }>

/** Runs a trainer to its end, or until so many updates are done. */
export async function run(
  trainer: AsyncGenerator<TrainerEvent>,
  updates = Infinity,
): Promise<{
  readonly events: readonly TrainerEvent[]
  readonly updates: readonly Update[]
  readonly last: Snapshot
}> {
  const events: TrainerEvent[] = []
  let last: Snapshot | undefined
  for await (const event of trainer) {
    events.push(event)
    if (event.kind !== 'update') continue
    last = event.snapshot()
    if (event.step >= updates) break
  }
  if (!last) throw new Error('the trainer did no update')
  return { events, updates: events.filter((event) => event.kind === 'update'), last }
}

/** One reward that trains and one that watches. */
export const rewardedBy = (reward: Reward, judge: Reward = constant): readonly OpenTerm[] => [
  { source: 'reward-model', place: 1, weight: 1, score: reward },
  { source: 'wink', place: 1, weight: 0, score: judge },
]
const constant: Reward = async (texts) => texts.map(() => 0)

const letters = 'abc'

/** A model that writes two to four random letters of a, b and c, and ends. */
export async function fluentModel(): Promise<LanguageModel> {
  const texts = Array.from({ length: 81 }, (_, n) => ({
    prompt: '',
    completion: [0, 1, 2, 3]
      .slice(0, 2 + (n % 3))
      .map((place) => letters[Math.floor(n / 3 ** place) % 3])
      .join(''),
  }))
  return (
    await run(
      trainSft(testEngine(), tinyModel(letters), texts, sftSettings({ epochs: 20, heldOutFraction: 0 })),
    )
  ).last.model as LanguageModel
}

/** Every loss and metric of every update, in order. */
export const valuesOf = (updates: readonly Update[]) => updates.map((update) => update.values)
export const logsOf = (events: readonly TrainerEvent[]) =>
  events.flatMap((event) => (event.kind === 'log' ? [event.text] : []))
