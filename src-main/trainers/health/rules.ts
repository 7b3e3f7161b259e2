/**
 * The table of health rules: what goes wrong silently while a policy is trained, in plain words and with what to do.
 * A rule says what is seen, not what will come of it. `node scripts/health-rates.mjs` measures how often each
 * speaks where nothing is wrong (resources/docs/results.md).
 */
import type { MetricName } from '../../../src-shared/metrics'
import { window, type Course } from './course'

/** What a rule sees of the metrics that it reads. */
export interface Seen {
  /** Measurements so far, from 1: rollouts, or updates where nothing is drawn. */
  readonly step: number
  /** What was measured now. */
  value(name: MetricName): number
  course(name: MetricName): Course
}

export interface HealthRule {
  readonly name: string
  /** It is asked where all of these are measured. */
  readonly reads: readonly MetricName[]
  /** The measurement from which on it is asked. */
  readonly from: number
  /** What is wrong, in a sentence or two; undefined: nothing. */
  finds(seen: Seen): string | undefined
  readonly advice: string
}

/** Where rounding ends: log-probabilities of the same text by two graphs differ by a few millionths. */
const rounding = 1e-3
/** Measurements before which a course says nothing. */
const settled = 4
/** Falls that people see in the texts. */
const distinctFall = 0.15
const entropyLeft = 0.5
const lengthRange = 1.5
const leastTokens = 2
/** Share of the groups beyond which nearly all work is for nothing. */
const mostEqual = 0.9
/** What is left of the rewards' deviation when they hardly tell completions apart. */
const spreadLeft = 0.1
/** Share of the reward's variance beyond which the other terms are noise. */
const mostOfOne = 0.95
/** Rollouts after which a critic should be no worse than a constant, but for noise. */
const criticLearns = 30
const leastExplained = -0.05
/** Chosen completions have become ten times less probable. */
const chosenFall = Math.log(10)
/**
 * Deviations that a held-out reward must lie below its best, and the trained one above where it was then. With five,
 * flat curves of 300 rollouts that only wander do so in one run of a hundred.
 */
const fall = 5
const rise = 2

const two = (value: number): string => value.toFixed(2)
const three = (value: number): string => value.toFixed(3)
const percent = (share: number): string => `${Math.round(100 * share)} %`

const isRewardUp = (seen: Seen): boolean => seen.course('reward/mean').now > seen.course('reward/mean').began

/** Rows that see what cannot be, whatever the policy learned. */
const broken: readonly HealthRule[] = [
  {
    name: 'KL negative',
    reads: ['kl/text'],
    from: 1,
    finds: ({ value }) =>
      value('kl/text') < -rounding
        ? `KL to the reference is ${three(value('kl/text'))} nats a text, and a KL is never negative: it is ` +
          'measured between the wrong distributions, or the device computes wrong.'
        : undefined,
    advice: '`studio selftest` tries the device; stop the run.',
  },
  {
    name: 'KL before the first update',
    reads: ['kl/text'],
    from: 1,
    finds: ({ step, value }) =>
      step === 1 && value('kl/text') > rounding
        ? `KL to the reference is ${three(value('kl/text'))} nats a text before the first update, where it must be ` +
          '0: the policy does not start as its reference.'
        : undefined,
    advice: 'Start again from the checkpoint that is the reference.',
  },
  {
    name: 'ratio not 1 at the first update',
    reads: ['policy/ratio'],
    from: 1,
    finds: ({ value }) =>
      value('policy/ratio') > 1 + rounding
        ? `ρ reached ${three(value('policy/ratio'))} before the first update of a rollout, where it must be 1: ` +
          'what is trained is not the distribution that was sampled.'
        : undefined,
    advice: '`studio selftest` tries the device; where it is sound, please report this.',
  },
]

