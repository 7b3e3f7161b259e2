/** What the comparison of all algorithms leaves for machines: `frontier.json`. */
import type { SettingsValues } from '../../../src-shared/fields'
import type { RecipeName } from '../../../src-shared/recipes/recipes'
import { rewardAttained, type Attained } from '../../evaluation/attained'
import type { BestOfN } from '../../evaluation/best-of-n'
import { ceilingLine, exactBestOfNLine, type CeilingPoint } from '../../evaluation/ceiling'
import { mostRewardAt } from '../../maths/gibbs'
import { acrossSeeds, type AcrossSeeds } from './across-seeds'
import type { MeasuredPolicy } from './measured-policy'

export interface SeedWay {
  readonly seed: number
  /** Its policies in the order of training; the last is the trained one. */
  readonly policies: readonly MeasuredPolicy[]
}

export interface AlgorithmResult {
  readonly name: string
  readonly title: string
  readonly recipe: RecipeName
  /** All but the seed. */
  readonly settings: SettingsValues
  readonly ways: readonly SeedWay[]
  /** Why a seed has no way, in words. */
  readonly failures: readonly string[]
  readonly seconds: number
}

export interface FrontierReport {
  readonly sft: MeasuredPolicy
  readonly bestOfN: readonly BestOfN[]
  readonly ceiling: readonly CeilingPoint[]
  readonly algorithms: readonly SummedAlgorithm[]
  readonly texts: number
  readonly pool: number
  readonly pairs: number
  readonly seconds: number
  readonly seed: number
  readonly isQuick: boolean
  readonly device: string
  readonly programVersion: string
}

/** Where the aim is asked for, nats a text. */
export const aimedKls = [1, 2, 4] as const

export interface SummedAlgorithm extends AlgorithmResult {
  /** Of the last policies, over seeds. */
  readonly last: Readonly<Record<LastMeasure, AcrossSeeds>>
  /** What is gained over the fine-tuned model, of what the ceiling gains at the last policy's KL. */
  readonly shareAtOwnKl?: AcrossSeeds
  /** The same at each of `aimedKls`, by the best mixture of two policies on the way; absent where none goes so far. */
  readonly shareAt: Readonly<Record<string, AcrossSeeds>>
}

export const lastMeasures = [
  'meanReward',
  'klToSft',
  'judgeShare',
  'distinct2',
  'meanLength',
  'endedShare',
  'copiedShare',
] as const
export type LastMeasure = (typeof lastMeasures)[number]

/** Nearer to the start than this the ceiling gains no more than sampling errs: a share of it says nothing. */
const leastKl = 0.25

export type Lines = Pick<FrontierReport, 'bestOfN' | 'ceiling'>

export const linesOf = (rewards: readonly number[]): Lines => ({
  bestOfN: exactBestOfNLine(rewards),
  ceiling: ceilingLine(rewards),
})

/** @param rewards of the fine-tuned model's pool: what the ceiling is made from */
export function summed(result: AlgorithmResult, rewards: readonly number[]): SummedAlgorithm {
  const { ways } = result
  const start = mostRewardAt(rewards, 0) ?? 0
  const shareOf = (reward: number | undefined, kl: number): number | undefined => {
    const most = mostRewardAt(rewards, kl)
    return reward === undefined || most === undefined || kl < leastKl
      ? undefined
      : (reward - start) / (most - start)
  }
  const lasts = ways.flatMap(({ policies }) => policies.slice(-1))
  const last = Object.fromEntries(
    lastMeasures.map((measure) => [measure, acrossSeeds(lasts.map((each) => each[measure]))]),
  ) as SummedAlgorithm['last']
  const atOwn = acrossKnown(lasts.map(({ meanReward, klToSft }) => shareOf(meanReward, klToSft)))
  const at = (kl: number): AcrossSeeds | undefined =>
    acrossKnown(ways.map((way) => shareOf(rewardAttained(attainedOn(way, start), kl), kl)))
  return {
    ...result,
    last,
    ...(atOwn && { shareAtOwnKl: atOwn }),
    shareAt: Object.fromEntries(
      aimedKls.flatMap((kl) => {
        const share = at(kl)
        return share ? [[String(kl), share]] : []
      }),
    ),
  }
}

/** @param start mean reward of the fine-tuned model */
export const attainedOn = ({ policies }: SeedWay, start: number): readonly Attained[] => [
  { kl: 0, meanReward: start },
  ...policies.map(({ klToSft, meanReward }) => ({ kl: klToSft, meanReward })),
]

/** Undefined as soon as one seed knows nothing: a mean of the others would be of the luckier ones. */
function acrossKnown(values: readonly (number | undefined)[]): AcrossSeeds | undefined {
  const known = values.filter((value) => value !== undefined)
  return known.length === 0 || known.length < values.length ? undefined : acrossSeeds(known)
}
