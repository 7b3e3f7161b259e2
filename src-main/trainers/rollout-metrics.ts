/** What a rollout and the updates on it were like, in the metrics people see. */
import { distinct2 } from '../maths/distinct'
import { explainedVariance } from '../maths/explained-variance'
import { rewardMetricOf, type MetricName, type RewardMetricName } from '../../src-shared/metrics'
import type { Scores } from '../rewards/terms'
import type { Experience } from './ppo-batch'
import type { Drawn } from './rollout'
import type { MetricValues } from './trainer'

export interface RolloutScores {
  readonly scores: Scores
  readonly beta: number
  readonly noEndPenalty: number
  /** Whether each reward is brought to one deviation before they are added. */
  readonly areNormalised?: boolean
}

export function rolloutMetrics(
  rollout: readonly Drawn[],
  { scores, beta, noEndPenalty, areNormalised = false }: RolloutScores,
) {
  const count = rollout.length
  const completions = rollout.map((each) => each.completion)
  const reward = sum(scores.reward) / count
  const ended = completions.filter((each) => each.hasEnded).length / count
  const drift =
    sum(rollout.map(({ logProbs, referenceLogProbs }) => sum(logProbs) - sum(referenceLogProbs))) / count
  return {
    'reward/mean': reward,
    'reward/spread': Math.sqrt(variance(scores.reward)),
    ...(areNormalised ? {} : shareMetric(scores)),
    ...judgeMetric(scores, count),
    ...termMetrics(scores),
    ...scores.said?.(),
    'reward/objective': reward - beta * drift - noEndPenalty * (1 - ended),
    'kl/text': sum(rollout.map(({ kl }) => sum(kl))) / count,
    ...(completions[0]?.allowed && {
      'kl/drawn': sum(rollout.map(({ klDrawn }) => sum(klDrawn))) / count,
    }),
    'policy/entropy':
      sum(rollout.map(({ entropy }) => sum(entropy))) / sum(rollout.map(({ entropy }) => entropy.length)),
    'policy/kl-beta': beta,
    'text/length': sum(completions.map((each) => each.completionTokens)) / count,
    'text/ended': ended,
    'text/distinct-2': distinct2(completions.map((each) => each.text)),
  }
}

const judgeMetric = ({ judged }: Scores, count: number): { readonly 'reward/judge'?: number } =>
  judged ? { 'reward/judge': sum(judged) / count } : {}

/** How much of the variance of the weighted terms the largest makes, where several are trained on and any differ. */
function shareMetric({ terms }: Scores): { readonly 'reward/largest-share'?: number } {
  const trained = terms.filter(({ weight }) => weight !== 0)
  const variances = trained.map(({ weight, scores }) => weight ** 2 * variance(scores))
  const all = sum(variances)
  return trained.length > 1 && all > 0 ? { 'reward/largest-share': Math.max(...variances) / all } : {}
}

/** Each term by itself, where that says more than the reward and its judge do. */
function termMetrics({ terms }: Scores): Readonly<Partial<Record<RewardMetricName, number>>> {
  const trained = terms.filter(({ weight }) => weight !== 0)
  if (trained.length < 2 && terms.length - trained.length < 2) return {}
  return Object.fromEntries(
    terms.map(({ source, place, scores }) => [rewardMetricOf(source, place), sum(scores) / scores.length]),
  )
}

/** What the critic knew of the rollout. */
export function criticMetrics(rollout: readonly Experience[]): { readonly 'value/explained': number } {
  const values = rollout.flatMap((each) => [...each.values])
  const returns = rollout.flatMap((each) => [...each.returns])
  const everyToken = values.map(() => 1)
  return { 'value/explained': explainedVariance(values, returns, everyToken) }
}

/**
 * @param losses of a rollout's updates in order; the ratio is the first one's, all else their mean. What no
 *   update said is left out.
 */
export function lossMetrics(losses: readonly Readonly<Record<string, number>>[]): MetricValues {
  const means = Object.entries(meanOf).flatMap(([metric, name]) => {
    const said = losses.flatMap((each) => each[name] ?? [])
    return said.length > 0 ? [[metric, sum(said) / said.length]] : []
  })
  const ratio = losses[0]?.['largestRatio']
  return { ...Object.fromEntries(means), ...(ratio === undefined ? {} : { 'policy/ratio': ratio }) }
}

const meanOf = {
  'loss/policy': 'policy',
  'loss/value': 'value',
  'loss/pretraining': 'pretraining',
  'policy/clip-fraction': 'clipFraction',
  'policy/approx-kl': 'approximateKl',
  'optimizer/gradient-norm': 'gradientNorm',
} as const satisfies Partial<Record<MetricName, string>>

function variance(values: readonly number[]): number {
  const mean = sum(values) / values.length
  return sum(values.map((value) => (value - mean) ** 2)) / values.length
}

function sum(values: Iterable<number>): number {
  let total = 0
  for (const value of values) total += value
  return total
}