/** Rows that see what a policy learns that no one wanted. */
const drifting: readonly HealthRule[] = [
  {
    name: 'entropy collapse',
    reads: ['policy/entropy'],
    from: settled,
    finds: ({ course }) => {
      const { now, began } = course('policy/entropy')
      return now < entropyLeft * began
        ? `Entropy fell from ${two(began)} to ${two(now)} nats a token: the policy is collapsing onto few texts.`
        : undefined
    },
    advice: 'A smaller learning rate or a higher KL beta slows it.',
  },
  {
    name: 'texts repeat themselves',
    reads: ['reward/mean', 'text/distinct-2'],
    from: settled,
    finds: (seen) => {
      const { now, began } = seen.course('text/distinct-2')
      return isRewardUp(seen) && now < began - distinctFall
        ? `The reward rises while texts repeat themselves: distinct-2 fell from ${two(began)} to ${two(now)}.`
        : undefined
    },
    advice:
      'The reward may be gamed: look at the samples; a higher KL beta holds the policy closer to its reference.',
  },
  {
    name: 'length drift',
    reads: ['reward/mean', 'text/length'],
    from: settled,
    finds: (seen) => {
      const { now, began } = seen.course('text/length')
      const isOther = now > lengthRange * began || now < began / lengthRange
      return isRewardUp(seen) && isOther && Math.abs(now - began) > leastTokens
        ? `The reward rises while texts change their length: from ${began.toFixed(1)} to ${now.toFixed(1)} tokens.`
        : undefined
    },
    advice: 'If length is not what you want, watch or weigh the source “length”, or raise KL beta.',
  },
  {
    name: 'all-equal groups',
    reads: ['reward/equal-groups'],
    from: settled,
    finds: ({ course }) => {
      const { now } = course('reward/equal-groups')
      return now > mostEqual
        ? `In ${percent(now)} of the groups all completions have the same reward: next to nothing is learned.`
        : undefined
    },
    advice:
      'Ask prompts that are neither always nor never answered well, draw larger groups, or choose a reward that ' +
      'tells more apart.',
  },
  {
    name: 'reward saturated',
    reads: ['reward/mean', 'reward/spread'],
    from: settled,
    finds: (seen) => {
      const { now, began } = seen.course('reward/spread')
      return isRewardUp(seen) && now < spreadLeft * began
        ? `Completions hardly differ in reward any more: their deviation fell from ${three(began)} to ${three(now)}.`
        : undefined
    },
    advice: 'There is nothing left to learn from it: stop here, or choose harder prompts or a finer reward.',
  },
  {
    name: 'one reward dominating',
    reads: ['reward/largest-share'],
    from: settled,
    finds: ({ course }) => {
      const { now } = course('reward/largest-share')
      return now > mostOfOne
        ? `One reward makes ${percent(now)} of what tells completions apart: the others hardly count.`
        : undefined
    },
    advice: 'Lower its weight, or let GRPO normalise each reward by itself.',
  },
]

/** Rows that see what is not learned, or lost. */
const learning: readonly HealthRule[] = [
  {
    name: 'value explains nothing',
    reads: ['value/explained'],
    from: criticLearns,
    finds: ({ course }) => {
      const { now } = course('value/explained')
      return now < leastExplained
        ? `After ${criticLearns} rollouts the critic explains nothing of the returns: it is worse than a constant ` +
            `(explained variance ${two(now)}), and advantages are noise.`
        : undefined
    },
    advice: 'A longer critic warm-up or a higher critic learning rate helps; or GRPO, which needs no critic.',
  },
  {
    name: 'chosen log-probability falling',
    reads: ['policy/chosen-drift', 'policy/rejected-drift'],
    from: settled,
    finds: ({ course }) => {
      const [chosen, rejected] = [course('policy/chosen-drift').now, course('policy/rejected-drift').now]
      return chosen < -chosenFall
        ? `Chosen completions have become ${Math.exp(-chosen).toFixed(0)} times less probable than at the start ` +
            `(${two(chosen)} nats a text), rejected ones fell by ${two(-rejected)}: probability goes to texts that ` +
            'nobody judged.'
        : undefined
    },
    advice:
      'A share of imitation (SFT weight), a higher beta, APO or a smaller learning rate holds the chosen ones.',
  },
]

/** The alarm that counts. @param heldOut what is watched and not trained on */
export const heldOutRule = (heldOut: MetricName): HealthRule => ({
  name: 'held-out reward falling while the trained one rises',
  reads: [heldOut, 'reward/mean'],
  from: 2 * window,
  finds: ({ course }) => {
    const [watched, trained] = [course(heldOut), course('reward/mean')]
    const drop = watched.best - watched.recent
    const isFalling = drop > fall * watched.noise && drop > rounding * Math.abs(watched.best)
    const isRising = trained.recent - watched.trainedAtBest > rise * trained.noise
    return isFalling && isRising
      ? `The reward rises from ${two(watched.trainedAtBest)} to ${two(trained.recent)} while the held-out one falls ` +
          `from ${two(watched.best)} to ${two(watched.recent)}: the reward is being gamed.`
      : undefined
  },
  advice: 'Look at the samples; stop at the checkpoint before the fall, or raise KL beta.',
})

/** @param heldOut metrics of rewards that are watched and not trained on */
export const healthRules = (heldOut: readonly MetricName[]): readonly HealthRule[] => [
  ...broken,
  ...drifting,
  ...learning,
  ...heldOut.map(heldOutRule),
]
