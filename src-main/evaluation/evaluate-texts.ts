/** What a set of completions is like, in numbers that stand with their uncertainty. */
import { distinct2 } from '../maths/distinct'
import { meanWithInterval, shareWithInterval, type Interval } from '../maths/interval'
import type { Reward, ScoredText } from '../rewards/reward'
import { jackknifed } from './jackknife'

export interface Evaluation {
  /** Mean reward. */
  readonly meanReward: number
  /** Share whose reward is at least 0.05: what VADER's authors call positive. */
  readonly positiveShare: number
  /** Share that the held-out judge scores above 0. */
  readonly judgeShare: number
  /**
   * Different word pairs over all word pairs of the whole set. It falls as a set grows: compare sets of one
   * size.
   */
  readonly distinct2: number
  /** Characters. */
  readonly meanLength: number
  readonly endedShare: number
  /** Share that stands word for word in the training texts. */
  readonly copiedShare: number
}

export interface EvaluatedWith {
  readonly reward: Reward
  readonly judge: Reward
  readonly trainingTexts: Iterable<string>
}

export type WithIntervals<T> = T & { readonly ci95: { readonly [K in keyof T]: Interval } }

/** Hutto & Gilbert 2014: compound from here on is positive. */
const positiveFrom = 0.05

/** @param texts completions as people read them; at least two */
export async function evaluateTexts(
  texts: readonly ScoredText[],
  { reward, judge, trainingTexts }: EvaluatedWith,
): Promise<WithIntervals<Evaluation>> {
  const rewards = await reward(texts)
  const judged = await judge(texts)
  const isCopied = copyFinder(trainingTexts, texts)
  const share = (isCounted: (place: number) => boolean) =>
    shareWithInterval(texts.filter((_, place) => isCounted(place)).length, texts.length)
  const meanReward = meanWithInterval(rewards)
  const positive = share((place) => (rewards[place] as number) >= positiveFrom)
  const liked = share((place) => (judged[place] as number) > 0)
  const different = jackknifed(
    texts.map((text) => text.completion),
    distinct2,
  )
  const length = meanWithInterval(texts.map(({ completion }) => [...completion].length))
  const ended = share((place) => texts[place]?.hasEnded === true)
  const copied = share((place) => isCopied(texts[place] as ScoredText))
  return {
    meanReward: meanReward.mean,
    positiveShare: positive.share,
    judgeShare: liked.share,
    distinct2: different.value,
    meanLength: length.mean,
    endedShare: ended.share,
    copiedShare: copied.share,
    ci95: {
      meanReward: meanReward.interval,
      positiveShare: positive.interval,
      judgeShare: liked.interval,
      distinct2: different.interval,
      meanLength: length.interval,
      endedShare: ended.interval,
      copiedShare: copied.interval,
    },
  }
}

/**
 * A text that ended is copied when it is a training text; one that was cut, when a training text begins with
 * it.
 */
export function copyFinder(
  trainingTexts: Iterable<string>,
  texts: readonly ScoredText[],
): (text: ScoredText) => boolean {
  const cutLengths = new Set(texts.filter((text) => !text.hasEnded).map((text) => text.completion.length))
  const whole = new Set<string>()
  const beginnings = new Set<string>()
  for (const text of trainingTexts) {
    whole.add(text)
    for (const length of cutLengths) if (length <= text.length) beginnings.add(text.slice(0, length))
  }
  return ({ completion, hasEnded }) => (hasEnded ? whole : beginnings).has(completion)
}
