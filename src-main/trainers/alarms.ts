/** Watches a PPO run for what goes wrong silently, and says it in plain words, once when it begins. */
import type { RolloutMetrics } from './rollout-metrics'

export type Watched = Pick<
  RolloutMetrics,
  'reward/mean' | 'reward/judge' | 'kl/text' | 'policy/entropy' | 'text/distinct-2'
> & { readonly 'policy/ratio'?: number; readonly 'reward/equal-groups'?: number }

export interface Watch {
  /** @param step rollouts done, from 1. @returns sentences, mostly none */
  see(step: number, values: Watched): readonly string[]
  /** All that it remembers, for a resumed run. */
  numbers(): Readonly<Record<string, number>>
}

/** Where rounding ends: log-probabilities of the same text by two graphs differ by a few millionths. */
const rounding = 1e-3
/** Rollouts that say where the run began, and weight of the newest rollout in what is followed. */
const firstRollouts = 3
const newest = 0.3
/** Falls that people see in the texts. */
const distinctFall = 0.15
const judgeFall = 0.1
const entropyLeft = 0.5
/** Share of the groups beyond which nearly all work is for nothing. */
const mostEqual = 0.9

const followed = [
  'reward/mean',
  'reward/judge',
  'policy/entropy',
  'text/distinct-2',
  'reward/equal-groups',
] as const
const prefix = 'watch/'

/** @param remembered the numbers of the run's last snapshot */
export function openWatch(remembered: Readonly<Record<string, number>> = {}): Watch {
  const memory: Record<string, number> = Object.fromEntries(
    Object.entries(remembered).filter(([name]) => name.startsWith(prefix)),
  )
  const recall = (name: string): number => memory[prefix + name] ?? 0
  const remember = (name: string, value: number): void => {
    memory[prefix + name] = value
  }
  return {
    see(step, values) {
      for (const name of followed) follow(name, step, values[name])
      const found = [...broken(step, values), ...(step > firstRollouts ? drifting(recall) : [])]
      const said = found.filter(({ name }) => recall(name) === 0).map(({ text }) => text)
      for (const name of alarmNames) remember(name, found.some((alarm) => alarm.name === name) ? 1 : 0)
      return said
    },
    numbers: () => ({ ...memory }),
  }

  /**
   * Keeps the mean of the first rollouts, a running mean, and the judge's highest with the reward it came
   * with.
   */
  function follow(name: (typeof followed)[number], step: number, value: number | undefined): void {
    if (value === undefined) return // no judge watches, there are no groups
    const began = step === 1 ? value : recall(`${name}/began`)
    if (step <= firstRollouts) remember(`${name}/began`, began + (value - began) / step)
    remember(
      `${name}/now`,
      step <= firstRollouts
        ? recall(`${name}/began`)
        : recall(`${name}/now`) + newest * (value - recall(`${name}/now`)),
    )
    if (name !== 'reward/judge' || (step > 1 && recall('reward/judge/now') <= recall('judge-best'))) return
    remember('judge-best', recall('reward/judge/now'))
    remember('judge-best-reward', recall('reward/mean/now'))
  }
}

interface Alarm {
  readonly name: (typeof alarmNames)[number]
  readonly text: string
}
const alarmNames = ['kl', 'ratio', 'distinct', 'judge', 'entropy', 'equal'] as const

const alarmIf = (isSo: boolean, name: Alarm['name'], text: string): readonly Alarm[] =>
  isSo ? [{ name, text }] : []

/** What cannot be, whatever the policy learned. */
function broken(step: number, values: Watched): readonly Alarm[] {
  const kl = values['kl/text']
  const ratio = values['policy/ratio'] ?? 1
  return [
    ...alarmIf(
      kl < -rounding,
      'kl',
      `KL to the reference is ${kl.toFixed(3)} nats a text, and a KL is never negative: it is measured ` +
        'between the wrong distributions.',
    ),
    ...alarmIf(
      step === 1 && kl > rounding,
      'kl',
      `KL to the reference is ${kl.toFixed(3)} nats a text before the first update, where it must be 0: ` +
        'the policy does not start as its reference.',
    ),
    ...alarmIf(
      ratio > 1 + rounding,
      'ratio',
      `ρ reached ${ratio.toFixed(3)} before the first update of a rollout, where it must be 1: what is ` +
        'trained is not the distribution that was sampled.',
    ),
  ]
}

/** What a policy learns that no one wanted. */
function drifting(recall: (name: string) => number): readonly Alarm[] {
  const now = (name: string): number => recall(`${name}/now`)
  const began = (name: string): number => recall(`${name}/began`)
  const isRewardUp = now('reward/mean') > began('reward/mean')
  return [
    ...alarmIf(
      isRewardUp && now('text/distinct-2') < began('text/distinct-2') - distinctFall,
      'distinct',
      'The reward rises while texts repeat themselves: distinct-2 fell from ' +
        `${began('text/distinct-2').toFixed(2)} to ${now('text/distinct-2').toFixed(2)}. The reward is ` +
        'being gamed; a higher KL beta holds the policy closer to its reference.',
    ),
    ...alarmIf(
      now('reward/mean') > recall('judge-best-reward') &&
        now('reward/judge') < recall('judge-best') - judgeFall,
      'judge',
      `The reward rises while the held-out judge falls, from ${recall('judge-best').toFixed(2)} to ` +
        `${now('reward/judge').toFixed(2)}. The reward is being gamed; look at the samples.`,
    ),
    ...alarmIf(
      now('policy/entropy') < entropyLeft * began('policy/entropy'),
      'entropy',
      `Entropy fell from ${began('policy/entropy').toFixed(2)} to ${now('policy/entropy').toFixed(2)} ` +
        'nats a token: the policy is collapsing onto few texts. A smaller learning rate or a higher KL ' +
        'beta slows it.',
    ),
    ...alarmIf(
      now('reward/equal-groups') > mostEqual,
      'equal',
      `In ${Math.round(100 * now('reward/equal-groups'))} % of the groups all completions have the same reward: ` +
        'next to nothing is learned. Ask prompts that are neither always nor never answered well, draw larger ' +
        'groups, or choose a reward that tells more apart.',
    ),
  ]
}
