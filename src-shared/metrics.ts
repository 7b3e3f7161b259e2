/**
 * Every metric there is: its unit, its direction, what it means and where it comes from. The group before the
 * slash is the chart it shares.
 */
import { judgeMetrics } from './judge-metrics'
import type { Metric } from './metric'
import { preferenceMetrics } from './preference-metrics'
import { rewardSources, rewardSourceNames, type RewardSourceName } from './rewards/rewards'

/** Terms of one source, one after the other: the first has the source's name alone. */
export const termPlaces = [1, 2, 3, 4, 5, 6, 7, 8] as const
export type TermPlace = (typeof termPlaces)[number]

export type RewardMetricName = `reward/${RewardSourceName}` | `reward/${RewardSourceName}-${TermPlace}`

/** @param place among the terms of the same source, from 1 */
export const rewardMetricOf = (source: RewardSourceName, place: TermPlace = 1): RewardMetricName =>
  place === 1 ? `reward/${source}` : `reward/${source}-${place}`

/** Of every term that a run can have. */
export const rewardMetricNames: readonly RewardMetricName[] = rewardSourceNames.flatMap((name) =>
  termPlaces.map((place) => rewardMetricOf(name, place)),
)

/** One for every term that a run can have: what it scores, by itself. */
const rewardMetrics = Object.fromEntries(
  rewardSourceNames.flatMap((name) =>
    termPlaces.map((place): [RewardMetricName, Metric] => [
      rewardMetricOf(name, place),
      {
        label: place === 1 ? rewardSources[name].title : `${rewardSources[name].title} ${place}`,
        unit: 'a completion',
        better: 'neither',
        doc: `Mean score of the completions of a rollout, before its weight. ${rewardSources[name].doc}`,
      },
    ]),
  ),
) as Readonly<Record<RewardMetricName, Metric>>

