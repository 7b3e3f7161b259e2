/** What `demo --all` runs: the whole comparison, or a small one with the same algorithms. */
import type { SettingsValues } from '../../../src-shared/fields'
import { recipeOf, type RecipeName } from '../../../src-shared/recipes/recipes'
import { sftFields } from '../../../src-shared/recipes/sft'
import { parsedSettings } from '../plan'
import { algorithms, type Algorithm } from './algorithms'

export interface FrontierPlan {
  readonly sft: SettingsValues
  /** Each algorithm trains once by each. */
  readonly seeds: readonly number[]
  readonly algorithms: readonly Algorithm[]
  /** Completions that each policy is measured on. */
  readonly texts: number
  /** Completions of the fine-tuned model: what ceiling and best-of-n line are made from, and the pairs. */
  readonly pool: number
}

/**
 * How texts are drawn, in training and when they are measured: from the whole distribution, so that the KL that is
 * shown is that of what was drawn.
 */
export const frontierSampling = { temperature: 1, topK: 0, topP: 1, maxTokens: 64 } as const

/** Rollouts of an algorithm that costs as much as GRPO, and the rest of what makes it long. */
const sizes = {
  full: { seeds: 3, rollouts: 120, texts: 1000, pool: 8192, sftEpochs: 8, epochs: 3 },
  quick: { seeds: 1, rollouts: 24, texts: 500, pool: 2048, sftEpochs: 4, epochs: 2 },
} as const
/** At the ceiling a nat is worth this between one and two nats: where the aim is. */
const klBeta = 0.1
/** Policies on an algorithm's way that are measured, its last among them. */
const measuredOnTheWay = 3

export interface FrontierWish {
  readonly seed: number
  readonly isQuick: boolean
  /** How many; without it as many as the size has. */
  readonly seeds?: number
  /** Names of algorithms; without it all. */
  readonly only?: readonly string[]
}

/** @throws Error in words when there is no such algorithm */
export function frontierPlan({ seed, isQuick, seeds, only }: FrontierWish): FrontierPlan {
  const size = sizes[isQuick ? 'quick' : 'full']
  const unknown = only?.find((name) => algorithms.every((each) => each.name !== name))
  if (unknown !== undefined)
    throw new Error(
      `There is no algorithm ${unknown} here; there are ${algorithms.map(({ name }) => name).join(', ')}.`,
    )
  const wanted = algorithms.filter(({ name }) => only?.includes(name) ?? true)
  return {
    sft: parsedSettings(sftFields, { label: '1', epochs: size.sftEpochs, seed }),
    seeds: Array.from({ length: seeds ?? size.seeds }, (_, index) => seed + index),
    algorithms: wanted.map((each) => ({ ...each, settings: settingsOf(each, size) })),
    texts: size.texts,
    pool: size.pool,
  }
}

/** Everything but the seed, parsed. */
function settingsOf(
  { recipe, settings, pairsInto, cost = 1 }: Algorithm,
  size: (typeof sizes)[keyof typeof sizes],
): SettingsValues {
  const updates = measuredOnTheWay * Math.round(size.rollouts / cost / measuredOnTheWay)
  const length = pairsInto
    ? { epochs: size.epochs }
    : {
        rewards: 'lexicon',
        updates,
        checkpointEvery: updates / measuredOnTheWay,
        ...warmupOf(recipe, updates),
      }
  const { fields } = recipeOf(recipe)
  // one pull for all that take it from the reward; in pairs β is a pull of another kind
  const pull = 'klBeta' in fields ? { klBeta } : {}
  const steps = 'klBeta' in fields && 'learningRate' in fields ? smallSteps(updates) : {}
  return parsedSettings(fields, { ...length, ...settings, ...pull, ...steps, samplesEvery: 1000 })
}

/**
 * At the recipes' 2e-4, which is made for few rollouts, RLOO's first moves the policy by 2.5 nats a text and the tenth
 * by 6, whence this pull does not bring it back to the ceiling in 60: it had 67 % of the gain at 6 nats, and at
 * 5e-5 has more at 2.3.
 */
const smallSteps = (updates: number): SettingsValues => ({
  learningRate: 5e-5,
  warmupUpdates: Math.max(1, Math.round(updates / 20)),
})

/** Rollouts for the critic alone: an eighth, for they are taken from the policy's. */
const warmupOf = (recipe: RecipeName, updates: number): SettingsValues =>
  recipe === 'ppo' ? { criticWarmup: Math.max(1, Math.round(updates / 8)) } : {}