export const metrics = {
  'loss/train': {
    label: 'training',
    unit: 'nats a token',
    better: 'lower',
    doc: 'The trained objective, mean over the tokens of the batch.',
  },
  'loss/held-out': {
    label: 'held out',
    unit: 'nats a token',
    better: 'lower',
    doc: 'The same objective on examples that are never trained on.',
  },
  'loss/q': {
    label: 'Q',
    unit: 'reward²',
    better: 'lower',
    doc: 'Squared error of both Q of the tokens that came, against reward and the next value, mean over tokens (ILQL).',
  },
  ...preferenceMetrics,
  'accuracy/exact': {
    label: 'exactly right',
    unit: 'fraction',
    better: 'higher',
    doc: 'Held-out prompts, at most 500, whose likeliest completion is exactly that of the data, its end too.',
  },
  'reward/mean': {
    label: 'reward',
    unit: 'a completion',
    better: 'higher',
    doc: 'Mean reward of the completions of a rollout, before the KL and the no-end penalty.',
  },
  'reward/judge': {
    label: 'held-out judge',
    unit: 'a completion',
    better: 'higher',
    doc:
      'The same completions scored by a judge the policy is not trained on. When it falls while the reward ' +
      'rises, the reward is being gamed.',
  },
  'reward/objective': {
    label: 'objective',
    unit: 'a completion',
    better: 'higher',
    doc: 'Reward minus β · KL minus the no-end penalty: what PPO maximises.',
  },
  'reward/spread': {
    label: 'deviation',
    unit: 'a completion',
    better: 'neither',
    doc: 'Standard deviation of the reward over the completions of a rollout. Near 0 nothing tells them apart.',
  },
  'reward/largest-share': {
    label: 'largest term',
    unit: 'fraction',
    better: 'neither',
    doc:
      'Of several weighted rewards: how much of their variance over a rollout the largest makes. Near 1 the others ' +
      'hardly count.',
  },
  'reward/baseline': {
    label: 'baseline',
    unit: 'nats',
    better: 'neither',
    doc:
      'What KTO and BCO compare implicit rewards with: β · z₀, how far the policy has come from its reference on ' +
      'completions of other prompts; or the middle of good and bad rewards so far.',
  },
  'reward/equal-groups': {
    label: 'groups of equal rewards',
    unit: 'of groups',
    better: 'lower',
    doc: 'Groups whose completions all had the same reward: nothing is learned from them.',
  },
  'reward/preferred': {
    label: 'preferred',
    unit: 'fraction',
    better: 'higher',
    doc:
      'How probably the policy’s completion is preferred to that of the mixture of itself and the reference, mean ' +
      'over the rollout. Near one half where they are alike.',
  },
  ...rewardMetrics,
  ...judgeMetrics,
  'kl/text': {
    label: 'to the reference',
    unit: 'nats a text',
    better: 'neither',
    doc:
      'KL(π ‖ π_ref) of a whole completion from the full softmax at each visited token, mean over the ' +
      'rollout.',
  },
  'kl/drawn': {
    label: 'of what is drawn',
    unit: 'nats a text',
    better: 'neither',
    doc:
      'Where tokens are left out: the same KL over those that could be drawn, both models brought to sum 1 there. ' +
      'Between what each would draw by its own rule it would be infinite, as soon as one token is not in both.',
  },
  'kl/teacher': {
    label: 'to the teacher',
    unit: 'nats a token',
    better: 'lower',
    doc: 'KL(π ‖ teacher) at each token of an update’s texts, whichever way the two are compared in the loss.',
  },
  'policy/step-share': {
    label: 'of the whole step',
    unit: 'fraction',
    better: 'neither',
    doc:
      'TRPO: how much of the step to the edge of the trust region was taken. 0: none gained and stayed inside; the ' +
      'policy is as it was.',
  },
  'policy/chosen-drift': {
    label: 'chosen',
    unit: 'nats a text',
    better: 'neither',
    doc:
      'log π − log π_ref of chosen completions, mean over the batch. In DPO it often falls, too: what counts ' +
      'is that the rejected one falls more.',
  },
  'policy/rejected-drift': {
    label: 'rejected',
    unit: 'nats a text',
    better: 'lower',
    doc: 'log π − log π_ref of rejected completions, mean over the batch.',
  },
  'policy/chosen-log-prob': {
    label: 'chosen',
    unit: 'nats',
    better: 'higher',
    doc:
      'log π of chosen completions, mean over the batch: a token, in CPO of whole ones. Where no reference holds ' +
      'the policy, a steep fall means that it forgets how to write.',
  },
  'policy/rejected-log-prob': {
    label: 'rejected',
    unit: 'nats',
    better: 'lower',
    doc: 'The same of rejected completions.',
  },
  'policy/entropy': {
    label: 'entropy',
    unit: 'nats a token',
    better: 'neither',
    doc: 'Entropy of the sampling distribution, mean over the tokens of the rollout. A steep fall is collapse.',
  },
  'policy/clip-fraction': {
    label: 'clip fraction',
    unit: 'of tokens',
    better: 'neither',
    doc: 'Tokens whose probability ratio left 1 ± clip range (Schulman et al. 2017). Healthy below 0.2.',
  },
  'policy/ratio': {
    label: 'largest ratio',
    unit: 'ρ',
    better: 'neither',
    doc:
      'Largest |ρ − 1| + 1 of the rollout’s first update, where ρ must be exactly 1: the distribution ' +
      'trained is the one that was sampled.',
  },
  'policy/approx-kl': {
    label: 'to the rollout',
    unit: 'nats a token',
    better: 'neither',
    doc: '½ E[(log π − log π_old)²] over the update, how far one update moves the policy.',
  },
  'policy/kl-beta': {
    label: 'KL beta',
    unit: '',
    better: 'neither',
    doc:
      'Strength of the pull to the reference now; it moves when the KL target is on (Ziegler et al. 2019, ' +
      '§2.2).',
  },
  'loss/policy': {
    label: 'policy',
    unit: 'objective',
    better: 'lower',
    doc: 'Clipped surrogate (Schulman et al. 2017, Eq. 7), negated, mean over real tokens.',
  },
  'loss/pretraining': {
    label: 'pretraining',
    unit: 'nats a token',
    better: 'lower',
    doc: 'Of texts that the policy goes on reading while it learns from a reward (Ouyang et al. 2022, Eq. 2).',
  },
  'loss/value': {
    label: 'value',
    unit: 'return²',
    better: 'lower',
    doc: 'Half the squared error of the critic, clipped, mean over real tokens.',
  },
  'value/explained': {
    label: 'explained variance',
    unit: 'fraction',
    better: 'higher',
    doc:
      '1 − Var(return − value) / Var(return): what the critic knows of the returns. Below 0 it is worse ' +
      'than a constant.',
  },
  'text/length': {
    label: 'length',
    unit: 'tokens',
    better: 'neither',
    doc: 'Mean completion length, the end token not counted.',
  },
  'text/ended': {
    label: 'ended by itself',
    unit: 'fraction',
    better: 'neither',
    doc: 'Completions that wrote their end token before the limit.',
  },
  'text/distinct-2': {
    label: 'distinct-2',
    unit: 'fraction',
    better: 'higher',
    doc: 'Different word pairs over all word pairs of the rollout (Li et al. 2016). A fall is repetition.',
  },
  'optimizer/learning-rate': {
    label: 'learning rate',
    unit: '',
    better: 'neither',
    doc: 'Step size of this update.',
  },
  'optimizer/gradient-norm': {
    label: 'gradient norm',
    unit: '',
    better: 'neither',
    doc: 'Global norm of the gradient before clipping.',
  },
  'pace/tokens': {
    label: 'pace',
    unit: 'tokens a second',
    better: 'higher',
    doc: 'Tokens trained or sampled a second, measured by the process that trains.',
  },
} as const satisfies Record<string, Metric>

export type MetricName = keyof typeof metrics

export const metricNames = Object.keys(metrics) as readonly MetricName[]
export const isMetricName = (name: string): name is MetricName => Object.hasOwn(metrics, name)
